// Heartbeats on kept mTLS connections beside an empty handler, what each costs the processor, and what it writes to disk.
// The body is that of a real machine (telemetry 10.2); every agent has sent one a minute for half an hour, as most ever have.
import { startHandler } from '../bare/bare.ts'
import { readCredentials } from '../bare/listener-options.ts'
import { createDice } from '../events/dice.ts'
import type { InventedAgent, JoinedAgent } from '../fleet/agents.ts'
import { accepted, type Crowd, gatherCrowd, heartbeatRequest, meetAll, openFor } from '../fleet/crowd.ts'
import { measureInSlices, type SaturatedSide, saturated, secondsInSlices } from '../harness/in-slices.ts'
import { type Cost, costOf, type Measured, ratesOf } from '../harness/measure.ts'
import type { Target } from '../harness/server.ts'
import type { Row } from '../report/row.ts'
import type { Traffic } from '../wire/closed-loop.ts'
import type { Connection } from '../wire/connection.ts'
import { percentile } from '../wire/latency.ts'
import { runOpenLoop } from '../wire/open-loop.ts'
import { askOnce } from './check-in.ts'
import type { Ground } from './ground.ts'
import type { Scale } from './scale.ts'

/** Each connection speaks for its share of the agents, one after the other. */
const createTurns = (agents: readonly InventedAgent[], connections: number) => {
  const turns = new Array<number>(connections).fill(0)
  const share = Math.floor(agents.length / connections)
  return (connection: number): InventedAgent => {
    const turn = turns[connection] ?? 0
    turns[connection] = turn + 1
    return agents[connection * share + (turn % share)] as InventedAgent
  }
}

/** So many heartbeats a second come from a hundred thousand agents that send one a minute. */
const fleetPerSecond = 100_000 / 60

/** What the heartbeats of such a fleet cost, each arriving at a moment of its own. */
interface Arriving extends Cost {
  readonly p99Ms: number
  /** For each. */
  readonly writtenBytes: number
}

interface Beating extends SaturatedSide {
  arrive(seconds: number): Promise<Arriving>
}

const beat = async (target: Target, { joined, agents }: Crowd, count: number): Promise<Beating> => {
  const connections = await openFor(target, joined, count)
  const agentOf = createTurns(agents, count)
  const traffic: Traffic = {
    next: (index) => heartbeatRequest(agentOf(index)),
    check: (_, reply) => accepted(reply),
  }
  const arriving = { perSecond: fleetPerSecond, warmUpSeconds: 0, dice: createDice(4) }
  return {
    ...saturated(target, connections, traffic),
    async arrive(seconds) {
      const fromBytes = target.writtenBytes()
      let latenciesMs: readonly number[] = []
      const cost = await costOf(target, async () => {
        ;({ latenciesMs } = await runOpenLoop(connections, traffic, { ...arriving, seconds }))
      })
      const writtenBytes = (target.writtenBytes() - fromBytes) / latenciesMs.length
      return { ...cost, writtenBytes, p99Ms: percentile(latenciesMs, 0.99) }
    },
  }
}

/** With papers of their own; the connections are opened with these in turn. */
const joinedAgents = 256

/** More than a core takes. */
const mostPerSecond = 24_000

/** An agent may send five heartbeats and then one in ten seconds, so it takes many to saturate a server. */
const agentsFor = (scale: Scale): number => {
  const lastsSeconds = scale.warmUpSeconds + secondsInSlices(scale)
  return Math.ceil((mostPerSecond * lastsSeconds) / (5 + lastsSeconds / 10))
}

const gather = (ground: Ground): Promise<Crowd> =>
  gatherCrowd(ground, { name: 'heartbeat', joined: joinedAgents, agents: agentsFor(ground.scale), hasPast: true })

const percentOfCore = ({ cpuSeconds, seconds }: Cost): number => (cpuSeconds / seconds) * 100

interface Beaten {
  /** All connections waiting: the real server, and the bare handler. */
  readonly flooded: readonly [Measured, Measured]
  /** At the rate of the fleet, likewise. */
  readonly arrived: readonly [Arriving, Arriving]
  readonly connections: number
}

const rowsOf = ({ agents }: Crowd, { flooded, arrived, connections }: Beaten): readonly Row[] => {
  const [real, bare] = flooded
  const [mine, most] = [ratesOf(real.requests, real), ratesOf(bare.requests, bare)]
  const common = { case: 'heartbeat', bars: [], notes: [] }
  return [
    {
      ...common,
      what: 'heartbeat on kept mTLS connections',
      unit: '/s',
      measured: mine.perCpuSecond,
      onTheClock: mine.perSecond,
      ceiling: { what: 'bare mTLS handler', value: most.perCpuSecond, onTheClock: most.perSecond },
      bars: [{ of: 'ratio', atLeast: 0.5 }],
      notes: [`${connections} connections, ${agents.length} agents, p99 ${real.p99Ms.toFixed(1)} ms`],
    },
    {
      ...common,
      what: '… of a core, for 100 000 agents at 60 s',
      unit: '%',
      measured: percentOfCore(arrived[0]),
      bars: [{ of: 'measured', atMost: 25 }],
      notes: [
        `each arriving at a moment of its own, p99 ${arrived[0].p99Ms.toFixed(1)} ms`,
        `the bare handler takes ${percentOfCore(arrived[1]).toFixed(1)} % for as many`,
      ],
    },
    {
      ...common,
      what: '… written to disk for each',
      unit: 'B',
      measured: arrived[0].writtenBytes,
      bars: [{ of: 'measured', atMost: 2048 }],
      notes: ['at that rate; log and checkpoints, as the kernel counts the bytes of the process'],
    },
  ]
}

export const runHeartbeat = async (ground: Ground): Promise<readonly Row[]> => {
  const crowd = await gather(ground)
  const { joined, agents } = crowd
  const { server, finish } = await ground.serve(crowd.dataDir)
  // A token is verified when it is met, and remembered; here each would be met within seconds, in life within a minute.
  ground.tell('meeting them')
  await meetAll(server, joined, agents)
  const [probe] = (await openFor(server, joined, 1)) as readonly [Connection]
  const replyText = (await askOnce(probe, heartbeatRequest(joined[0] as JoinedAgent))).body.toString()
  probe.close()
  const handler = await startHandler({ credentials: readCredentials(server.dataDir, server.ca), replyText })
  const { seconds, heartbeatConnections: connections } = ground.scale
  const sides = [await beat(server, crowd, connections), await beat(handler, crowd, connections)] as const
  ground.tell('sending as many as it takes')
  const flooded = await measureInSlices(...sides, ground.scale)
  ground.tell(`sending ${Math.round(fleetPerSecond)} a second`)
  const arrived = [await sides[0].arrive(seconds), await sides[1].arrive(seconds)] as const
  for (const side of sides) side.close()
  await finish(flooded[0].window)
  await handler.stop()
  return rowsOf(crowd, { flooded, arrived, connections })
}
