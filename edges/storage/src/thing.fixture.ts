// A room for the storage's own tests: one table of every column type, and units that write to it.
// It is loaded in whichever thread the engine runs its units.
import { bulkFind, bulkInsert, bulkUpdate } from './bulk.ts'
import { columnTypes } from './dialect.ts'
import { createGroup } from './group.ts'
import type { RoomMigrations } from './migrate.ts'
import type { CreateUnits } from './unit.ts'

export const thingRoom: RoomMigrations = {
  room: 'thing',
  migrations: [
    {
      name: '001_thing',
      async up(db, engine) {
        const type = columnTypes(engine)
        await db.schema
          .createTable('thing')
          .addColumn('thing_no', type.key)
          .addColumn('device_no', type.int, (column) => column.notNull())
          .addColumn('event_id', type.text, (column) => column.notNull())
          .addColumn('note', type.text)
          .addColumn('weight', type.real)
          .addColumn('body', type.bytes)
          .execute()
        await db.schema.createIndex('thing_by_event').unique().on('thing').columns(['device_no', 'event_id']).execute()
      },
    },
  ],
}

const columns = { device_no: 'int', event_id: 'text', note: 'text?', weight: 'real?', body: 'bytes?' } as const
const key = { device_no: 'int', event_id: 'text' } as const

export interface Thing {
  readonly device_no: number
  readonly event_id: string
  readonly note: string | null
  readonly weight: number | null
  readonly body: Uint8Array | null
}

export const createThing = (event_id: string, more: Partial<Thing> = {}): Thing => ({
  device_no: 1,
  event_id,
  note: null,
  weight: null,
  body: null,
  ...more,
})

export const insertThings = bulkInsert({ into: 'thing', columns })
export const insertNewThings = bulkInsert({ into: 'thing', columns, onConflict: 'ignore' })
export const putThings = bulkInsert({
  into: 'thing',
  columns,
  onConflict: { on: ['device_no', 'event_id'], update: ['note', 'body'] },
})
export const putNeighbours = bulkInsert({
  into: 'thing',
  columns,
  onConflict: { on: ['device_no', 'event_id'], update: ['note', 'weight', 'body'] },
  neighbours: ['device_no', 'note'],
})
export const findThings = bulkFind({ from: 'thing', select: { thing_no: 'int', ...columns }, where: key })
export const noteThings = bulkUpdate({ table: 'thing', set: { note: 'text?' }, where: key })

/** What the group unit is given: a name to store, and what should go wrong. */
export interface StoreThing {
  readonly eventId: string
  readonly fail?: boolean
}

export const unitsModule = new URL(import.meta.url)

export const createUnits: CreateUnits<{ readonly greeting: string } | undefined> = (host) => {
  const store = createGroup<StoreThing, string>({
    maxItems: 100,
    onGroup: (items) => host.sample('group_items', items),
    run: (items) =>
      host.write(async (tx) => {
        if (items.some(({ fail }) => fail === true)) throw new Error('one of the group wants it to fail')
        const known = await findThings(
          tx,
          items.map(({ eventId }) => createThing(eventId)),
        )
        await insertNewThings(
          tx,
          items.map(({ eventId }) => createThing(eventId)),
        )
        return items.map(({ eventId }, index) => `${eventId} ${known[index] === undefined ? 'stored' : 'known'}`)
      }),
  })
  return {
    store,
    storeTogether: async (said: readonly StoreThing[]) =>
      (await Promise.allSettled(said.map(store))).map(({ status }) => status),
    greet: async (name: string) => `${host.settings?.greeting ?? 'hello'} ${name} on ${host.engine}`,
    count: async () => (await host.db.selectFrom('thing').select('thing_no').execute()).length,
    sizeOf: async (bytes: Uint8Array) => bytes.byteLength,
    roundTrip: (things: readonly Thing[]) =>
      host.write(async (tx) => {
        await insertThings(tx, things)
        return findThings(tx, things)
      }),
    breakKey: () => host.write((tx) => insertThings(tx, [createThing('twice'), createThing('twice')])),
  }
}
