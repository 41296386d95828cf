// The ledger's tables and the triggers that make the database itself refuse to change or lose an entry.
// What an entry means is the history's business.
import { columnTypes, type Engine, type RoomMigrations } from '@muster/storage'
import { type Kysely, sql } from 'kysely'
import type { LedgerTables } from './tables.ts'

type Schema = Kysely<LedgerTables>

const createTables = async (db: Schema, engine: Engine): Promise<void> => {
  const type = columnTypes(engine)
  await db.schema
    .createTable('ledger_entry')
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('seq', type.int, (column) => column.notNull())
    .addColumn('occurred_ms', type.int, (column) => column.notNull())
    .addColumn('actor_type', 'text', (column) => column.notNull())
    .addColumn('actor_id', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('target_type', 'text', (column) => column.notNull())
    .addColumn('target_id', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('prev_hash', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('ledger_entry_pk', ['tenant_id', 'seq'])
    .execute()
  await db.schema
    .createTable('ledger_head')
    .addColumn('tenant_id', 'text', (column) => column.primaryKey())
    .addColumn('seq', type.int, (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('ledger_checkpoint')
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('seq', type.int, (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('occurred_ms', type.int, (column) => column.notNull())
    .addColumn('made_ms', type.int, (column) => column.notNull())
    .addPrimaryKeyConstraint('ledger_checkpoint_pk', ['tenant_id', 'seq'])
    .execute()
}

/** One for each filter of the list that is selective; the primary key serves the list itself. */
const createIndexes = async (db: Schema): Promise<void> => {
  for (const name of ['action', 'actor_id', 'target_id'])
    await db.schema.createIndex(`ledger_entry_${name}`).on('ledger_entry').columns(['tenant_id', name, 'seq']).execute()
  await db.schema
    .createIndex('ledger_entry_occurred')
    .on('ledger_entry')
    .columns(['tenant_id', 'occurred_ms'])
    .execute()
}

const says = {
  entryUpdate: 'audit entries are never changed',
  entryDelete: 'an audit entry may only go once a checkpoint covers it',
  checkpointInsert: 'a checkpoint must name an entry and its hash',
  checkpointChange: 'checkpoints are never changed',
  headChange: 'the head of an audit chain never goes back',
  truncate: 'audit tables are never emptied',
}

const uncovered = 'not exists (select 1 from ledger_checkpoint where tenant_id = old.tenant_id and seq >= old.seq)'
const unfounded =
  'not exists (select 1 from ledger_entry where tenant_id = new.tenant_id and seq = new.seq and hash = new.hash)'
const backwards = 'new.seq < old.seq or new.tenant_id <> old.tenant_id'

/** Name, moment, table, the condition under which it is refused, and what is said then. */
const guards: readonly (readonly [string, string, string, string, string])[] = [
  ['ledger_entry_update', 'update', 'ledger_entry', 'true', says.entryUpdate],
  ['ledger_entry_delete', 'delete', 'ledger_entry', uncovered, says.entryDelete],
  ['ledger_checkpoint_insert', 'insert', 'ledger_checkpoint', unfounded, says.checkpointInsert],
  ['ledger_checkpoint_update', 'update', 'ledger_checkpoint', 'true', says.checkpointChange],
  ['ledger_checkpoint_delete', 'delete', 'ledger_checkpoint', 'true', says.checkpointChange],
  ['ledger_head_update', 'update', 'ledger_head', backwards, says.headChange],
  ['ledger_head_delete', 'delete', 'ledger_head', 'true', says.headChange],
]

const guardSqlite = async (db: Schema): Promise<void> => {
  for (const [name, moment, table, refused, said] of guards)
    await sql
      .raw(`create trigger ${name} before ${moment} on ${table} when ${refused}
        begin select raise(abort, '${said}'); end`)
      .execute(db)
}

const guardPostgres = async (db: Schema): Promise<void> => {
  for (const [name, moment, table, refused, said] of guards) {
    const kept = moment === 'delete' ? 'old' : 'new'
    await sql
      .raw(`create function ${name}() returns trigger language plpgsql as
        $$ begin if ${refused} then raise exception '${said}'; end if; return ${kept}; end $$`)
      .execute(db)
    await sql
      .raw(`create trigger ${name} before ${moment} on ${table} for each row execute function ${name}()`)
      .execute(db)
  }
  await sql
    .raw(`create function ledger_truncate() returns trigger language plpgsql as
      $$ begin raise exception '${says.truncate}'; end $$`)
    .execute(db)
  for (const table of ['ledger_entry', 'ledger_checkpoint', 'ledger_head'])
    await sql
      .raw(`create trigger ${table}_truncate before truncate on ${table} execute function ledger_truncate()`)
      .execute(db)
}

export const ledgerMigrations: RoomMigrations = {
  room: 'ledger',
  migrations: [
    {
      name: '001_chain',
      async up(db, engine) {
        await createTables(db, engine)
        await createIndexes(db)
        await (engine === 'sqlite' ? guardSqlite(db) : guardPostgres(db))
      },
    },
  ],
}
