// Proof that a search answers an incident honestly, on both databases: the axios release of March 2026.
// Single verdicts, versions and questions are proved in decide.test.ts.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ReplyOf, type SearchVerdict, searchInventory } from '@muster/contract'
import { createFakeClock } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { listEvents } from '../events/listing.ts'
import { eventIdOf } from '../sync/event-key.ts'
import { ask, itemPayload, npmItem, openTestFleet, operator, type TestFleet } from '../testing/fleet.ts'
import { serveExposure } from './exposure.ts'

const hourMs = 3600_000
const enrolledMs = Date.UTC(2026, 0, 1)
const windowFromMs = Date.UTC(2026, 2, 31, 0, 21)
const windowToMs = Date.UTC(2026, 2, 31, 3, 15)
const nowMs = Date.UTC(2026, 3, 2)
const keptFromMs = Date.UTC(2025, 3, 2)
const baselineMs = Date.UTC(2026, 1, 1)

const [stillThere, cured, curedBefore, silent, partial, clean, newcomer] = [1, 2, 3, 4, 5, 6, 7]
const fleet = [
  { no: stillThere, enrolledMs, lastContactMs: nowMs, tags: ['team=web'] },
  { no: cured, enrolledMs, lastContactMs: nowMs, tags: ['team=web', 'site=berlin'] },
  { no: curedBefore, enrolledMs, lastContactMs: nowMs },
  { no: silent, enrolledMs, lastContactMs: windowFromMs - hourMs },
  { no: partial, enrolledMs, lastContactMs: nowMs },
  { no: clean, enrolledMs, lastContactMs: nowMs },
  { no: newcomer, enrolledMs: windowToMs + hourMs, lastContactMs: nowMs },
]

const firstScan = (name: string, version: string, sequence = 1) => ({
  sequence,
  atMs: baselineMs,
  collectedMs: baselineMs,
  payload: itemPayload(npmItem(name, version)),
})
const change = (sequence: number, kind: 'added' | 'removed', version: string, atMs: number) => ({
  sequence,
  kind,
  atMs,
  payload: itemPayload(npmItem('axios', version)),
})

const seed = async ({ tell }: TestFleet): Promise<void> => {
  const first = [firstScan('left-pad', '1.0.0'), firstScan('axios', '1.13.0', 2)]
  const bump = (atMs: number) => [change(3, 'removed', '1.13.0', atMs), change(4, 'added', '1.14.1', atMs)]
  const infectedMs = windowFromMs + hourMs
  await tell(stillThere, [...first, ...bump(infectedMs)], nowMs)
  await tell(cured, [...first, ...bump(infectedMs), change(5, 'removed', '1.14.1', infectedMs + hourMs)], nowMs)
  await tell(
    curedBefore,
    [...first, ...bump(windowFromMs - 3 * hourMs), change(5, 'removed', '1.14.1', windowFromMs - 2 * hourMs)],
    nowMs,
  )
  await tell(silent, first, nowMs)
  await tell(partial, [{ ...firstScan('left-pad', '1.0.0'), collectedMs: baselineMs - 5 }], nowMs)
  await tell(clean, first, nowMs)
  await tell(
    newcomer,
    [{ ...firstScan('left-pad', '1.0.0'), atMs: nowMs - hourMs, collectedMs: nowMs - hourMs }],
    nowMs,
  )
}

type Reply = ReplyOf<typeof searchInventory>
const ever = { from: new Date(0).toISOString(), to: new Date(nowMs).toISOString() }
const window = { from: new Date(windowFromMs).toISOString(), to: new Date(windowToMs).toISOString() }

eachEngine((engine) => {
  describe('a search', () => {
    let fleetUnderTest: TestFleet
    before(async () => {
      fleetUnderTest = await openTestFleet(engine, fleet)
      await seed(fleetUnderTest)
    })
    after(() => fleetUnderTest.close())

    const answerTo = (body: object, as = operator) => {
      const { storage, devices } = fleetUnderTest
      const served = serveExposure({
        storage,
        devices,
        audit: async () => assert.fail('a page of a search is not recorded'),
        clock: createFakeClock(nowMs),
        intervalsKeptFromMs: async () => keptFromMs,
        settleHoldings: () => storage.unit<undefined, undefined>('settleHoldings')(undefined),
      })
      return ask<Reply>(served, searchInventory, { body, as })
    }
    const search = async (body: object, as = operator): Promise<Reply> => {
      const answer = await answerTo(body, as)
      assert.ok(answer.ok)
      return answer.value
    }
    const devicesOf = ({ items }: Reply): Record<string, SearchVerdict> =>
      Object.fromEntries(items.map(({ deviceId, verdict }) => [deviceId, verdict]))

    test('puts every device of the incident into the right verdict, with its reason', async () => {
      const verdicts: SearchVerdict[] = ['present', 'present_unconfirmed', 'past', 'not_observed', 'unknown']
      const reply = await search({ q: 'axios@1.14.1', window, verdicts })
      assert.deepEqual(
        reply.items.map(({ deviceId, verdict, unknownReason }) => [deviceId, unknownReason ?? verdict]),
        [
          ['dev_1', 'present'],
          ['dev_2', 'past'],
          ['dev_3', 'not_observed'],
          ['dev_4', 'no_contact_in_window'],
          ['dev_5', 'surface_partial'],
          ['dev_6', 'not_observed'],
          ['dev_7', 'enrolled_after_window'],
        ],
      )
      assert.deepEqual(reply.verdicts, { present: 1, present_unconfirmed: 0, past: 1, not_observed: 2, unknown: 3 })
      assert.deepEqual(reply.totals, { devicesMatched: 2, presentNow: 1, pastOnly: 1 })
    })

    test('shows the intervals with their ends, and says "at or before" of a first scan', async () => {
      const reply = await search({ names: ['axios'], ecosystem: 'npm', window, deviceId: 'dev_2' })
      assert.deepEqual(
        reply.items[0]?.intervals.map(({ version, fromKind, toKind }) => [version, fromKind, toKind]),
        [
          ['1.14.1', 'change', 'removed'],
          ['1.13.0', 'baseline', 'removed'],
        ],
      )
    })

    test('names the events behind the intervals when asked, for as long as they are kept', async () => {
      const ofDevice = { names: ['axios'], ecosystem: 'npm', window, deviceId: 'dev_2' }
      const [plain] = (await search(ofDevice)).items
      assert.ok(plain?.intervals.every((interval) => !('fromEventId' in interval)))
      const { storage } = fleetUnderTest
      const told = await listEvents(storage.db, { deviceNos: [cured], beforeNo: undefined, limit: 10 })
      const idOf = (sequence: number) => {
        const event = told.find((one) => one.sequence === sequence)
        return event === undefined ? null : eventIdOf(event.eventKey)
      }
      const [hit] = (await search({ ...ofDevice, events: true })).items
      assert.deepEqual(
        hit?.intervals.map(({ version, fromEventId, toEventId }) => [version, fromEventId, toEventId]),
        [
          ['1.14.1', idOf(4), idOf(5)],
          ['1.13.0', idOf(2), idOf(3)],
        ],
      )
      const [open] = (await search({ q: 'axios@1.14.1', events: true })).items
      assert.deepEqual([typeof open?.intervals[0]?.fromEventId, open?.intervals[0]?.toEventId], ['string', null])
    })

    test('refuses more devices a page than it can look up events for', async () => {
      const answer = await answerTo({ q: 'axios', events: true, limit: 51 })
      assert.equal(answer.ok ? null : answer.refusal.code, 'request_malformed')
    })

    test('asks about now when no window is given', async () => {
      const reply = await search({ q: 'axios@1.14.1' })
      assert.deepEqual(devicesOf(reply), { dev_1: 'present' })
      assert.deepEqual(reply.totals, { devicesMatched: 1, presentNow: 1, pastOnly: 0 })
      assert.deepEqual(reply.versions, [{ version: '1.14.1', devices: 1 }])
      assert.deepEqual(devicesOf(await search({ q: 'axios@1.14.1', state: 'present' })), { dev_1: 'present' })
    })

    test('asks what was ever removed when no window is given', async () => {
      assert.deepEqual(devicesOf(await search({ q: 'axios@1.14.1', state: 'removed' })), {
        dev_2: 'past',
        dev_3: 'past',
      })
    })

    test('follows ranges, and counts devices by version', async () => {
      const reply = await search({ q: 'axios@^1.13.0', window })
      assert.deepEqual(Object.keys(devicesOf(reply)).toSorted(), ['dev_1', 'dev_2', 'dev_4', 'dev_6'])
      assert.deepEqual(new Set(reply.versions.map(({ version }) => version)), new Set(['1.13.0', '1.14.1']))
    })

    test('does not take a part of a name for the name, and offers names that begin so', async () => {
      const reply = await search({ q: 'axio' })
      assert.equal(reply.totals.devicesMatched, 0)
      assert.deepEqual(reply.suggestions, ['axios'])
    })

    test('asks only devices with these tags', async () => {
      const tagged = async (q: string) => devicesOf(await search({ q, window }))
      assert.deepEqual(await tagged('axios@1.14.1 tag:team=web'), { dev_1: 'present', dev_2: 'past' })
      assert.deepEqual(await tagged('tag:site=berlin axios@1.14.1 tag:team=web'), { dev_2: 'past' })
      assert.deepEqual(await tagged('axios@1.14.1 tag:team=web device:dev_1'), { dev_1: 'present' })
      const none = await search({ q: 'axios@1.14.1 tag:nobody', window })
      assert.deepEqual([none.items, none.totals.devicesMatched, none.versions], [[], 0, []])
    })

    test('follows a path prefix', async () => {
      const inside = await search({ q: 'axios@1.14.1', path: { prefix: '/home/ada/' }, window: ever })
      const outside = await search({ q: 'axios@1.14.1', path: { prefix: '/home/bob/' }, window: ever })
      assert.deepEqual(Object.keys(devicesOf(inside)).toSorted(), ['dev_1', 'dev_2', 'dev_3'])
      assert.deepEqual(devicesOf(outside), {})
    })

    test('gives its hits page by page, each once', async () => {
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const page: Reply = await search({ q: 'axios', window: ever, limit: 2, ...(cursor === null ? {} : { cursor }) })
        assert.ok(page.items.length <= 2)
        seen.push(...page.items.map(({ deviceId }) => deviceId))
        cursor = page.nextCursor
      } while (cursor !== null)
      assert.deepEqual(seen, ['dev_1', 'dev_2', 'dev_3', 'dev_4', 'dev_6'])
    })

    test('says when the window reaches back beyond what is kept', async () => {
      const beyond = /beyond what is kept: what went before 2025-04-02T00:00:00\.000Z is no longer known/
      assert.match((await search({ q: 'axios', window: ever })).notes.join(' '), beyond)
      assert.doesNotMatch((await search({ q: 'axios', window })).notes.join(' '), beyond)
      assert.doesNotMatch((await search({ q: 'axios' })).notes.join(' '), beyond)
    })

    test('finds nothing of another tenant', async () => {
      const reply = await search({ q: 'axios' }, { ...operator, tenantId: 'other' })
      assert.equal(reply.totals.devicesMatched, 0)
      assert.deepEqual(reply.suggestions, [])
    })
  })
})
