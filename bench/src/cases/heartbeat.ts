// Heartbeats on kept mTLS connections beside an empty handler, what each costs the processor, and what it writes to disk.
// The body is that of a real machine (telemetry 10.2); every agent has sent one a minute for half an hour, as most ever have.
import { startHandler } from '../bare/bare.ts'
import { readCredentials } from '../bare/listener-options.ts'
import type { InventedAgent, JoinedAgent } from '../fleet/agents.ts'
import { accepted, type Crowd, gatherCrowd, heartbeatRequest, meetAll, openFor } from '../fleet/crowd.ts'
import { type Measured, ratesOf, saturate } from '../harness/measure.ts'
import type { Target } from '../harness/server.ts'
import type { Row } from '../report/row.ts'
import type { Connection } from '../wire/connection.ts'
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

interface Beaten extends Measured {
  readonly writtenBytes: number
}

const beat = async ({ scale }: Ground, target: Target, { joined, agents }: Crowd): Promise<Beaten> => {
  const connections = await openFor(target, joined, joined.length)
  const agentOf = createTurns(agents, joined.length)
  const fromBytes = target.writtenBytes()
  let sent = 0
  const next = (index: number): Buffer => {
    sent += 1
    return heartbeatRequest(agentOf(index))
  }
  const measured = await saturate(target, connections, { next, check: (_, reply) => accepted(reply) }, scale)
  for (const connection of connections) connection.close()
  return { ...measured, writtenBytes: (target.writtenBytes() - fromBytes) / sent }
}

/** More than a core takes. */
const mostPerSecond = 9000

/** An agent may send five heartbeats and then one in ten seconds, so it takes many to saturate a server. */
const agentsFor = ({ warmUpSeconds, seconds }: Scale): number => {
  const lastsSeconds = warmUpSeconds + seconds
  return Math.ceil((mostPerSecond * lastsSeconds) / (5 + lastsSeconds / 10))
}

const gather = (ground: Ground): Promise<Crowd> => {
  const { checkInConnections: joined } = ground.scale
  return gatherCrowd(ground, { name: 'heartbeat', joined, agents: agentsFor(ground.scale), hasPast: true })
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
  const real = await beat(ground, server, crowd)
  await finish(real.window)
  const handler = await startHandler({ credentials: readCredentials(server.dataDir, server.ca), replyText })
  const bare = await beat(ground, handler, crowd)
  await handler.stop()
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
      notes: [`${joined.length} connections, ${agents.length} agents, p99 ${real.p99Ms.toFixed(1)} ms`],
    },
    {
      ...common,
      what: '… of a core, for 100 000 agents at 60 s',
      unit: '%',
      measured: (100_000 / 60 / mine.perCpuSecond) * 100,
      bars: [{ of: 'measured', atMost: 25 }],
      notes: ['from the processor time of the row above'],
    },
    {
      ...common,
      what: '… written to disk for each',
      unit: 'B',
      measured: real.writtenBytes,
      bars: [{ of: 'measured', atMost: 2048 }],
      notes: ['log and checkpoints, as the kernel counts the bytes of the process'],
    },
  ]
}
