// Proves that PostgreSQL keeps a tenant's work to the tenant's rows, and that what serves everybody is not kept from any.
// Which table of the product has which rule is the server's test; that queries name their tenant is every room's.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import postgres from 'postgres'
import { bulkDelete, bulkFind, bulkInsert, bulkUpdate } from './bulk.ts'
import { createGroup } from './group.ts'
import type { Migration, RoomMigrations } from './migrate.ts'
import { openStorage, type Storage } from './open.ts'
import { lookAtWall } from './postgres/look.ts'
import { createSharedRun } from './shared-run.ts'
import { beyondTenants, withinTenant } from './tenant.ts'
import { createTestPlace, eachEngine, openTestStorage, type TestPlace } from './testing.ts'

const creating = (name: string, text: string): Migration => ({
  name,
  async up(db) {
    await sql.raw(`create table ${text}`).execute(db)
  },
})

const gearRoom: RoomMigrations = {
  room: 'gear',
  shared: { gear_box: 'it belongs to nobody' },
  migrations: [
    creating('part', 'gear_part (part_no bigint primary key, tenant_id text not null, note text)'),
    creating('box', 'gear_box (box_no bigint primary key)'),
    creating('ledger', 'gear_ledger (through_no bigint primary key)'),
  ],
}

const later: RoomMigrations = {
  ...gearRoom,
  migrations: [...gearRoom.migrations, creating('tool', 'gear_tool (tool_no bigint primary key, tenant_id text)')],
}

const key = { part_no: 'int' } as const
const insertParts = bulkInsert({ into: 'gear_part', columns: { ...key, tenant_id: 'text' } })
const findParts = bulkFind({ from: 'gear_part', select: { tenant_id: 'text' }, where: key })
const noteParts = bulkUpdate({ table: 'gear_part', set: { note: 'text' }, where: key })
const deleteParts = bulkDelete({ from: 'gear_part', where: key })

const tenantsSeen = async (db: Storage['db']): Promise<readonly string[]> => {
  const rows = await db.selectFrom('gear_part').select('tenant_id').distinct().orderBy('tenant_id').execute()
  return rows.map(({ tenant_id }) => String(tenant_id))
}

const violates = /violates row-level security policy/
const denied = /permission denied/

eachEngine((engine) => {
  /** What the wall leaves of both tenants' rows to the work of the first; SQLite has none. */
  const left = engine === 'postgres' ? ['a'] : ['a', 'b']
  let storage: Storage

  before(async () => {
    storage = await openTestStorage(engine, [gearRoom], { poolSize: 2 })
    await storage.write((tx) =>
      insertParts(tx, [
        { part_no: 1, tenant_id: 'a' },
        { part_no: 2, tenant_id: 'b' },
      ]),
    )
  })
  after(() => storage.close())

  const asTenant = <T>(work: () => Promise<T>): Promise<T> => withinTenant('a', work)

  test('a question, a reading transaction and a writing one see the rows of their tenant', async () => {
    assert.deepEqual(await asTenant(() => tenantsSeen(storage.db)), left)
    assert.deepEqual(await asTenant(() => tenantsSeen(storage.quick)), left)
    assert.deepEqual(await asTenant(() => storage.db.transaction().execute(tenantsSeen)), left)
    assert.deepEqual(await asTenant(() => storage.write(tenantsSeen)), left)
    assert.deepEqual(await tenantsSeen(storage.db), ['a', 'b'])
  })

  test('tenants that take turns on few connections never see each other', async () => {
    const asked = Array.from({ length: 60 }, (_, at) => ['a', 'b', 'nobody'][at % 3] as string)
    const seen = await Promise.all(asked.map((tenantId) => withinTenant(tenantId, () => tenantsSeen(storage.db))))
    for (const [at, tenantId] of asked.entries())
      assert.deepEqual(seen[at], engine === 'sqlite' ? ['a', 'b'] : tenantId === 'nobody' ? [] : [tenantId])
  })

  test('statements for many rows keep to their tenant too', async () => {
    const both = [{ part_no: 1 }, { part_no: 2 }]
    const found = await asTenant(() => findParts(storage.db, both))
    assert.deepEqual(
      found.flatMap((row) => row?.tenant_id ?? []),
      left,
    )
    const noted = await asTenant(() =>
      storage.write((tx) =>
        noteParts(
          tx,
          both.map((row) => ({ ...row, note: 'n' })),
        ),
      ),
    )
    assert.equal(noted, left.length)
  })

  test('work that serves everybody is not kept from anything, whoever set it going', async () => {
    let seen: readonly string[] = []
    const look = createSharedRun(async () => {
      seen = await tenantsSeen(storage.db)
    })
    const group = createGroup<number, readonly string[]>({
      maxItems: 10,
      run: async (items) => Promise.all(items.map(() => tenantsSeen(storage.db))),
    })
    await asTenant(look)
    assert.deepEqual(seen, ['a', 'b'])
    assert.deepEqual(await asTenant(() => group(1)), ['a', 'b'])
    assert.deepEqual(await asTenant(() => beyondTenants(() => tenantsSeen(storage.db))), ['a', 'b'])
  })

  if (engine === 'sqlite') return

  test('no row of another tenant can be written, taken or given away', async () => {
    const write = (statement: string) => asTenant(() => storage.write((tx) => sql.raw(statement).execute(tx)))
    await assert.rejects(write(`insert into gear_part values (3, 'b')`), violates)
    await assert.rejects(write(`update gear_part set tenant_id = 'b'`), violates)
    await assert.rejects(
      asTenant(() => storage.write((tx) => insertParts(tx, [{ part_no: 4, tenant_id: 'b' }]))),
      violates,
    )
    assert.equal((await write(`update gear_part set note = 'mine' where tenant_id = 'b'`)).numAffectedRows, 0n)
    assert.equal(await asTenant(() => storage.write((tx) => deleteParts(tx, [{ part_no: 2 }]))), 0)
    assert.deepEqual(await tenantsSeen(storage.db), ['a', 'b'])
  })

  test('a table of nobody is open where its room says so, and out of reach otherwise', async () => {
    assert.deepEqual(await asTenant(() => storage.db.selectFrom('gear_box').selectAll().execute()), [])
    await assert.rejects(
      asTenant(() => storage.db.selectFrom('gear_ledger').selectAll().execute()),
      denied,
    )
    await assert.rejects(
      asTenant(() => storage.write((tx) => sql`create table gear_more (n int)`.execute(tx))),
      denied,
    )
  })

  test('a connection is as good as new after a refusal', async () => {
    const settings = sql<{ tenant: string; changed: number }>`
      select coalesce(current_setting('muster.tenant', true), '') as tenant, current_user <> session_user as changed`
    for (let turn = 0; turn < 4; turn += 1) {
      await assert.rejects(
        asTenant(() => storage.db.selectFrom('gear_ledger').selectAll().execute()),
        denied,
      )
      assert.deepEqual((await settings.execute(storage.db)).rows, [{ tenant: '', changed: 0 }])
    }
  })

  test('a table that joins later is walled off when the server starts with it', async () => {
    const place = await createTestPlace('postgres')
    await (await openStorage({ url: place.url, rooms: [gearRoom] })).close()
    const grown = await openStorage({ url: place.url, rooms: [later] })
    await grown.write((tx) => sql`insert into gear_tool values (1, 'a'), (2, 'b')`.execute(tx))
    const tools = await asTenant(() => grown.db.selectFrom('gear_tool').select('tool_no').execute())
    assert.deepEqual(tools, [{ tool_no: 1 }])
    await grown.close()
    await place.remove()
  })
})

if (process.env['MUSTER_TEST_ENGINES'] !== 'sqlite') {
  /** A schema that an ordinary user owns, as an installation should have it. */
  const ownedPlace = async () => {
    const place = await createTestPlace('postgres')
    const user = `owner_${randomBytes(6).toString('hex')}`
    const admin = postgres(place.url, { max: 1, onnotice: () => {} })
    const [{ schema }] = (await admin`select current_schema() as schema`) as unknown as [{ schema: string }]
    const makeUser = (name: string) => admin.unsafe(`create role ${name} login password 'test'`)
    await makeUser(user)
    await admin.unsafe(`alter schema ${schema} owner to ${user}`)
    const urlOf = (name: string): string => {
      const url = new URL(place.url)
      return Object.assign(url, { username: name, password: 'test' }).href
    }
    const remove: TestPlace['remove'] = async () => {
      await place.remove()
      for (const role of [`${user}_tenant`, `${user}_other`, user]) await admin.unsafe(`drop role if exists ${role}`)
      await admin.end()
    }
    return { user, schema, say: (statement: string) => admin.unsafe(statement), makeUser, urlOf, remove }
  }

  test('an owner that may make no role says which statements are missing, and is walled off after them', async () => {
    const { user, say, urlOf, remove } = await ownedPlace()
    const bare = await openStorage({ url: urlOf(user), rooms: [gearRoom] })
    await bare.write((tx) => sql`insert into gear_part values (1, 'a'), (2, 'b')`.execute(tx))
    assert.deepEqual(await withinTenant('a', () => tenantsSeen(bare.db)), ['a', 'b'])
    assert.equal(bare.missingWall.length, 2)
    const unwalled = { role: `${user}_tenant`, stands: false, ownedByAnother: false }
    assert.deepEqual(await lookAtWall(urlOf(user)), { ...unwalled, missing: bare.missingWall })
    await bare.close()
    for (const statement of bare.missingWall) await say(statement)
    const storage = await openStorage({ url: urlOf(user), rooms: [gearRoom] })
    assert.deepEqual(storage.missingWall, [])
    assert.deepEqual(await lookAtWall(urlOf(user)), { ...unwalled, stands: true, missing: [] })
    assert.deepEqual(await withinTenant('a', () => tenantsSeen(storage.db)), ['a'])
    assert.deepEqual(await tenantsSeen(storage.db), ['a', 'b'])
    await storage.close()
    await remove()
  })

  test('an owner that may make roles makes its own', async () => {
    const { user, say, urlOf, remove } = await ownedPlace()
    await say(`alter role ${user} createrole`)
    const due = { role: `${user}_tenant`, stands: false, missing: [], ownedByAnother: false }
    assert.deepEqual(await lookAtWall(urlOf(user)), due)
    const storage = await openStorage({ url: urlOf(user), rooms: [gearRoom] })
    await storage.write((tx) => sql`insert into gear_part values (1, 'a'), (2, 'b')`.execute(tx))
    assert.deepEqual([storage.missingWall, await withinTenant('a', () => tenantsSeen(storage.db))], [[], ['a']])
    await storage.close()
    await remove()
  })

  test('a database that was restored without its grants gets them again', async () => {
    const { user, schema, say, urlOf, remove } = await ownedPlace()
    await say(`alter role ${user} createrole`)
    const before = await openStorage({ url: urlOf(user), rooms: [gearRoom] })
    await before.write((tx) => sql`insert into gear_part values (1, 'a'), (2, 'b')`.execute(tx))
    await before.close()
    await say(`revoke all on all tables in schema ${schema} from ${user}_tenant`)
    const storage = await openStorage({ url: urlOf(user), rooms: [gearRoom] })
    assert.deepEqual(await withinTenant('a', () => tenantsSeen(storage.db)), ['a'])
    await storage.close()
    await remove()
  })

  test('whoever puts the role on without naming a tenant sees nothing', async () => {
    const { user, schema, say, urlOf, remove } = await ownedPlace()
    await say(`alter role ${user} createrole`)
    const storage = await openStorage({ url: urlOf(user), rooms: [gearRoom] })
    await storage.write((tx) => sql`insert into gear_part values (1, 'a'), (2, 'b')`.execute(tx))
    await storage.close()
    await say(`set role ${user}_tenant`)
    assert.equal((await say(`select * from ${schema}.gear_part`)).length, 0)
    await say('reset role')
    await remove()
  })

  test('a user who is not the owner is told so, before it takes missing rows for none', async () => {
    const { user, schema, say, makeUser, urlOf, remove } = await ownedPlace()
    await say(`alter role ${user} createrole`)
    await (await openStorage({ url: urlOf(user), rooms: [gearRoom] })).close()
    const other = `${user}_other`
    await makeUser(other)
    await say(`grant all on schema ${schema} to ${other}`)
    await say(`grant all on all tables in schema ${schema} to ${other}`)
    assert.equal((await lookAtWall(urlOf(other))).ownedByAnother, true)
    await assert.rejects(openStorage({ url: urlOf(other), rooms: [gearRoom] }), { name: 'NotTheOwner' })
    await say(`drop owned by ${other}`)
    await remove()
  })
}
