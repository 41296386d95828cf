// Proof that what sync decides is what both databases then hold: events, dead letters, presence, findings, coverage.
// The verdicts themselves are proved in decide.test.ts.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, test } from 'node:test'
import {
  type EventKind,
  encodePayload,
  type Payload,
  type PayloadItem,
  type ReplyOf,
  type sync as syncRoute,
} from '@muster/contract'
import { sha256Hex } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import * as fc from 'fast-check'
import { sql } from 'kysely'
import { observeMigrations } from '../room-migrations.ts'
import { withInventory } from '../tables.ts'
import type { SyncAnswer, SyncCall } from './sync.ts'

const rooms = [observeMigrations]
const units = [new URL('./sync-unit.fixture.ts', import.meta.url)]
const startMs = Date.UTC(2026, 5, 2, 12)
const iso = (atMs: number): string => new Date(atMs).toISOString()

interface Told {
  readonly eventId?: string
  readonly sequence: number
  readonly kind?: EventKind
  readonly version?: string
  readonly name?: string
  readonly detail?: string
  readonly atMs?: number
  readonly collectedMs?: number
}

const itemOf = ({ name = 'ripgrep', version = '14.1.1', detail }: Told): PayloadItem => ({
  itemId: `homebrew/package//opt/homebrew/Cellar/${name}/${name}`,
  surface: 'homebrew',
  kind: 'package',
  name,
  version,
  path: `/opt/homebrew/Cellar/${name}`,
  origin: 'homebrew/core',
  detail: detail ?? null,
  installedOnRequest: true,
  attributes: {},
})

const envelope = (told: Told, payload: Payload = { body: 'inventoryItem', item: itemOf(told) }) => {
  const bytes = Buffer.from(encodePayload(payload))
  const atMs = told.atMs ?? startMs + told.sequence * 1000
  return {
    eventId: told.eventId ?? randomUUID().toUpperCase(),
    deviceId: 'dev_1',
    localSequence: told.sequence,
    surface: 'homebrew',
    kind: told.kind ?? 'added',
    observedAt: iso(atMs),
    collectedAt: iso(told.collectedMs ?? atMs - 5),
    payloadHash: sha256Hex(bytes),
    payload: bytes.toString('base64'),
  }
}

const bodyOf = (events: readonly unknown[], lastAcked = 0, deviceId = 'dev_1'): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({
      deviceId,
      sensorVersion: 'koban-agent',
      schemaVersion: 1,
      lastAckedLocalSequence: lastAcked,
      events,
      health: { syncBacklogEvents: events.length, syncBacklogBytes: 0 },
    }),
  )

const speaker = (deviceNo: number) => ({
  deviceNo,
  deviceId: `dev_${deviceNo}`,
  formerDeviceIds: [],
  tenantId: 'default',
  enrolledMs: startMs,
})

type Verdicts = Pick<ReplyOf<typeof syncRoute>, 'acceptedThroughLocalSequence' | 'acceptedEvents' | 'rejectedEvents'>

const verdictsOf = (answer: SyncAnswer): Verdicts => {
  assert.ok(answer.ok)
  return JSON.parse(`{${answer.value.verdictsJson}}`) as Verdicts
}

eachEngine((engine) => {
  let storage: Storage
  let sync: (call: SyncCall) => Promise<SyncAnswer>

  beforeEach(async () => {
    storage = await openTestStorage(engine, rooms, { units })
    sync = storage.unit<SyncCall, SyncAnswer>('sync')
  })
  afterEach(() => storage.close())

  const send = (events: readonly unknown[], lastAcked = 0, deviceNo = 1) =>
    sync({
      speaker: speaker(deviceNo),
      body: bodyOf(events, lastAcked, `dev_${deviceNo}`),
      receivedMs: startMs + 3600_000,
    })

  /** Every interval of a device as a reader sees it, oldest first. */
  const intervals = async (deviceNo = 1) => {
    const db = withInventory(storage.db)
    const open = await db
      .selectFrom('observe_present as held')
      .innerJoin('observe_content as content', 'content.content_no', 'held.content_no')
      .select(['content.name', 'content.version', 'held.from_ms', 'held.from_baseline'])
      .where('held.device_no', '=', deviceNo)
      .execute()
    const closed = await db
      .selectFrom('observe_past as held')
      .innerJoin('observe_content as content', 'content.content_no', 'held.content_no')
      .select(['content.name', 'content.version', 'held.from_ms', 'held.from_baseline', 'held.to_ms', 'held.to_kind'])
      .where('held.device_no', '=', deviceNo)
      .execute()
    const all = [...open.map((row) => ({ ...row, to_ms: null, to_kind: null })), ...closed].map((row) => ({
      what: `${row.name}@${row.version}`,
      from: row.from_ms - startMs,
      to: row.to_ms === null ? null : row.to_ms - startMs,
      baseline: row.from_baseline === 1,
      end: row.to_kind === null ? null : ['removed', 'replaced', 'device_retired'][row.to_kind],
    }))
    return all.toSorted((left, right) => left.from - right.from || left.what.localeCompare(right.what))
  }

  const storedEvents = async (): Promise<number> => {
    const { rows } = await sql<{
      stored: number | null
    }>`select sum(event_count) as stored from observe_event_pack`.execute(storage.db)
    return rows[0]?.stored ?? 0
  }

  test('what is accepted is stored, what is rejected is kept as a dead letter, and each gets its verdict', async () => {
    const bad = { ...envelope({ sequence: 2 }), payloadHash: sha256Hex('other') }
    const verdicts = verdictsOf(await send([envelope({ sequence: 1 }), bad, envelope({ sequence: 3, name: 'fd' })]))
    assert.equal(verdicts.acceptedThroughLocalSequence, 1)
    assert.deepEqual(
      verdicts.acceptedEvents.map(({ localSequence, duplicate }) => [localSequence, duplicate]),
      [
        [1, false],
        [3, false],
      ],
    )
    assert.deepEqual(
      verdicts.rejectedEvents.map(({ localSequence, code }) => [localSequence, code]),
      [[2, 'invalid_payload_hash']],
    )
    assert.equal(await storedEvents(), 2)
    const letter = await withInventory(storage.db)
      .selectFrom('observe_dead_letter')
      .selectAll()
      .executeTakeFirstOrThrow()
    assert.deepEqual(JSON.parse(Buffer.from(letter.raw).toString()), bad)
  })

  test('a batch sent again after its reply was lost is all duplicates and changes no row', async () => {
    const batch = [envelope({ sequence: 1 }), envelope({ sequence: 2, name: 'fd' })]
    await send(batch)
    const before = await intervals()
    const verdicts = verdictsOf(await send(batch))
    assert.ok(verdicts.acceptedEvents.every(({ duplicate }) => duplicate))
    assert.equal(verdicts.acceptedThroughLocalSequence, 2)
    assert.deepEqual(await intervals(), before)
    assert.equal(await storedEvents(), 2)
  })

  test('a version bump on one item is two intervals, and a removal closes the last', async () => {
    await send([
      envelope({ sequence: 1, version: '14.0' }),
      envelope({ sequence: 2, kind: 'modified', version: '14.1' }),
      envelope({ sequence: 3, kind: 'removed', version: '14.1' }),
    ])
    assert.deepEqual(await intervals(), [
      { what: 'ripgrep@14.0', from: 1000, to: 2000, baseline: false, end: 'replaced' },
      { what: 'ripgrep@14.1', from: 2000, to: 3000, baseline: false, end: 'removed' },
    ])
  })

  test('an item of a first scan was there at that moment or before', async () => {
    const atMs = startMs + 500
    await send([envelope({ sequence: 1, atMs, collectedMs: atMs }), envelope({ sequence: 2, name: 'fd' })])
    assert.deepEqual(
      (await intervals()).map(({ what, baseline }) => [what, baseline]),
      [
        ['ripgrep@14.1.1', true],
        ['fd@14.1.1', false],
      ],
    )
  })

  test('the removal of an item nobody had seen leaves proof that it was there', async () => {
    await send([envelope({ sequence: 1, kind: 'removed' })])
    assert.deepEqual(await intervals(), [
      { what: 'ripgrep@14.1.1', from: 1000, to: 1000, baseline: true, end: 'removed' },
    ])
  })

  test('an item added again and again is one interval', async () => {
    await send([1, 2, 3].map((sequence) => envelope({ sequence })))
    assert.equal((await intervals()).length, 1)
    assert.equal(await storedEvents(), 3)
  })

  test('an item with NUL in its texts is one item, in whatever order its events arrive', async () => {
    const told = { name: 'a\0b', version: '1\0' }
    await send([envelope({ ...told, sequence: 3 })])
    const verdicts = verdictsOf(await send([envelope({ ...told, sequence: 1 }), envelope({ ...told, sequence: 2 })]))
    assert.equal(verdicts.acceptedEvents.length, 2)
    assert.deepEqual(
      (await intervals()).map(({ what, from, to }) => [what, from, to]),
      [['a\ufffdb@1\ufffd', 1000, null]],
    )
  })

  test('a finding is one row however often it is hit, and may come before its item', async () => {
    const finding = (sequence: number, severity: 'critical' | 'notable') =>
      envelope(
        { sequence, kind: 'modified' },
        {
          body: 'finding',
          finding: {
            id: randomUUID().toUpperCase(),
            surface: 'homebrew',
            itemId: itemOf({ sequence }).itemId,
            ruleId: 'acme.tap',
            title: 'Tap',
            rationale: 'Not ours.',
            severity,
            itemName: 'ripgrep',
            evidence: { path: '/opt/homebrew/Cellar/ripgrep', detail: null, matchedField: null, matchedValue: null },
            observedAt: iso(startMs + sequence * 1000 + 1),
          },
        },
      )
    await send([finding(1, 'notable'), finding(2, 'critical'), envelope({ sequence: 3 })])
    await send([finding(4, 'critical')], 3)
    const rows = await withInventory(storage.db).selectFrom('observe_finding').selectAll().execute()
    assert.equal(rows.length, 1)
    assert.equal(rows[0]?.count, 3)
    assert.equal(rows[0]?.severity, 'critical')
    assert.equal(rows[0]?.first_observed_ms, startMs + 1000)
    assert.equal(rows[0]?.last_observed_ms, startMs + 4000)
  })

  test('a lost local database opens an epoch and loses no event', async () => {
    await send([1, 2, 3].map((sequence) => envelope({ sequence, name: `old-${sequence}` })))
    const verdicts = verdictsOf(await send([envelope({ sequence: 1, name: 'new' })]))
    assert.equal(verdicts.acceptedThroughLocalSequence, 1)
    assert.equal(await storedEvents(), 4)
  })

  test('a hundred devices at once, and two requests of one device, each keep their own verdicts', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        send(
          [envelope({ sequence: 1 })].map((event) => ({ ...event, deviceId: `dev_${index + 1}` })),
          0,
          index + 1,
        ),
      ),
    )
    for (const answer of answers) assert.equal(verdictsOf(answer).acceptedThroughLocalSequence, 1)
    const [first, second] = await Promise.all([
      send([envelope({ sequence: 2, name: 'fd' })], 1),
      send([envelope({ sequence: 3, name: 'jq' })], 1),
    ])
    assert.equal(verdictsOf(first).acceptedThroughLocalSequence, 2)
    assert.equal(verdictsOf(second).acceptedThroughLocalSequence, 3)
    assert.equal(await storedEvents(), 102)
  })

  test('a body about another device, of another version, or that is no JSON refuses the request and stores nothing', async () => {
    const call = (body: Uint8Array) => sync({ speaker: speaker(1), body, receivedMs: startMs })
    const codes = [
      await call(bodyOf([], 0, 'dev_2')),
      await call(
        new TextEncoder().encode(
          new TextDecoder().decode(bodyOf([])).replace('"schemaVersion":1', '"schemaVersion":2'),
        ),
      ),
      await call(new TextEncoder().encode('{')),
      await call(new Uint8Array([0xff, 0xfe])),
      await call(new TextEncoder().encode('{"deviceId":"dev_1"}')),
    ].map((answer) => (answer.ok ? 'accepted' : answer.refusal.code))
    assert.deepEqual(codes, [
      'identity_mismatch',
      'schema_version_unsupported',
      'request_malformed',
      'request_malformed',
      'request_malformed',
    ])
    assert.equal(await storedEvents(), 0)
  })

  test('events beyond what one request may have decided stay undecided and are taken the next time', async () => {
    const events = Array.from({ length: 5001 }, (_, index) => envelope({ sequence: index + 1, name: `p${index}` }))
    const verdicts = verdictsOf(await send(events))
    assert.equal(verdicts.acceptedEvents.length, 5000)
    assert.equal(verdicts.rejectedEvents.length, 0)
    assert.equal(verdicts.acceptedThroughLocalSequence, 5000)
    assert.equal(verdictsOf(await send(events.slice(5000), 5000)).acceptedThroughLocalSequence, 5001)
  })

  test('the batch is announced in the transaction that stored it, and only when it stored something', async () => {
    const batch = [envelope({ sequence: 1 })]
    await send(batch)
    await send(batch)
    const rows = await storage.db.selectFrom('storage_outbox').select(['topic', 'key', 'body']).execute()
    assert.deepEqual(rows, [
      { topic: 'observe.batch_stored', key: 'dev_1', body: JSON.stringify({ deviceNo: 1, epoch: 1, stored: 1 }) },
    ])
  })

  test('in whatever order and however often events arrive, the intervals are those of the order they happened in', async () => {
    const story = fc.array(
      fc.record({
        kind: fc.constantFrom<EventKind>('added', 'modified', 'removed'),
        name: fc.constantFrom('ripgrep', 'fd'),
        version: fc.constantFrom('1', '2'),
      }),
      { minLength: 1, maxLength: 10 },
    )
    let deviceNo = 1000
    await fc.assert(
      fc.asyncProperty(story, fc.infiniteStream(fc.nat(9)), async (steps, dice) => {
        const inOrder = deviceNo + 1
        const shuffled = deviceNo + 2
        deviceNo += 2
        const tell = (no: number) =>
          steps.map((step, index) => ({ ...envelope({ ...step, sequence: index + 1 }), deviceId: `dev_${no}` }))
        await send(tell(inOrder), 0, inOrder)
        const rest = tell(shuffled)
        while (rest.length > 0) {
          const [event] = rest.splice((dice.next().value ?? 0) % rest.length, 1)
          await send([event], 0, shuffled)
          if ((dice.next().value ?? 0) === 0) await send([event], 0, shuffled)
        }
        assert.deepEqual(await intervals(shuffled), await intervals(inOrder))
      }),
      { numRuns: 25 },
    )
  })
})
