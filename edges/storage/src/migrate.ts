// Brings a database to what this code knows, forward only, in transactions of bounded length.
// Which tables there are is each room's business.
import { type Kysely, sql } from 'kysely'
import type { Backend } from './backend.ts'
import { serialize } from './dialect.ts'
import { ForeignDatabase, NewerDatabase } from './faults.ts'
import type { Engine } from './session.ts'
import type { Tx } from './unit.ts'

export interface Migration {
  /** Unique within the room and never changed once shipped; migrations run in the order of their list. */
  readonly name: string
  /**
   * One transaction, which may last as long as any other. What moves many rows does some of them, answers `more`, and is
   * called again in the next one; it goes on where it was when the server stopped meanwhile.
   */
  up(db: Kysely<any>, engine: Engine): Promise<void | 'more'>
}

export interface RoomMigrations {
  readonly room: string
  readonly migrations: readonly Migration[]
  /**
   * Tables without a tenant that the work of a tenant reads and writes all the same, and why that tells nothing of others.
   * Every other table that carries no `tenant_id` is out of its reach.
   */
  readonly shared?: Readonly<Record<string, string>>
}

interface Applied {
  readonly room: string
  readonly name: string
}

const keyOf = ({ room, name }: Applied): string => `${room}/${name}`

const ensureLedger = async (tx: Tx, engine: Engine): Promise<void> => {
  if (engine === 'postgres') {
    const { rows } = await sql<{ tables: number; ours: number }>`
      select count(*) as tables, count(*) filter (where tablename = 'storage_migration') as ours
      from pg_tables where schemaname = current_schema()`.execute(tx)
    if (rows[0] !== undefined && rows[0].tables > 0 && rows[0].ours === 0) throw new ForeignDatabase('this schema')
  }
  await tx.schema
    .createTable('storage_migration')
    .ifNotExists()
    .addColumn('room', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('storage_migration_pk', ['room', 'name'])
    .execute()
}

const readApplied = async (tx: Tx): Promise<ReadonlySet<string>> => {
  const rows = await tx.selectFrom('storage_migration').select(['room', 'name']).execute()
  return new Set(rows.map((row) => keyOf(row as Applied)))
}

/** Runs what is missing; two servers that start together take turns. */
export const migrate = async (
  backend: Backend,
  rooms: readonly RoomMigrations[],
  nowMs: () => number,
): Promise<void> => {
  const known = rooms.flatMap(({ room, migrations }) => migrations.map((migration) => ({ room, migration })))
  const names = new Set(known.map(({ room, migration }) => keyOf({ room, name: migration.name })))
  if (names.size !== known.length) throw new Error('two migrations of one room have the same name')
  const applied = await backend.write(async (tx) => {
    await serialize(tx, 'storage_migration')
    await ensureLedger(tx, backend.engine)
    return readApplied(tx)
  })
  for (const name of applied) if (!names.has(name)) throw new NewerDatabase()
  for (const { room, migration } of known) {
    if (applied.has(keyOf({ room, name: migration.name }))) continue
    while ((await apply(backend, room, migration, nowMs)) === 'more');
  }
}

const apply = (backend: Backend, room: string, migration: Migration, nowMs: () => number): Promise<'done' | 'more'> =>
  backend.write(async (tx) => {
    await serialize(tx, 'storage_migration')
    if ((await readApplied(tx)).has(keyOf({ room, name: migration.name }))) return 'done'
    if ((await migration.up(tx, backend.engine)) === 'more') return 'more'
    await tx.insertInto('storage_migration').values({ room, name: migration.name, applied_ms: nowMs() }).execute()
    return 'done'
  })
