// The program of a database thread: one connection, sessions for the main thread, and, on the writer, the units.
// Opening files, running statements and keeping limits is done by the parts it puts together.
import { parentPort, workerData } from 'node:worker_threads'
import { createKysely } from '../dialect.ts'
import { createLock } from '../lock.ts'
import { packFault } from '../packed-fault.ts'
import type { Session } from '../session.ts'
import { callUnit, loadUnits, type UnitHost, type Units } from '../unit.ts'
import { type Core, createCore, type Table } from './core.ts'
import { openReader, openWriter } from './file.ts'
import type { Ask, Asked, Reply, Sample, ThreadSettings } from './messages.ts'
import { createRowSessions, createTableSessions } from './sessions.ts'

const { file, role, limitMs } = workerData as ThreadSettings
const port = parentPort
if (port === null) throw new Error('thread.ts is the program of a worker thread')

let samples: Sample[] = []
const sample = (name: string, value: number): void => {
  samples.push({ name, value })
}

const core: Core = createCore(
  role === 'writer'
    ? { open: () => openWriter(file), begin: 'begin immediate', onCommit: (ms) => sample('commit_ms', ms) }
    : { open: () => openReader(file), begin: 'begin' },
)
const lock = createLock()
const sessions = createTableSessions(core, lock, limitMs)
const leases = new Map<number, Session<Table, Table>>()

let units: Units = {}
let beside: Core | undefined
const shutdowns: (() => Promise<void>)[] = []

const createHost = (settings: unknown): UnitHost => {
  beside = createCore({ open: () => openReader(file), begin: 'begin' })
  const writer = createKysely('sqlite', createRowSessions(sessions))
  return {
    engine: 'sqlite',
    db: createKysely('sqlite', createRowSessions(createTableSessions(beside, createLock(), limitMs))),
    write: (work) => writer.transaction().execute(work),
    settings,
    sample,
    onShutdown: (work) => void shutdowns.push(work),
  }
}

const begin = async (lease: number): Promise<void> => {
  const session = await sessions.acquire()
  try {
    await session.begin()
    leases.set(lease, session)
  } catch (error) {
    session.release()
    throw error
  }
}

/** A lease ends with its commit or its rollback; a failed commit is followed by a rollback. */
const finish = async (lease: number, how: 'commit' | 'rollback'): Promise<void> => {
  const session = leases.get(lease)
  if (session === undefined && how === 'commit') throw new Error('the transaction has ended')
  if (session === undefined) return
  try {
    await session[how]()
  } finally {
    leases.delete(lease)
    session.release()
  }
}

const within = async (lease: number, work: (session: Session<Table, Table>) => Promise<Table>): Promise<Table> => {
  const leased = leases.get(lease)
  if (leased !== undefined) return work(leased)
  if (lease !== 0) throw new Error('the transaction has ended')
  const session = await sessions.acquire()
  try {
    return await work(session)
  } finally {
    session.release()
  }
}

const close = async (): Promise<void> => {
  for (const work of shutdowns) await work()
  const leave = await lock.acquire()
  beside?.close()
  if (role === 'writer') core.run('pragma wal_checkpoint(truncate)', [])
  core.close()
  leave()
}

const answer = async (ask: Ask): Promise<unknown> => {
  switch (ask.kind) {
    case 'begin':
      return begin(ask.lease)
    case 'commit':
    case 'rollback':
      return finish(ask.lease, ask.kind)
    case 'run':
      return within(ask.lease, (session) => session.run(ask.sql, ask.parameters))
    case 'bulk':
      return within(ask.lease, (session) => session.bulk(ask.plan, ask.rows))
    case 'load':
      units = { ...units, ...(await loadUnits(ask.href, createHost(ask.settings))) }
      return undefined
    case 'unit':
      return callUnit(units, ask.name, ask.input)
    case 'close':
      return close()
  }
}

const send = (reply: Reply): void => {
  samples = []
  port.postMessage(reply)
}

port.on('message', async ({ id, ask }: Asked) => {
  try {
    const value = await answer(ask)
    send({ id, ok: true, value, samples })
  } catch (error) {
    send({ id, ok: false, fault: packFault(error), samples })
  }
  if (ask.kind === 'close') port.close()
})
