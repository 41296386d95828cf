// Opens a storage: picks the engine, migrates, loads the units, and closes it all in order.
// What each engine does is in its folder; what is stored is the rooms' business.
import { type Clock, systemClock } from '@muster/kernel'
import type { Kysely, Transaction } from 'kysely'
import type { Backend } from './backend.ts'
import { StoreError } from './faults.ts'
import { createMeasures, type StorageMeasures } from './measures.ts'
import { migrate, type RoomMigrations } from './migrate.ts'
import { storageMigrations } from './migrations.ts'
import { openPostgres } from './postgres/engine.ts'
import type { Engine } from './session.ts'
import { openSqlite } from './sqlite/engine.ts'

export interface Storage<Tables = any> {
  readonly engine: Engine
  /** Reads, on connections that cannot write and that see committed rows only. */
  readonly db: Kysely<Tables>
  /** Point reads that must not wait behind a search, such as the device directory's: a reader of their own. */
  readonly quick: Kysely<Tables>
  /** PostgreSQL statements without which tenants are kept apart by queries alone; none where all is well. */
  readonly missingWall: readonly string[]
  /**
   * One write transaction; on disk when it resolves. SQLite runs one at a time; PostgreSQL runs them side by side at
   * read committed (see `serialize`) and runs `work` again, at most three times, after a deadlock or a serialization
   * failure. Rolled back when `work` throws or takes longer than `limitMs`. Do not call `write` within `work`.
   */
  write<T>(work: (tx: Transaction<Tables>) => Promise<T>): Promise<T>
  /** The unit of that name; its input and output are structured-cloneable. */
  unit<I, O>(name: string): (input: I, transfer?: readonly ArrayBuffer[]) => Promise<O>
  /** SQLite only: a consistent copy in a new file (0600) while writes go on. */
  backup(toFile: string): Promise<void>
  measure(): StorageMeasures
  /** Refuses new work, finishes what is under way, checkpoints, closes. */
  close(): Promise<void>
}

export interface StorageSettings {
  /** `sqlite:/path/to/file.db` or `postgres://user:password@host:port/database`. */
  readonly url: string
  readonly rooms: readonly RoomMigrations[]
  /** Modules that export `createUnits`; unit names are shared by all of them. */
  readonly units?: readonly URL[]
  /** Handed to every unit module; structured-cloneable. */
  readonly unitSettings?: unknown
  /** How long a transaction may stay open. */
  readonly limitMs?: number
  /** PostgreSQL: connections that write, and as many that read. */
  readonly poolSize?: number
  readonly clock?: Clock
  /** Told each figure as it is measured: `commit_ms`, and whatever units sample. */
  readonly onSample?: (name: string, value: number) => void
}

const openBackend = (settings: StorageSettings, onSample: (name: string, value: number) => void): Promise<Backend> => {
  const { url, limitMs = 5000, poolSize = 8 } = settings
  if (url.startsWith('sqlite:')) return openSqlite(url.slice('sqlite:'.length), { limitMs, onSample })
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(url, { limitMs, onSample, poolSize })
  throw new Error('the database is named sqlite:FILE or postgres://…')
}

/** Counts what is under way, refuses what comes after closing began. */
const createGate = () => {
  let open = true
  let inside = 0
  let emptied: (() => void) | undefined
  return {
    async pass<T>(work: () => Promise<T>): Promise<T> {
      if (!open) throw new StoreError('the store is closing', 'busy')
      inside++
      try {
        return await work()
      } finally {
        inside--
        if (inside === 0) emptied?.()
      }
    },
    async shut(): Promise<void> {
      open = false
      if (inside > 0) await new Promise<void>((resolve) => (emptied = resolve))
    },
  }
}

/** Throws NewerDatabase, ForeignDatabase, or an error that says which file or server could not be reached. */
export const openStorage = async <Tables = any>(settings: StorageSettings): Promise<Storage<Tables>> => {
  const { rooms, units = [], unitSettings, clock = systemClock } = settings
  const measures = createMeasures(settings.onSample)
  const all = [storageMigrations, ...rooms]
  const backend = await openBackend(settings, measures.sample)
  let missingWall: readonly string[] = []
  try {
    await migrate(backend, all, () => clock.nowMs())
    missingWall = (await backend.raiseWall?.(all.flatMap(({ shared = {} }) => Object.keys(shared)))) ?? []
    for (const module of units) await backend.loadUnits(module, unitSettings)
  } catch (error) {
    await backend.close()
    throw error
  }
  const gate = createGate()
  let closed: Promise<void> | undefined
  return {
    engine: backend.engine,
    db: backend.db,
    quick: backend.quick,
    missingWall,
    write: (work) => gate.pass(() => backend.write(work)),
    unit:
      <I, O>(name: string) =>
      (input: I, transfer: readonly ArrayBuffer[] = []) =>
        gate.pass(() => backend.callUnit(name, input, transfer) as Promise<O>),
    backup: (toFile) => gate.pass(() => backend.backup(toFile)),
    measure: () => measures.read(backend.waiting()),
    close: () => (closed ??= gate.shut().then(() => backend.close())),
  }
}
