// A crowd of telemetry agents on a data folder of its own: a few let in for real, the others made of one of them.
// What they are asked to do for a measurement is the cases' business.
import { openStoppedStorage } from '@muster/server/testing'
import { askOnce } from '../cases/check-in.ts'
import type { Ground } from '../cases/ground.ts'
import type { Server, Target } from '../harness/server.ts'
import { type Connection, openConnections, type Reply } from '../wire/connection.ts'
import { postRequest } from '../wire/request.ts'
import { type InventedAgent, type JoinedAgent, letInAgents } from './agents.ts'
import { inventHeartbeat } from './heartbeats.ts'
import { multiplyAgent } from './multiply.ts'
import { givePast } from './past.ts'

export interface Crowd {
  readonly dataDir: string
  /** Those that have papers of their own. */
  readonly joined: readonly JoinedAgent[]
  /** All, the joined ones first. */
  readonly agents: readonly InventedAgent[]
}

export interface CrowdPlan {
  readonly name: string
  readonly joined: number
  readonly agents: number
  /** Half an hour of heartbeats behind each. */
  readonly hasPast: boolean
}

export const heartbeatRequest = ({ agentId, token }: InventedAgent, body = inventHeartbeat(Date.now())): Buffer =>
  postRequest(`/api/v1/agents/${agentId}/telemetry/heartbeat`, body, [`Authorization: Bearer ${token}`])

export const accepted = ({ status, body }: Reply): void => {
  if (status !== 202 && status !== 200) throw new Error(`answered ${status}: ${body.toString()}`)
}

/** That many connections, with the papers of the joined ones in turn. */
export const openFor = (
  target: Target,
  joined: readonly JoinedAgent[],
  count: number,
): Promise<readonly Connection[]> =>
  openConnections(
    target,
    Array.from({ length: count }, (_, index) => (joined[index % joined.length] as JoinedAgent).papers),
  )

/** Every item on one of the connections, each of which takes its share, one after the other; closes them. */
export const shareOut = async <Item>(
  connections: readonly Connection[],
  items: readonly Item[],
  work: (connection: Connection, item: Item) => Promise<void>,
): Promise<void> => {
  await Promise.all(
    connections.map(async (connection, index) => {
      for (let at = index; at < items.length; at += connections.length) await work(connection, items[at] as Item)
    }),
  )
  for (const connection of connections) connection.close()
}

/** One heartbeat of each agent; each connection speaks for its share. */
export const meetAll = async (
  server: Server,
  joined: readonly JoinedAgent[],
  agents: readonly InventedAgent[],
): Promise<void> => {
  await shareOut(await openFor(server, joined, joined.length), agents, async (connection, agent) =>
    accepted(await askOnce(connection, heartbeatRequest(agent))),
  )
}

/** All of them active, on a server that is stopped. */
export const gatherCrowd = async ({ scratch, serve, tell }: Ground, plan: CrowdPlan): Promise<Crowd> => {
  const dataDir = scratch.fresh(plan.name)
  const { server, finish } = await serve(dataDir)
  tell(`letting in ${plan.joined} agents`)
  const joined = await letInAgents(server, plan.joined)
  // The first heartbeat of an agent makes it active.
  await meetAll(server, joined, joined)
  await finish()
  tell(`making ${plan.agents} agents of them`)
  const storage = await openStoppedStorage(dataDir)
  const more = await multiplyAgent(storage, dataDir, joined[0] as JoinedAgent, plan.agents - plan.joined)
  if (plan.hasPast) await givePast(storage, Date.now())
  await storage.close()
  return { dataDir, joined, agents: [...joined, ...more] }
}
