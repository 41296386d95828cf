// Proves that every table of the product has a rule: it names its tenant and PostgreSQL keeps each tenant to its own
// rows, or it stands here with the reason why not. A table that joins fails until it has one.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { openStorage, type Storage, type Tx, withinTenant } from '@muster/storage'
import { createTestPlace, eachEngine, type TestPlace } from '@muster/storage/testing'
import { sql } from 'kysely'
import { rooms } from './open-storage.ts'

/** Open to the work of a tenant although it names none; each room says why. */
const shared = new Map(rooms.flatMap(({ shared: named = {} }) => Object.entries(named)))

/** Out of reach for the work of a tenant. */
const outOfReach: Readonly<Record<string, string>> = {
  identity_alive: 'when this installation could last hear its agents',
  identity_authority: 'the authorities of the installation; requests ask the memory of them',
  identity_outage: 'when this installation could not hear its agents',
  identity_token_key: 'keys of the installation; requests ask the memory of them',
  observe_holding_change: 'what the index of holdings still has to take in, of all tenants in one row',
  observe_leaving_name: 'names of all tenants that a sweep looks at',
  observe_sweep: 'which sweep is under way',
  server_probe: 'whether the database can be written at all',
  server_reply: 'sealed replies, found by whoever has the key before its request is anybody’s',
  storage_migration: 'what was done to the tables',
  storage_outbox_position: 'how far each consumer of the outbox is',
  telemetry_heartbeat: 'the log of all heartbeats; requests ask the unit that holds them',
  telemetry_mark: 'how far the log of heartbeats is packed',
}

interface Table {
  readonly name: string
  readonly columns: readonly string[]
}

/** Other databases of this server may be schemas beside this one. */
const loadTables = async ({ db, engine }: Storage): Promise<readonly Table[]> => {
  const { rows } = await (engine === 'sqlite'
    ? sql<{ name: string; columns: string }>`
        select held.name, group_concat(col.name) as columns from sqlite_master as held
        join pragma_table_info(held.name) as col where held.type = 'table' and held.name not like 'sqlite_%' group by 1`
    : sql<{ name: string; columns: string }>`
        select table_name as name, string_agg(column_name, ',') as columns from information_schema.columns
        where table_schema = current_schema() group by 1`
  ).execute(db)
  return rows.map(({ name, columns }) => ({ name, columns: columns.split(',') }))
}

const namesTenant = ({ columns }: Table): boolean => columns.includes('tenant_id')

/** The smallest row that the table takes, told apart from others by its number. */
const fill = async (tx: Tx, table: string, tenantId: string, no: number): Promise<void> => {
  const { rows } = await sql<{ name: string; type: string }>`
    select column_name as name, data_type as type from information_schema.columns
    where table_schema = current_schema() and table_name = ${table} and is_nullable = 'NO'`.execute(tx)
  const given = { bigint: no, bytea: Buffer.of(no), text: `${no}`, 'double precision': no } as Record<string, unknown>
  const row = Object.fromEntries(rows.map(({ name, type }) => [name, given[type]]))
  await tx
    .insertInto(table)
    .values({ ...row, tenant_id: tenantId })
    .execute()
}

eachEngine((engine) => {
  suite('tables', () => {
    let place: TestPlace
    let storage: Storage
    let tables: readonly Table[]

    before(async () => {
      place = await createTestPlace(engine)
      storage = await openStorage({ url: place.url, rooms })
      tables = await loadTables(storage)
    })
    after(async () => {
      await storage?.close()
      await place?.remove()
    })

    test('every table names its tenant, or why not is written down', () => {
      const others = tables.filter((table) => !namesTenant(table)).map(({ name }) => name)
      assert.deepEqual(others.toSorted(), [...shared.keys(), ...Object.keys(outOfReach)].toSorted())
      assert.ok(tables.filter(namesTenant).length > 40)
    })

    if (engine === 'sqlite') return

    test('of every table that names it a tenant sees its own rows, and writes no other', async () => {
      const own = tables.filter(namesTenant).map(({ name }) => name)
      await storage.write(async (tx) => {
        // The chain of the audit history takes no row that is not its next.
        await sql`set local session_replication_role = replica`.execute(tx)
        for (const table of own) {
          await fill(tx, table, 'a', 1)
          await fill(tx, table, 'b', 2)
          await fill(tx, table, 'c', 3)
        }
      })
      const count = async (table: string): Promise<unknown> =>
        (await sql<{ seen: number }>`select count(*) as seen from ${sql.table(table)}`.execute(storage.db)).rows[0]
          ?.seen
      // The audit history has triggers of its own that speak first.
      const refused =
        /violates row-level security policy|audit entries are never|checkpoint(s)? (must|are)|audit chain never/
      for (const table of own) {
        const seen = await withinTenant('a', () => count(table))
        assert.deepEqual([table, await count(table), seen], [table, 3, 1])
        const write = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => withinTenant('a', () => storage.write(work))
        const giveAway = (tx: Tx) => sql`update ${sql.table(table)} set tenant_id = 'd'`.execute(tx)
        await assert.rejects(write(giveAway), refused, table)
        await assert.rejects(
          write((tx) => fill(tx, table, 'b', 4)),
          refused,
          table,
        )
      }
    })

    test('what is out of reach is refused, and what is shared is not', async () => {
      const read = (table: string) => withinTenant('a', () => storage.db.selectFrom(table).selectAll().execute())
      for (const table of Object.keys(outOfReach)) await assert.rejects(read(table), /permission denied/, table)
      for (const table of shared.keys()) await assert.doesNotReject(read(table), table)
    })
  })
})
