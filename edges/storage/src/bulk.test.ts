// Proves that bulk statements do on both engines what single statements would do in a loop.
// How fast they are is measured in the bench.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as fc from 'fast-check'
import { bulkDelete, bulkUpdate } from './bulk.ts'
import { isDuplicate } from './faults.ts'
import type { Storage } from './open.ts'
import { eachEngine, openTestStorage } from './testing.ts'
import {
  createThing,
  findThings,
  insertNewThings,
  insertThings,
  noteThings,
  putNeighbours,
  putThings,
  type Thing,
  thingRoom,
  unitsModule,
} from './thing.fixture.ts'

const texts = [
  '',
  'plain',
  'NULL',
  '{"a":[1,2]}',
  'back\\slash "quoted" {braces},',
  "it's",
  'zażółć 日本 🦊',
  'a\nb\tc',
]

const withoutNo = (row: Readonly<Record<string, unknown>>) => {
  const { thing_no: number, ...thing } = row
  assert.equal(typeof number, 'number')
  return thing
}

eachEngine((engine) => {
  let storage: Storage
  before(async () => {
    storage = await openTestStorage(engine, [thingRoom], { units: [unitsModule] })
  })
  after(() => storage.close())

  test('texts, numbers, blobs and nulls come back as they were given', async () => {
    const things = texts.map((text, index) =>
      createThing(`value ${index} ${text}`, {
        device_no: Number.MAX_SAFE_INTEGER - index,
        note: index === 1 ? null : text,
        weight: index === 2 ? null : index / 3 - 1e-9,
        body: index === 3 ? null : new Uint8Array([0, index, 255, 92, 34]),
      }),
    )
    assert.equal(await storage.write((tx) => insertThings(tx, things)), things.length)
    const found = await findThings(storage.db, things)
    assert.deepEqual(
      found.map((row) => withoutNo(row ?? {})),
      things,
    )
  })

  test('any text and any bytes survive', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((value) => !value.includes('\0'))
    const thing = fc.record({ note: fc.option(text), body: fc.option(fc.uint8Array({ maxLength: 40 })) })
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(thing, { maxLength: 20 }), async (given) => {
        round++
        const things = given.map((one, index) => createThing(`any ${round} ${index}`, one))
        await storage.write((tx) => insertThings(tx, things))
        const found = await findThings(storage.db, things)
        assert.deepEqual(
          found.map((row) => withoutNo(row ?? {})),
          things,
        )
      }),
      { numRuns: 25 },
    )
  })

  test('more rows than go into one statement are counted and found like few', async () => {
    for (const count of [31, 32, 33, 100]) {
      const things = Array.from({ length: count }, (_, index) => createThing(`many ${count} ${index}`))
      const known = things.filter((_, index) => index % 5 === 0)
      await storage.write((tx) => insertThings(tx, known))
      assert.equal(await storage.write((tx) => insertNewThings(tx, things)), count - known.length)
      const found = await findThings(storage.db, things)
      assert.deepEqual(
        found.map((row) => row?.event_id),
        things.map((thing) => thing.event_id),
      )
    }
  })

  test('nothing in, nothing done', async () => {
    await storage.write(async (tx) => {
      assert.equal(await insertThings(tx, []), 0)
      assert.deepEqual(await findThings(tx, []), [])
      assert.equal(await noteThings(tx, []), 0)
    })
  })

  test('a find answers in the order of its keys, with undefined for what is not there', async () => {
    await storage.write((tx) => insertThings(tx, [createThing('found 1'), createThing('found 2')]))
    const keys = ['found 2', 'missing', 'found 1', 'found 2'].map((event_id) => ({ device_no: 1, event_id }))
    const found = await findThings(storage.db, keys)
    assert.deepEqual(
      found.map((row) => row?.event_id),
      ['found 2', undefined, 'found 1', 'found 2'],
    )
  })

  test('without a conflict rule a known key is a duplicate, and nothing of the call remains', async () => {
    const said = storage.write((tx) => insertThings(tx, [createThing('lonely'), createThing('lonely')]))
    await assert.rejects(said, isDuplicate)
    assert.deepEqual(await findThings(storage.db, [createThing('lonely')]), [undefined])
  })

  test('ignore keeps the first row, also within one call, and counts what was written', async () => {
    const first = [createThing('kept', { note: 'first' })]
    const then = [createThing('kept', { note: 'second' }), createThing('new'), createThing('new', { note: 'again' })]
    await storage.write((tx) => insertNewThings(tx, first))
    assert.equal(await storage.write((tx) => insertNewThings(tx, then)), 1)
    const [kept, fresh] = await findThings(storage.db, [createThing('kept'), createThing('new')])
    assert.deepEqual([kept?.note, fresh?.note], ['first', null])
  })

  test('update takes the named columns of the last row, also within one call', async () => {
    await storage.write((tx) => insertThings(tx, [createThing('put', { note: 'old', weight: 1 })]))
    const puts = [createThing('put', { note: 'newer', weight: 2 }), createThing('put', { note: 'newest', weight: 3 })]
    await storage.write((tx) => putThings(tx, puts))
    const [row] = await findThings(storage.db, puts)
    assert.deepEqual([row?.note, row?.weight], ['newest', 1])
  })

  test('neighbours that agree are written like others, wherever they cease to agree, and the last of a key counts', async () => {
    for (const [first, then] of [
      [31, 1],
      [32, 0],
      [33, 31],
      [5, 70],
      [64, 64],
    ] as const) {
      const named = (note: string | null, count: number) =>
        Array.from({ length: count }, (_, index) =>
          createThing(`${first} ${then} ${index}`, { note, weight: index, body: new Uint8Array([index]) }),
        )
      const things = [...named('first', first), ...named(null, then)]
      assert.equal(await storage.write((tx) => putNeighbours(tx, named('before', 3))), 3)
      await storage.write((tx) => putNeighbours(tx, things))
      const found = await findThings(storage.db, things)
      const last = things.map((thing) => things.findLast(({ event_id }) => event_id === thing.event_id))
      assert.deepEqual(
        found.map((row) => withoutNo(row ?? {})),
        last,
      )
    }
  })

  test('an update changes what it finds and answers how many rows that were', async () => {
    const things = ['u1', 'u2', 'u3'].map((name) => createThing(name, { note: 'before' }))
    await storage.write((tx) => insertThings(tx, things))
    const changes = [{ ...createThing('u1'), note: 'after' }, { ...createThing('u3'), note: null }, createThing('u4')]
    assert.equal(await storage.write((tx) => noteThings(tx, changes)), 2)
    const found = await findThings(storage.db, things)
    assert.deepEqual(
      found.map((row) => row?.note),
      ['after', 'before', null],
    )
  })

  test('a delete takes exactly its keys', async () => {
    const remove = bulkDelete({ from: 'thing', where: { device_no: 'int', event_id: 'text' } })
    const things = ['d1', 'd2', 'd3'].map((name) => createThing(name))
    await storage.write((tx) => insertThings(tx, things))
    assert.equal(await storage.write((tx) => remove(tx, [createThing('d1'), createThing('d3'), createThing('d4')])), 2)
    const found = await findThings(storage.db, things)
    assert.deepEqual(
      found.map((row) => row?.event_id),
      [undefined, 'd2', undefined],
    )
  })

  test('the same doors work beside the database', async () => {
    const things = texts.map((text, index) =>
      createThing(`unit ${index}`, { note: text, body: new Uint8Array([index]) }),
    )
    const roundTrip = storage.unit<readonly Thing[], readonly Record<string, unknown>[]>('roundTrip')
    assert.deepEqual((await roundTrip(things)).map(withoutNo), things)
    await assert.rejects(storage.unit('breakKey')(null), isDuplicate)
  })

  test('a value left out is a mistake, not a null', async () => {
    const incomplete = { ...createThing('incomplete'), note: undefined } as unknown as Thing
    await assert.rejects(storage.write((tx) => insertThings(tx, [incomplete])))
    assert.deepEqual(await findThings(storage.db, [createThing('incomplete')]), [undefined])
  })
})

test('a column cannot be both set and sought', () => {
  assert.throws(
    () => bulkUpdate({ table: 'thing', set: { note: 'text' }, where: { note: 'text' } }),
    /both set and sought/,
  )
})
