// Proof that an item is recognised by its bytes exactly when reading it would have given the same names.
// That folding uses the numbers rightly is proved in sync/.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodePayload, type PayloadItem } from '@muster/contract'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import * as fc from 'fast-check'
import { observeMigrations } from '../room-migrations.ts'
import { readPayload } from '../sync/readable.ts'
import { endsPlainly, locateItem } from './item-bytes.ts'
import { createNames, type ItemNumbers, type Names } from './names.ts'

const usual = (change: Partial<PayloadItem> = {}): PayloadItem => {
  const item = {
    surface: 'javascriptPackages',
    kind: 'package',
    name: 'node_modules/axios',
    version: '1.14.1',
    path: '/home/ada/app/package-lock.json',
    origin: 'npm',
    detail: 'integrity=sha512-abc',
    installedOnRequest: null,
    attributes: {},
    ...change,
  }
  return { itemId: `${item.surface}/${item.kind}/${item.path}/${item.name}/${item.version ?? ''}`, ...item, ...change }
}

const bytesOf = (item: PayloadItem): Buffer => Buffer.from(encodePayload({ body: 'inventoryItem', item }))

/** The tag and two-byte length of an item that long. */
const itemHead = (length: number): Buffer => Buffer.from([0x12, (length & 0x7f) | 0x80, length >> 7])

const few = (...texts: string[]) => fc.constantFrom(...texts)
const maybe = (...texts: string[]) => fc.constantFrom(null, ...texts)
const words = {
  surface: few('javascriptPackages', 'homebrew'),
  kind: few('package', 'mcpServer'),
  name: few('a', 'b/c', 'ä', 'x'.repeat(300)),
  version: few('1', '', '2'),
  path: few('/p', '/p/q', '/ä', 'C:\\p'),
  origin: maybe('npm', 'pnpm'),
  detail: maybe('d', 'e\u0000f', 'long '.repeat(90)),
  installedOnRequest: fc.option(fc.boolean(), { nil: null }),
  attributes: few('', 'k').map((key): Record<string, string> => (key === '' ? {} : { [key]: 'v' })),
  ownId: fc.constantFrom(null, null, null, 'opaque', 'javascriptPackages/package//p/a'),
}
const plain = { noNullPrototype: true } as const
const anyItem = fc.record(words, plain)
/** What another item says otherwise: mostly its path alone. */
const anyChange = fc.oneof(
  { arbitrary: fc.record({ path: words.path }, plain), weight: 3 },
  { arbitrary: fc.record(words, { ...plain, requiredKeys: [] }), weight: 1 },
)

const toItem = ({
  ownId,
  version,
  ...rest
}: typeof anyItem extends fc.Arbitrary<infer Item> ? Item : never): PayloadItem => {
  const item = usual({ ...rest, version: version === '' ? null : version })
  return ownId === null ? item : { ...item, itemId: ownId }
}

interface Ground {
  readonly names: Names
  /** Lets an item be stored under its names, as folding does. */
  learn(payload: Uint8Array): Promise<ItemNumbers | undefined>
  /** What somebody without any memory finds for it. */
  lookUp(payload: Uint8Array): Promise<ItemNumbers | undefined>
}

eachEngine((engine) => {
  const withGround = async (work: (ground: Ground) => Promise<void>): Promise<void> => {
    const storage = await openTestStorage(engine, [observeMigrations])
    const names = createNames(8)
    const resolve = async (by: Names, payload: Uint8Array): Promise<ItemNumbers | undefined> => {
      const read = readPayload(payload)
      if (!read.ok || read.value.body !== 'inventoryItem') return undefined
      const said = read.value
      const naming = await storage.write((tx) => by.resolve(tx, [{ tenantId: 'default', said, payload }]))
      naming.settled()
      return naming.numbers[0]
    }
    try {
      await work({
        names,
        learn: (payload) => resolve(names, payload),
        lookUp: (payload) => resolve(createNames(8), payload),
      })
    } finally {
      await storage.close()
    }
  }

  test('an item is recognised at another path, and not under another tenant or surface', () =>
    withGround(async ({ names, learn }) => {
      await learn(bytesOf(usual()))
      const elsewhere = bytesOf(usual({ path: '/srv/other/package-lock.json' }))
      const known = names.recognise('default', 'javascriptPackages', elsewhere)
      assert.equal(known?.path, '/srv/other/package-lock.json')
      assert.equal(known.pathNo, undefined)
      assert.equal(typeof names.recognise('default', 'javascriptPackages', bytesOf(usual()))?.pathNo, 'number')
      assert.equal(names.recognise('acme', 'javascriptPackages', elsewhere), undefined)
      assert.equal(names.recognise('default', 'homebrew', elsewhere), undefined)
    }))

  test('more items than are remembered are recognised, or not, and never as another', () =>
    withGround(async ({ names, learn }) => {
      for (let no = 0; no < 40; no += 1) await learn(bytesOf(usual({ name: `package-${no}` })))
      const recognised = Array.from({ length: 40 }, (_, no) =>
        names.recognise('default', 'javascriptPackages', bytesOf(usual({ name: `package-${no}` }))),
      ).filter((known) => known !== undefined)
      assert.ok(recognised.length >= 8)
      assert.equal(new Set(recognised.map(({ contentNo }) => contentNo)).size, recognised.length)
    }))

  test('whatever is recognised is what reading and looking up would have found, also for bent bytes', () =>
    withGround(async ({ names, learn, lookUp }) => {
      let recognised = 0
      await fc.assert(
        fc.asyncProperty(anyItem, anyChange, fc.nat(), fc.nat({ max: 255 }), fc.boolean(), async (...drawn) => {
          const [learned, change, at, byte, isBent] = drawn
          await learn(bytesOf(toItem(learned)))
          const asked = toItem({ ...learned, ...change })
          const payload = bytesOf(asked)
          if (isBent) payload[at % payload.length] = byte
          const known = names.recognise('default', asked.surface, payload)
          if (known === undefined) return
          recognised += 1
          const found = await lookUp(payload)
          assert.ok(found !== undefined, 'recognised, but cannot be read')
          assert.deepEqual([known.labelNo, known.contentNo], [found.labelNo, found.contentNo])
          if (known.pathNo !== undefined) assert.equal(known.pathNo, found.pathNo)
        }),
        { numRuns: 300 },
      )
      assert.ok(recognised > 30, `${recognised} of 300`)
    }))
})

test('bytes that are cut short are not located', () => {
  const payload = bytesOf(usual())
  assert.notEqual(locateItem(payload), undefined)
  for (let length = 0; length < payload.length; length += 1)
    assert.equal(locateItem(payload.subarray(0, length)), undefined, `cut to ${length}`)
})

test('an item that says its name again after its path is located, and not remembered', async () => {
  const payload = bytesOf(usual())
  const again = Buffer.from([0x22, 1, 0x62])
  const doubled = Buffer.concat([
    payload.subarray(0, 2),
    itemHead(payload.length - 5 + again.length),
    payload.subarray(5),
    again,
  ])
  const at = locateItem(doubled)
  assert.ok(at !== undefined && readPayload(doubled).ok)
  assert.equal(endsPlainly(doubled, at), false)
})
