// Proof of when a change of a term counts, and of what a purge may let go.
// That rows then go, and stay, is proved in retention.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { changeTerm, decidePlan, settleTerm, type Term, type Terms } from './decide.ts'

const dayMs = 24 * 3600 * 1000
const nowMs = Date.UTC(2026, 5, 1)
const term = (days: number, pendingDays?: number, inMs = dayMs): Term => ({
  days,
  pending: pendingDays === undefined ? null : { days: pendingDays, effectiveMs: nowMs + inMs },
})

const changes: readonly { name: string; from: Term; days: number; want: Term }[] = [
  { name: 'longer counts at once', from: term(90), days: 120, want: term(120) },
  { name: 'shorter counts a day later', from: term(90), days: 30, want: term(90, 30) },
  { name: 'the same again says nothing new', from: term(90), days: 90, want: term(90) },
  { name: 'the old number undoes a shortening', from: term(90, 30, 1000), days: 90, want: term(90) },
  { name: 'asking twice does not begin the day anew', from: term(90, 30, 1000), days: 30, want: term(90, 30, 1000) },
  { name: 'another shortening has a day of its own', from: term(90, 30, 1000), days: 60, want: term(90, 60) },
  { name: 'a shortening that counts is the term to start from', from: term(90, 30, 0), days: 60, want: term(60) },
]
for (const { name, from, days, want } of changes)
  test(name, () => assert.deepEqual(changeTerm(from, days, nowMs), want))

test('whatever is asked for, nothing gets shorter within a day of being asked', () => {
  const asked = fc.array(
    fc.record({ days: fc.integer({ min: 7, max: 400 }), afterMs: fc.integer({ min: 0, max: 2 * dayMs }) }),
  )
  fc.assert(
    fc.property(asked, (steps) => {
      let atMs = nowMs
      let now = term(90)
      const said = [{ atMs, days: 90 }]
      for (const { days, afterMs } of steps) {
        atMs += afterMs
        now = changeTerm(now, days, atMs)
        said.push({ atMs, days })
        // What counts now was wished for at least a day ago, unless it is the longest of the wishes since.
        const counts = settleTerm(now, atMs).days
        const lately = said.filter((one) => one.atMs > atMs - dayMs).map((one) => one.days)
        const before = said.findLast((one) => one.atMs <= atMs - dayMs)?.days ?? 90
        assert.ok(counts >= Math.min(before, ...lately))
        assert.ok(counts >= days)
      }
    }),
  )
})

const all = (days: number): Terms => ({
  events: term(days),
  deadLetters: term(days),
  intervals: term(days),
  findings: term(days),
  audit: term(days),
})

test('a plan follows each tenant, holds what is held, and leaves the rest to the installation', () => {
  const plan = decidePlan({
    installation: all(90),
    own: new Map([
      ['short', { events: term(30) }],
      ['held', { events: term(30) }],
    ]),
    holds: [
      { tenantId: 'held', deviceNo: null },
      { tenantId: 'plain', deviceNo: 7 },
    ],
    nowMs,
  })
  assert.equal(plan.others.eventsBeforeMs, nowMs - 90 * dayMs)
  assert.equal(plan.tenants.get('short')?.eventsBeforeMs, nowMs - 30 * dayMs)
  assert.equal(plan.tenants.get('short')?.auditBeforeMs, nowMs - 90 * dayMs)
  assert.equal(plan.tenants.get('held')?.eventsBeforeMs, 0)
  assert.equal(plan.tenants.has('plain'), false)
  assert.deepEqual(plan.heldDeviceNos, [7])
  assert.deepEqual(plan.tenantsWithHolds, new Set(['held', 'plain']))
})
