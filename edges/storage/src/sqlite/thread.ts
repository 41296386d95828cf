// The program of a database thread: one connection, sessions for the main thread, and, on the writer, the units.
// Opening files, running statements and keeping limits is done by the parts it puts together.
import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { createLock } from '../lock.ts'
import { packFault } from '../packed-fault.ts'
import { callUnit, loadUnits, type Units } from '../unit.ts'
import { type Core, type CoreSettings, createCore } from './core.ts'
import { openCheckpointer, openReader, openWriter } from './file.ts'
import { createLeases } from './leases.ts'
import { checkpointSql, readLogLength } from './log.ts'
import type { Ask, Asked, Reply, Sample, ThreadSettings } from './messages.ts'
import { createTableSessions } from './sessions.ts'

const { file, role, limitMs } = workerData as ThreadSettings
const port = parentPort
if (port === null) throw new Error('thread.ts is the program of a worker thread')

// Copying is for when nobody else wants the processor; on Linux, and only there, a priority is one thread's.
if (role === 'checkpointer' && process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

let samples: Sample[] = []
const sample = (name: string, value: number): void => void samples.push({ name, value })

const measureCommit = (commitMs: number): void => {
  sample('commit_ms', commitMs)
  try {
    sample('log_pages', readLogLength(core.run(checkpointSql('noop'), [])).pagesLeft)
  } catch {
    // A figure that cannot be had must not make a commit look failed.
  }
}

const reading: CoreSettings = { open: () => openReader(file), begin: 'begin' }
const roles: Record<ThreadSettings['role'], CoreSettings> = {
  reader: reading,
  checkpointer: { open: () => openCheckpointer(file), begin: 'begin' },
  writer: { open: () => openWriter(file), begin: 'begin immediate', onCommit: measureCommit },
}

const core: Core = createCore(roles[role])
const lock = createLock()
const sessions = createTableSessions(core, lock, limitMs)
const leases = createLeases(sessions)
const shutdowns: (() => Promise<void>)[] = []
let units: Units = {}

const load = async (href: string, settings: unknown): Promise<void> => {
  const { createHost } = await import('./host.ts')
  // The last one opened is the first one shut down.
  const onShutdown = (work: () => Promise<void>): void => void shutdowns.unshift(work)
  const host = createHost({ sessions, reading, limitMs, sample, onShutdown }, settings)
  units = { ...units, ...(await loadUnits(href, host)) }
}

const close = async (): Promise<void> => {
  for (const work of shutdowns) await work()
  const leave = await lock.acquire()
  if (role === 'writer') core.run(checkpointSql('truncate'), [])
  core.close()
  leave()
}

const answers: { [Kind in Ask['kind']]: (ask: Extract<Ask, { kind: Kind }>) => Promise<unknown> } = {
  begin: ({ lease }) => leases.begin(lease),
  commit: ({ lease }) => leases.finish(lease, 'commit'),
  rollback: ({ lease }) => leases.finish(lease, 'rollback'),
  run: ({ lease, sql, parameters }) => leases.within(lease, (session) => session.run(sql, parameters)),
  bulk: ({ lease, plan, tuples }) => leases.within(lease, (session) => session.bulk(plan, tuples)),
  load: ({ href, settings }) => load(href, settings),
  unit: ({ name, input }) => callUnit(units, name, input),
  close,
}

let replies: Reply[] = []

const flush = (): void => {
  const said = replies
  replies = []
  port.postMessage(said)
}

/** Everyone in a group is answered in one go, and a message costs more than an answer: so they go as one. */
const send = (reply: Reply): void => {
  samples = []
  if (replies.length === 0) process.nextTick(flush)
  replies.push(reply)
}

const serve = async ({ id, ask }: Asked): Promise<void> => {
  try {
    const value = await answers[ask.kind](ask as never)
    send({ id, ok: true, value, samples })
  } catch (error) {
    send({ id, ok: false, fault: packFault(error), samples })
  }
  if (ask.kind === 'close') process.nextTick(() => port.close())
}

port.on('message', (asked: readonly Asked[]) => asked.forEach((each) => void serve(each)))
