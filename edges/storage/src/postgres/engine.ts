// PostgreSQL as a backend: a pool that writes, pools that only read, units in this process.
// Connections and sessions are the parts it puts together.
import { sql } from 'kysely'
import type { Backend, BackendSettings } from '../backend.ts'
import { createKysely, serialize } from '../dialect.ts'
import { beyondTenants } from '../tenant.ts'
import { callUnit, loadUnits, type Tx, type UnitHost, type Units } from '../unit.ts'
import { isConflict } from './faults.ts'
import { createPool } from './pool.ts'
import { createPoolSessions } from './sessions.ts'
import { raiseWall, type Wall } from './wall.ts'

export interface PostgresSettings extends BackendSettings {
  readonly poolSize: number
}

const writeStatementMs = 15_000
const readStatementMs = 120_000
const acquireMs = 5000
const maxRetries = 3

/** A read transaction sees one moment, as it does on SQLite. */
const readBegin = 'begin isolation level repeatable read read only'

/** Runs work again when it lost against another transaction; anything else it throws is final. */
const retrying = async <T>(work: () => Promise<T>): Promise<T> => {
  for (let retries = 0; ; retries++) {
    try {
      return await work()
    } catch (error) {
      if (retries === maxRetries || !isConflict(error)) throw error
    }
  }
}

export const openPostgres = async (url: string, settings: PostgresSettings): Promise<Backend> => {
  const { limitMs, poolSize, onSample } = settings
  const reading = { url, readOnly: true, statementMs: readStatementMs }
  const writers = createPool(poolSize, { url, readOnly: false, statementMs: writeStatementMs }, acquireMs)
  const readers = createPool(poolSize, reading, acquireMs)
  const quick = createPool(2, reading, acquireMs)
  const pools = [writers, readers, quick]
  let raised: Wall | undefined
  const wall = () => raised
  const reads = { begin: readBegin, limitMs: readStatementMs, wall }
  const db = createKysely('postgres', createPoolSessions(readers, reads))
  const writes = { begin: 'begin', limitMs, wall, onCommit: (ms: number) => onSample('commit_ms', ms) }
  const writing = createKysely('postgres', createPoolSessions(writers, writes))
  const write = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => retrying(() => writing.transaction().execute(work))

  await sql`select 1`.execute(db).catch((cause: unknown) => {
    const { host, pathname } = new URL(url)
    throw new Error(`cannot use the PostgreSQL database ${host}${pathname}`, { cause })
  })

  let units: Units = {}
  const shutdowns: (() => Promise<void>)[] = []
  const createHost = (unitSettings: unknown): UnitHost => ({
    engine: 'postgres',
    db,
    write,
    settings: unitSettings,
    sample: onSample,
    onShutdown: (work) => void shutdowns.push(work),
  })
  return {
    engine: 'postgres',
    db,
    quick: createKysely('postgres', createPoolSessions(quick, reads)),
    write,
    async loadUnits(module, unitSettings) {
      units = { ...units, ...(await loadUnits(module.href, createHost(unitSettings))) }
    },
    // On SQLite they run in another thread, where nobody's tenant follows them.
    callUnit: (name, input) => beyondTenants(() => callUnit(units, name, input)),
    async raiseWall(shared) {
      const standing = await write((tx) => serialize(tx, 'storage_migration').then(() => raiseWall(tx, shared)))
      if ('missing' in standing) return standing.missing
      raised = standing.wall
      return []
    },
    async backup() {
      throw new Error('back a PostgreSQL database up with pg_dump or a base backup')
    },
    waiting: () => pools.reduce((sum, pool) => sum + pool.waiting(), 0),
    async close() {
      for (const work of shutdowns) await work()
      for (const pool of pools) await pool.close()
    },
  }
}
