// SQLite as a backend: one thread that writes, some that read, and the backup.
// What runs in a thread is in thread.ts.
import { existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { backup, DatabaseSync } from 'node:sqlite'
import type { Backend, BackendSettings } from '../backend.ts'
import { createKysely } from '../dialect.ts'
import { createCheckpoints } from './checkpoints.ts'
import { claimFile } from './file.ts'
import type { ThreadSettings } from './messages.ts'
import { createPort, createPortSessions, type Port } from './port.ts'

// A long export or search may read for a while; it holds back only the log's recycling.
const readLimitMs = 120_000

/** Copies the whole database in one step, so that a busy writer cannot make it start over; the writer does not wait. */
export const copyDatabase = async (file: string, toFile: string): Promise<void> => {
  if (existsSync(toFile)) throw new Error(`backup to ${toFile}: the file exists already; name another one`)
  const partial = `${toFile}.partial`
  const source = new DatabaseSync(file, { readOnly: true })
  try {
    await rm(partial, { force: true })
    await (await open(partial, 'wx', 0o600)).close()
    await backup(source, partial, { rate: 0x7fffffff })
    await rename(partial, toFile)
  } catch (cause) {
    await rm(partial, { force: true })
    throw new Error(`backup to ${toFile}`, { cause })
  } finally {
    source.close()
  }
}

export const openSqlite = async (file: string, { limitMs, onSample }: BackendSettings): Promise<Backend> => {
  claimFile(file)
  const create = (role: ThreadSettings['role'], roleLimitMs: number): Port =>
    createPort({ file, role, limitMs: roleLimitMs }, take)
  const writer = create('writer', limitMs)
  const readers: [Port, ...Port[]] = [create('reader', readLimitMs), create('reader', readLimitMs)]
  const quick = create('reader', readLimitMs)
  const ports = [quick, ...readers, writer]
  function take(name: string, value: number): void {
    onSample(name, value)
    if (name === 'log_pages') checkpoints.consider(value)
  }
  // Readers find the file in place once the writer has answered.
  await writer.ask({ kind: 'run', lease: 0, sql: 'select 1', parameters: [] })
  // Closed after every connection: letting go of any descriptor lets go of the locks this process has on the file.
  const descriptor = await open(file, 'r+')
  const copier = create('checkpointer', readLimitMs)
  const checkpoints = createCheckpoints({ copier, writer, sync: () => descriptor.datasync(), onSample })
  const writing = createKysely('sqlite', createPortSessions([writer]))
  return {
    engine: 'sqlite',
    db: createKysely('sqlite', createPortSessions(readers)),
    quick: createKysely('sqlite', createPortSessions([quick])),
    write: (work) => writing.transaction().execute(work),
    async loadUnits(module, settings) {
      await writer.ask({ kind: 'load', href: module.href, settings })
    },
    callUnit: (name, input, transfer) => writer.ask({ kind: 'unit', name, input }, transfer),
    backup: (toFile) => copyDatabase(file, toFile),
    waiting: () => ports.reduce((sum, port) => sum + port.waiting(), 0),
    async close() {
      await Promise.all([checkpoints, quick, ...readers].map((part) => part.close()))
      await writer.close()
      await descriptor.close()
    },
  }
}
