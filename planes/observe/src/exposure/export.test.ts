// Proof on both databases that an export lists every device, with its reason or all of its evidence, and is recorded.
// The verdicts themselves are proved in decide.test.ts and exposure.test.ts.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type AuditStatement,
  csvLines,
  exportInventory,
  SEARCH_CSV,
  SearchExportLine,
  type SearchExportRequest,
} from '@muster/contract'
import { createFakeClock, ok, type Result, toIso } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { itemPayload, npmItem, openTestFleet, operator, type TestFleet } from '../testing/fleet.ts'
import { serveExposure } from './exposure.ts'

const dayMs = 24 * 3600_000
const enrolledMs = Date.UTC(2026, 0, 1)
const scannedMs = Date.UTC(2026, 1, 1)
const nowMs = Date.UTC(2026, 3, 2)

const [holder, former, clean, partial, mute] = [1, 2, 3, 4, 5]
const [broad, broader] = [6, 7]
const fleet = [holder, former, clean, partial, mute, broad, broader].map((no) => ({
  no,
  enrolledMs,
  lastContactMs: nowMs,
}))

const pathsEach = 2600
const item = (name: string, version: string, path?: string) => itemPayload(npmItem(name, version, path))
const scan = (sequence: number, payload: ReturnType<typeof item>, collectedMs = scannedMs) => ({
  sequence,
  atMs: scannedMs,
  collectedMs,
  payload,
})

const seed = async ({ tell }: TestFleet): Promise<void> => {
  const later = { sequence: 2, atMs: scannedMs + dayMs }
  await tell(holder, [scan(1, item('axios', '1.14.1', '/home/a/=cmd.lock'))], nowMs)
  const gone = { ...later, kind: 'removed' as const, payload: item('axios', '1.14.1') }
  await tell(former, [scan(1, item('axios', '1.14.1')), gone], nowMs)
  await tell(clean, [scan(1, item('left-pad', '1.0.0'))], nowMs)
  await tell(partial, [scan(1, item('left-pad', '1.0.0'), scannedMs - 5)], nowMs)
  for (const no of [broad, broader]) {
    for (let at = 0; at < pathsEach; at += 500) {
      const numbers = Array.from({ length: Math.min(500, pathsEach - at) }, (_, index) => at + index)
      const events = numbers.map((path) => scan(path + 1, item('axios', '1.13.0', `/p/${path}/package-lock.json`)))
      await tell(no, events, nowMs)
    }
  }
}

const since = { from: toIso(scannedMs), to: toIso(nowMs) }

eachEngine((engine) => {
  describe('an export of a search', () => {
    let fleetUnderTest: TestFleet
    const statements: AuditStatement[] = []
    before(async () => {
      fleetUnderTest = await openTestFleet(engine, fleet)
      await seed(fleetUnderTest)
    })
    after(() => fleetUnderTest.close())

    const begin = async (body: SearchExportRequest, as = operator): Promise<Result<AsyncIterable<unknown>>> => {
      const { storage, devices } = fleetUnderTest
      const served = serveExposure({
        storage,
        devices,
        audit: async (_tx, said) => void statements.push(...said),
        clock: createFakeClock(nowMs),
        intervalsKeptFromMs: async () => 0,
        settleHoldings: () => storage.unit<undefined, undefined>('settleHoldings')(undefined),
      })
      const handler = served.find(({ route }) => route === exportInventory)
      const said = { params: undefined, query: { format: 'csv' }, body, speaker: as }
      const answer = await handler?.handle({ ...said, requestId: 'req_1', ip: '192.0.2.1', receivedMs: 0 })
      assert.ok(answer !== undefined)
      return answer.ok ? ok(answer.value as AsyncIterable<unknown>) : answer
    }

    const take = async (body: SearchExportRequest, as = operator): Promise<readonly SearchExportLine[]> => {
      const begun = await begin(body, as)
      assert.ok(begun.ok)
      const lines: SearchExportLine[] = []
      for await (const line of begun.value) lines.push(SearchExportLine.parse(line))
      return lines
    }
    const devicesOf = (lines: readonly SearchExportLine[]) => lines.filter((line) => line.record === 'device')

    test('says the answer first, then every device: with its evidence, or with the reason why there is none', async () => {
      const [answer, ...lines] = await take({ q: 'axios@1.14.1', window: since })
      assert.equal(answer?.record, 'answer')
      assert.deepEqual(answer.record === 'answer' && [answer.exportedAt, answer.window, answer.verdicts], [
        toIso(nowMs),
        since,
        { present: 1, present_unconfirmed: 0, past: 1, not_observed: 3, unknown: 2 },
      ])
      assert.deepEqual(
        devicesOf(lines).map(({ deviceId, verdict, unknownReason, intervals }) => [
          deviceId,
          unknownReason ?? verdict,
          intervals.length,
        ]),
        [
          ['dev_1', 'present', 1],
          ['dev_2', 'past', 1],
          ['dev_3', 'not_observed', 0],
          ['dev_4', 'surface_partial', 0],
          ['dev_5', 'surface_none', 0],
          ['dev_6', 'not_observed', 0],
          ['dev_7', 'not_observed', 0],
        ],
      )
    })

    test('tells of each device one moment: its verdict is that of the evidence beside it', async () => {
      const at = { sequence: 5, atMs: nowMs - 1000 }
      await fleetUnderTest.tell(clean, [{ ...at, payload: item('moving', '1.0.0') }], nowMs)
      const begun = await begin({ q: 'moving', window: since })
      assert.ok(begun.ok)
      const gone = { sequence: 6, atMs: nowMs - 500, kind: 'removed' as const, payload: item('moving', '1.0.0') }
      await fleetUnderTest.tell(clean, [gone], nowMs)
      const lines: SearchExportLine[] = []
      for await (const line of begun.value) lines.push(SearchExportLine.parse(line))
      const told = devicesOf(lines).find(({ deviceId }) => deviceId === 'dev_3')
      assert.deepEqual(told && [told.verdict, told.asOf, told.intervals.map(({ toKind }) => toKind)], [
        'past',
        toIso(nowMs),
        ['removed'],
      ])
      assert.equal(lines[0]?.record === 'answer' && lines[0].verdicts.present, 1, 'as it was when it began')
    })

    test('leaves nothing out where the evidence is more than is read at once', async () => {
      const lines = devicesOf(await take({ q: 'axios@1.13.0', verdicts: ['present'] }))
      assert.deepEqual(
        lines.map(({ deviceId, intervals }) => [deviceId, new Set(intervals.map(({ path }) => path)).size]),
        [
          ['dev_6', pathsEach],
          ['dev_7', pathsEach],
        ],
      )
    })

    test('is a table with a row for each interval and one for each device without', async () => {
      const lines = await take({ q: 'axios@1.14.1', window: since })
      const rows = lines.map((line) => csvLines(SEARCH_CSV, line).split('\r\n').slice(0, -1))
      assert.deepEqual(
        rows.map((some) => some.length),
        [0, 1, 1, 1, 1, 1, 1, 1],
      )
      for (const line of lines)
        for (const row of SEARCH_CSV.rowsOf(line)) assert.equal(row.length, SEARCH_CSV.columns.length)
      const known = `"dev_1","host-1",,,"","online","present",,"javascriptPackages","axios","1.14.1",false`
      assert.equal(rows[1]?.[0]?.slice(0, known.length), known)
      assert.match(rows[5]?.[0] ?? '', /^"dev_5","host-5",,,"","online","unknown","surface_none",,/)
    })

    test('is recorded once, with what was asked and how it was answered, before anything is read', async () => {
      statements.length = 0
      await begin({ q: 'axios@1.14.1' })
      assert.deepEqual(
        statements.map(({ action, actor, requestId, details }) => ({ action, actor: actor.ip, requestId, details })),
        [
          {
            action: 'inventory.exported',
            actor: '192.0.2.1',
            requestId: 'req_1',
            details: {
              format: 'csv',
              asked: { q: 'axios@1.14.1' },
              verdicts: { present: 1, present_unconfirmed: 0, past: 0, not_observed: 4, unknown: 2 },
            },
          },
        ],
      )
    })

    test('refuses a question that cannot be read, and records nothing then', async () => {
      statements.length = 0
      const refused = await begin({})
      assert.equal(!refused.ok && refused.refusal.code, 'request_malformed')
      assert.deepEqual(statements, [])
    })

    test('has none of the evidence for another tenant', async () => {
      const lines = devicesOf(await take({ q: 'axios' }, { ...operator, tenantId: 'elsewhere' }))
      assert.deepEqual([...new Set(lines.map(({ unknownReason }) => unknownReason))], ['surface_none'])
      assert.ok(lines.every(({ intervals }) => intervals.length === 0))
    })
  })
})
