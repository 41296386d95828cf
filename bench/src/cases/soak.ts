// Agents that send a heartbeat a minute, each on a connection it keeps, until the server is killed in the middle of them.
// What was acknowledged has to be there afterwards, and nothing twice: asked of the server on the wire, and of its log (telemetry 24).
import { setTimeout as wait } from 'node:timers/promises'
import { openStoppedStorage } from '@muster/server/testing'
import { readReceived } from '@muster/telemetry'
import type { InventedAgent, JoinedAgent } from '../fleet/agents.ts'
import { accepted, type Crowd, gatherCrowd, heartbeatRequest, openFor, shareOut } from '../fleet/crowd.ts'
import { type Beating, createBeating, type Diary } from '../fleet/diary.ts'
import { type Cost, costOf } from '../harness/measure.ts'
import type { Server } from '../harness/server.ts'
import type { Row } from '../report/row.ts'
import { type Connection, openConnection } from '../wire/connection.ts'
import { inTurns } from '../wire/in-turns.ts'
import { percentile } from '../wire/latency.ts'
import { keepPace } from '../wire/paced.ts'
import { askOnce } from './check-in.ts'
import type { Ground } from './ground.ts'
import { mostConnections } from './reconnect.ts'

const beatSeconds = 60
const joinedAgents = 16
const connectingAtOnce = 32
const repeatsAtOnce = 32
/** In the moment of the crash they come ten times as often, so that many are under way. */
const crash = { hurry: 10, afterMs: 3000, seconds: 10 }

interface Soaked extends Cost {
  readonly diary: Diary
  /** Those of the hurry at the end are not among them. */
  readonly latenciesMs: readonly number[]
  readonly residentBytes: readonly [number, number]
  readonly writtenBytes: number
}

const crashUnder = async (server: Server, beating: Beating, agents: number): Promise<void> => {
  let isDead = false
  const perSecond = (agents / beatSeconds) * crash.hurry
  const isOver = () => isDead || beating.hasFailed()
  const pace = keepPace(agents, { perSecond, seconds: crash.seconds, isOver }, beating.beat.bind(beating))
  await wait(crash.afterMs)
  beating.expectEnd()
  await server.crash()
  isDead = true
  await pace
}

/** A connection for each agent, on which it speaks at once, as agents do when they start. */
const connectAll = async (server: Server, { agents, joined }: Crowd): Promise<readonly Connection[]> => {
  const connections: Connection[] = []
  await inTurns(agents.length, connectingAtOnce, async (no) => {
    const connection = await openConnection(server, (joined[no % joined.length] as JoinedAgent).papers)
    accepted(await askOnce(connection, heartbeatRequest(agents[no] as InventedAgent)))
    connections[no] = connection
  })
  return connections
}

const soak = async ({ scale, tell }: Ground, server: Server, crowd: Crowd): Promise<Soaked> => {
  const { agents } = crowd
  tell(`connecting ${agents.length} agents`)
  const connections = await connectAll(server, crowd)
  const beating = createBeating(server, crowd, connections)
  const fromBytes = server.residentBytes()
  const fromWritten = server.writtenBytes()
  tell(`a heartbeat a minute of each, for ${scale.seconds} s`)
  const pace = { perSecond: agents.length / beatSeconds, seconds: scale.seconds, isOver: () => beating.hasFailed() }
  const cost = await costOf(server, () => keepPace(agents.length, pace, beating.beat.bind(beating)))
  const residentBytes = [fromBytes, server.residentBytes()] as const
  const writtenBytes = server.writtenBytes() - fromWritten
  await beating.settle()
  const latenciesMs = [...beating.diary.latenciesMs]
  tell(`p99 ${ms(percentile(latenciesMs, 0.99))} of ${latenciesMs.length}; killing the server`)
  await crashUnder(server, beating, agents.length)
  await beating.settle()
  for (const connection of connections) connection.close()
  return { ...cost, latenciesMs, diary: beating.diary, residentBytes, writtenBytes }
}

/** How many of the last acknowledged heartbeats a restarted server takes for new when they come again. */
const countForgotten = async (server: Server, crowd: Crowd, last: Diary['last']): Promise<number> => {
  const sent = last.filter((one) => one !== undefined)
  let forgotten = 0
  await shareOut(await openFor(server, crowd.joined, repeatsAtOnce), sent, async (connection, heartbeat) => {
    const { status, body } = await askOnce(connection, heartbeat)
    if (status !== 202) throw new Error(`a repeat was answered ${status}: ${body.toString()}`)
    if (!(JSON.parse(body.toString()) as { readonly duplicate: boolean }).duplicate) forgotten += 1
  })
  return forgotten
}

interface Kept {
  readonly lost: number
  readonly storedTwice: number
}

/** Reads the log of a stopped server, where every heartbeat of the last six hours is. */
const lookInLog = async (dataDir: string, { acknowledged }: Diary): Promise<Kept> => {
  const storage = await openStoppedStorage(dataDir)
  const stored = new Set<string>()
  let storedTwice = 0
  const range = { tenantId: 'default', fromNo: 0, throughNo: Number.MAX_SAFE_INTEGER }
  for await (const { payload } of readReceived(storage.db, range)) {
    const id = payload.heartbeat_id ?? ''
    if (stored.has(id)) storedTwice += 1
    stored.add(id)
  }
  await storage.close()
  return { lost: acknowledged.difference(stored).size, storedTwice }
}

const ms = (value: number): string => `${value.toFixed(1)} ms`
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`

const rowsOf = (agents: number, soaked: Soaked, kept: Kept & { readonly forgotten: number }): readonly Row[] => {
  const { diary, latenciesMs, seconds, cpuSeconds, residentBytes, writtenBytes } = soaked
  const { acknowledged, brokenConnections, heldBack, unanswered } = diary
  const at = (share: number): number => percentile(latenciesMs, share)
  const common = { case: 'soak', notes: [] }
  return [
    {
      ...common,
      what: `${agents} agents, a heartbeat a minute each, p99 acceptance`,
      unit: ' ms',
      measured: at(0.99),
      bars: [{ of: 'measured', atMost: 500 }],
      notes: [
        `${latenciesMs.length} heartbeats in ${Math.round(seconds)} s; p50 ${ms(at(0.5))}, p99.9 ${ms(at(0.999))}, slowest ${ms(at(1))}`,
        `${brokenConnections} connections broke and were opened again, ${heldBack} heartbeats were due before the last was answered`,
      ],
    },
    {
      ...common,
      what: '… of a core',
      unit: '%',
      measured: (cpuSeconds / seconds) * 100,
      bars: [],
      notes: [
        `${megabytes(residentBytes[0])} of memory at first, ${megabytes(residentBytes[1])} at last, ${Math.round(writtenBytes / latenciesMs.length)} bytes written to disk for each heartbeat`,
      ],
    },
    {
      ...common,
      what: '… acknowledged, and lost with kill -9',
      unit: '',
      measured: kept.lost + kept.forgotten,
      bars: [{ of: 'measured', atMost: 0 }],
      notes: [
        `${acknowledged.size} acknowledged, ${unanswered} not answered when the server was killed; ${kept.lost} not in the log`,
        `${kept.forgotten} of the last of each agent taken for new by the restarted server`,
      ],
    },
    { ...common, what: '… stored twice', unit: '', measured: kept.storedTwice, bars: [{ of: 'measured', atMost: 0 }] },
  ]
}

export const runSoak = async (ground: Ground): Promise<readonly Row[]> => {
  const agents = mostConnections(ground.scale.soakAgents)
  const crowd = await gatherCrowd(ground, { name: 'soak', joined: joinedAgents, agents, hasPast: false })
  const soaked = await soak(ground, (await ground.serve(crowd.dataDir)).server, crowd)
  const restarted = await ground.serve(crowd.dataDir)
  ground.tell('asking the restarted server')
  const forgotten = await countForgotten(restarted.server, crowd, soaked.diary.last)
  await restarted.finish()
  ground.tell('reading its log')
  const kept = await lookInLog(crowd.dataDir, soaked.diary)
  return rowsOf(agents, soaked, { ...kept, forgotten })
}
