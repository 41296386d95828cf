// The payload codec against the reference encoder's bytes, against malformed bytes, and against chance.
// That the checked-in generated code says what the .proto says is proved here too.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { sha256Hex } from '@muster/kernel'
import * as fc from 'fast-check'
import * as protobuf from 'protobufjs'
import { goldenVectors } from './payload.fixture.ts'
import { decodePayload, encodePayload, type Payload, type PayloadItem, type ReportedFinding } from './payload.ts'

const bytesOf = (base64: string): Uint8Array => Buffer.from(base64, 'base64')

for (const { name, base64, sha256, payload } of goldenVectors) {
  test(`golden vector ${name} is read`, () =>
    assert.deepEqual(decodePayload(bytesOf(base64)), { ok: true, value: payload }))
  test(`golden vector ${name} is written, to the byte`, () => {
    assert.equal(Buffer.from(encodePayload(payload)).toString('base64'), base64)
    assert.equal(sha256Hex(encodePayload(payload)), sha256)
  })
}

const field = (number: number, body: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(body as string)
  assert.ok(bytes.length < 128 && number < 16, 'the fixture writes one-byte lengths and tags only')
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
}
const join = (...parts: (Uint8Array | number[])[]): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part)))

const version1 = [0x08, 0x01]
const itemFields = { 1: 'i', 2: 's', 3: 'k', 4: 'n', 6: '/p' }
const findingFields = {
  1: 'f',
  2: 's',
  3: 'i',
  4: 'r',
  5: 't',
  6: 'why',
  7: 'info',
  8: 'n',
  10: '2026-06-02T12:00:00Z',
}
const bodyWith = (fields: Record<number, string>, changed: Record<number, string | null> = {}): Buffer =>
  join(
    ...Object.entries({ ...fields, ...changed })
      .filter(([, text]) => text !== null)
      .map(([number, text]) => field(Number(number), text as string)),
  )
const item = (changed: Record<number, string | null> = {}): Buffer => field(2, bodyWith(itemFields, changed))
const finding = (changed: Record<number, string | null> = {}): Buffer => field(3, bodyWith(findingFields, changed))

const refused: { name: string; bytes: Buffer }[] = [
  { name: 'no bytes', bytes: join() },
  { name: 'no version', bytes: join(item()) },
  { name: 'version 0', bytes: join([0x08, 0x00], item()) },
  { name: 'version 2', bytes: join([0x08, 0x02], item()) },
  { name: 'a version of the wrong wire type', bytes: join(field(1, '\u0001'), item()) },
  { name: 'neither body', bytes: join(version1) },
  { name: 'both bodies', bytes: join(version1, item(), finding()) },
  { name: 'a body cut short', bytes: join(version1, item()).subarray(0, -1) },
  { name: 'a length beyond the end', bytes: join(version1, [0x12, 0x7f, 0x0a]) },
  { name: 'a varint that never ends', bytes: join([0x08], Array(12).fill(0xff)) },
  { name: 'a reserved wire type', bytes: join(version1, [0x17], item()) },
  { name: 'field number 0', bytes: join(version1, [0x02, 0x00], item()) },
  { name: 'a group that never ends', bytes: join(version1, item(), [0x7b]) },
  {
    name: 'groups nested a thousand deep',
    bytes: join(version1, item(), Array(1000).fill(0x7b), Array(1000).fill(0x7c)),
  },
  {
    name: 'short text that is not UTF-8',
    bytes: join(version1, field(2, join(bodyWith(itemFields), [0x2a, 1, 0xff]))),
  },
  {
    name: 'long text that is not UTF-8',
    bytes: join(version1, field(2, join(bodyWith(itemFields), [0x2a, 80], Array(79).fill(0x61), [0xc3]))),
  },
  {
    name: 'half a surrogate pair',
    bytes: join(version1, field(2, join(bodyWith(itemFields), [0x2a, 3, 0xed, 0xa0, 0x80]))),
  },
  {
    name: 'an attribute that is not UTF-8',
    bytes: join(version1, field(2, join(bodyWith(itemFields), [0x42, 3, 0x0a, 1, 0xff]))),
  },
  ...[1, 2, 3, 6].map((number) => ({
    name: `an item without field ${number}`,
    bytes: join(version1, item({ [number]: null })),
  })),
  ...[1, 3, 4, 7, 10].map((number) => ({
    name: `a finding without field ${number}`,
    bytes: join(version1, finding({ [number]: null })),
  })),
  { name: 'a severity nobody knows', bytes: join(version1, finding({ 7: 'fatal' })) },
  { name: 'a day that does not exist', bytes: join(version1, finding({ 10: '2026-02-30T12:00:00Z' })) },
  { name: 'fields without end', bytes: join(version1, item(), ...Array(5000).fill(field(15, 'x'))) },
  { name: 'a time without a zone', bytes: join(version1, finding({ 10: '2026-02-03T12:00:00' })) },
]
for (const { name, bytes } of refused)
  test(`refused: ${name}`, () => {
    const verdict = decodePayload(bytes)
    assert.equal(verdict.ok, false)
    assert.equal(verdict.refusal.code, 'invalid_payload')
    assert.ok((verdict.refusal.detail ?? '').length > 0)
  })

const readItem = (bytes: Uint8Array): PayloadItem => {
  const verdict = decodePayload(bytes)
  assert.ok(verdict.ok && verdict.value.body === 'inventoryItem')
  return verdict.value.item
}
const readFinding = (bytes: Uint8Array): ReportedFinding => {
  const verdict = decodePayload(bytes)
  assert.ok(verdict.ok && verdict.value.body === 'finding')
  return verdict.value.finding
}

test('fields may come in any order', () => {
  const backwards = join(
    ...Object.entries(itemFields)
      .reverse()
      .map(([number, text]) => field(Number(number), text)),
  )
  assert.deepEqual(readItem(join(field(2, backwards), version1)), readItem(join(version1, item())))
})

test('unknown fields of every wire type are skipped', () => {
  const unknown = join(
    [0x78, 0x96, 0x01],
    [0x79, 1, 2, 3, 4, 5, 6, 7, 8],
    field(15, 'x'),
    [0x7b, 0x7c],
    [0x7d, 1, 2, 3, 4],
  )
  const bytes = join(unknown, version1, field(2, join(unknown, bodyWith(itemFields), unknown)), unknown)
  assert.deepEqual(readItem(bytes), readItem(join(version1, item())))
})

test('the last of a repeated scalar wins, also when it is empty', () => {
  assert.equal(readItem(join(version1, field(2, join(bodyWith(itemFields), field(4, 'later'))))).name, 'later')
  assert.equal(readItem(join(version1, field(2, join(bodyWith(itemFields), field(4, ''))))).name, '')
})

test('attributes are read, the last of a repeated key wins, and no key reaches a prototype', () => {
  const entry = (key: string, value: string) => field(8, join(field(1, key), field(2, value)))
  const attributes = join(entry('a', '1'), entry('__proto__', 'x'), entry('a', '2'), entry('constructor', 'y'))
  const read = readItem(join(version1, field(2, join(bodyWith(itemFields), attributes)))).attributes
  assert.deepEqual(
    Object.entries(read).toSorted(([left], [right]) => (left < right ? -1 : 1)),
    [
      ['__proto__', 'x'],
      ['a', '2'],
      ['constructor', 'y'],
    ],
  )
  assert.equal(Object.getPrototypeOf(read), Object.prototype)
})

test('texts that may be missing are kept as empty', () => {
  assert.equal(readItem(join(version1, item({ 4: null }))).name, '')
  const bare = readFinding(join(version1, finding({ 5: null, 6: null, 8: null })))
  assert.deepEqual([bare.title, bare.rationale, bare.itemName], ['', '', ''])
})

test('a replacement character that was really sent is text like any other', () => {
  assert.equal(readItem(join(version1, item({ 4: 'a\ufffdb' }))).name, 'a\ufffdb')
  assert.equal(readItem(join(version1, item({ 4: '\ufeffa' }))).name, '\ufeffa')
})

const text = fc.string({ unit: 'grapheme', maxLength: 90 })
const filled = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 90 })
const maybe = fc.option(filled, { nil: null })
const plain = { noNullPrototype: true }
const anyItem: fc.Arbitrary<Payload> = fc
  .record(
    {
      itemId: filled,
      surface: filled,
      kind: filled,
      name: text,
      version: maybe,
      path: filled,
      origin: maybe,
      detail: maybe,
      installedOnRequest: fc.option(fc.boolean(), { nil: null }),
      attributes: fc.dictionary(filled, text, { maxKeys: 4, noNullPrototype: true }),
    },
    plain,
  )
  .map((made) => ({ body: 'inventoryItem', item: made }))
const anyFinding: fc.Arbitrary<Payload> = fc
  .record(
    {
      id: filled,
      surface: filled,
      itemId: filled,
      ruleId: filled,
      title: text,
      rationale: text,
      severity: fc.constantFrom('info', 'notable', 'suspicious', 'critical'),
      itemName: text,
      evidence: fc.record({ path: text, detail: maybe, matchedField: maybe, matchedValue: maybe }, plain),
      observedAt: fc
        .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
        .map((at) => at.toISOString()),
    },
    plain,
  )
  .map((made) => ({ body: 'finding', finding: made }))
const anyPayload = fc.oneof(anyItem, anyFinding)

test('what is written is read back', () => {
  fc.assert(
    fc.property(anyPayload, (payload) =>
      assert.deepEqual(decodePayload(encodePayload(payload)), { ok: true, value: payload }),
    ),
  )
})

test('chance bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decodePayload(bytes)),
    { numRuns: 3000 },
  )
})

const mutated = fc
  .tuple(
    fc.constantFrom(...goldenVectors.map((vector) => vector.base64)),
    fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 }),
    fc.nat(400),
  )
  .map(([base64, changes, cut]) => {
    const bytes = Buffer.from(base64, 'base64')
    for (const [at, value] of changes) bytes[at % bytes.length] = value
    return cut < bytes.length ? bytes.subarray(0, cut) : bytes
  })

test('damaged golden bytes never throw, and what is accepted survives a second journey', () => {
  fc.assert(
    fc.property(mutated, (bytes) => {
      const first = decodePayload(bytes)
      if (first.ok) assert.deepEqual(decodePayload(encodePayload(first.value)), first)
    }),
    { numRuns: 5000 },
  )
})

test('the generated code is the code of the .proto', () => {
  const source = readFileSync(new URL('../proto/sensor_event.proto', import.meta.url), 'utf8')
  const described = protobuf.parse(source).root.lookupType('muster.sensor.v1.SensorEventPayload')
  fc.assert(
    fc.property(anyPayload, (payload) => {
      const bytes = encodePayload(payload)
      assert.deepEqual(described.encode(described.decode(bytes)).finish(), bytes)
      assert.deepEqual(namesIn(described.decode(bytes).toJSON()), new Set(namesIn(flat(payload))))
    }),
  )
})

const filledOnly = (value: object) =>
  Object.fromEntries(Object.entries(value).filter(([, v]) => v !== null && v !== ''))

/** The payload as the .proto's own reader would show it: absent instead of null, provenance and evidence as messages. */
const flat = (payload: Payload): unknown => {
  if (payload.body === 'finding')
    return {
      payloadVersion: 1,
      finding: { ...filledOnly(payload.finding), evidence: filledOnly(payload.finding.evidence) },
    }
  const { origin, detail, installedOnRequest, attributes, ...rest } = payload.item
  const provenance = filledOnly({ origin, detail, installedOnRequest })
  return {
    payloadVersion: 1,
    inventoryItem: {
      ...filledOnly(rest),
      ...(Object.keys(provenance).length === 0 ? {} : { provenance }),
      ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    },
  }
}

const namesIn = (value: unknown, at = ''): Set<string> =>
  typeof value === 'object' && value !== null
    ? new Set(Object.entries(value).flatMap(([key, inner]) => [...namesIn(inner, `${at}.${key}`)]))
    : new Set([`${at}=${String(value)}`])
