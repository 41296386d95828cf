// Heartbeats on kept mTLS connections beside an empty handler, what each costs the processor, and what it writes to disk.
// The body is that of a real machine (telemetry 10.2); every agent has sent one a minute for half an hour, as most ever have.
import { openStoppedStorage } from '@muster/server/testing'
import { startHandler } from '../bare/bare.ts'
import { readCredentials } from '../bare/listener-options.ts'
import { type InventedAgent, type JoinedAgent, letInAgents } from '../fleet/agents.ts'
import { inventHeartbeat } from '../fleet/heartbeats.ts'
import { multiplyAgent } from '../fleet/multiply.ts'
import { givePast } from '../fleet/past.ts'
import { type Measured, ratesOf, saturate } from '../harness/measure.ts'
import type { Server, Target } from '../harness/server.ts'
import type { Row } from '../report/row.ts'
import { type Connection, openConnections, type Reply } from '../wire/connection.ts'
import { postRequest } from '../wire/request.ts'
import { askOnce } from './check-in.ts'
import type { Ground } from './ground.ts'
import type { Scale } from './scale.ts'

const heartbeatRequest = ({ agentId, token }: InventedAgent): Buffer =>
  postRequest(`/api/v1/agents/${agentId}/telemetry/heartbeat`, inventHeartbeat(Date.now()), [
    `Authorization: Bearer ${token}`,
  ])

const accepted = ({ status, body }: Reply): void => {
  if (status !== 202 && status !== 200) throw new Error(`answered ${status}: ${body.toString()}`)
}

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

const open = (target: Target, joined: readonly JoinedAgent[]): Promise<readonly Connection[]> =>
  openConnections(
    target,
    joined.map(({ papers }) => papers),
  )

/** One heartbeat of each agent; each connection speaks for its share. */
const hearAll = async (
  server: Server,
  joined: readonly JoinedAgent[],
  agents: readonly InventedAgent[],
): Promise<void> => {
  const connections = await open(server, joined)
  await Promise.all(
    connections.map(async (connection, index) => {
      for (let at = index; at < agents.length; at += connections.length)
        accepted(await askOnce(connection, heartbeatRequest(agents[at] as InventedAgent)))
    }),
  )
  for (const connection of connections) connection.close()
}

/** More than a core takes. */
const mostPerSecond = 9000

/** An agent may send five heartbeats and then one in ten seconds, so it takes many to saturate a server. */
const agentsFor = ({ warmUpSeconds, seconds }: Scale): number => {
  const lastsSeconds = warmUpSeconds + seconds
  return Math.ceil((mostPerSecond * lastsSeconds) / (5 + lastsSeconds / 10))
}

interface Crowd {
  readonly dataDir: string
  /** One for each connection, which speaks with its papers. */
  readonly joined: readonly JoinedAgent[]
  readonly agents: readonly InventedAgent[]
}

/** As many agents as the run needs, all of them active for half an hour, on a server that is stopped. */
const gather = async ({ scale, scratch, serve, tell }: Ground): Promise<Crowd> => {
  const { checkInConnections } = scale
  const agentCount = agentsFor(scale)
  const dataDir = scratch.fresh('heartbeat')
  const { server, finish } = await serve(dataDir)
  tell(`letting in ${checkInConnections} agents`)
  const joined = await letInAgents(server, checkInConnections)
  // The first heartbeat of an agent makes it active.
  await hearAll(server, joined, joined)
  await finish()
  tell(`making ${agentCount} agents of them`)
  const storage = await openStoppedStorage(dataDir)
  const more = await multiplyAgent(storage, dataDir, joined[0] as JoinedAgent, agentCount - checkInConnections)
  await givePast(storage, Date.now())
  await storage.close()
  return { dataDir, joined, agents: [...joined, ...more] }
}

interface Beaten extends Measured {
  readonly writtenBytes: number
}

const beat = async ({ scale }: Ground, target: Target, { joined, agents }: Crowd): Promise<Beaten> => {
  const connections = await open(target, joined)
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

export const runHeartbeat = async (ground: Ground): Promise<readonly Row[]> => {
  const crowd = await gather(ground)
  const { joined, agents } = crowd
  const { server, finish } = await ground.serve(crowd.dataDir)
  // A token is verified when it is met, and remembered; here each would be met within seconds, in life within a minute.
  ground.tell('meeting them')
  await hearAll(server, joined, agents)
  const [probe] = (await open(server, joined.slice(0, 1))) as readonly [Connection]
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
