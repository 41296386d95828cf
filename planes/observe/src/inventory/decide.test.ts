// Proof of how presence follows from events: a plain model of an item's history, whatever order its events arrive in.
// That the rows of both databases hold the same is proved in sync/ and life/.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVENT_KINDS } from '@muster/contract'
import * as fc from 'fast-check'
import {
  type ItemEvent,
  isLate,
  isRetold,
  type Past,
  type Present,
  retellItem,
  standingBefore,
  stepItem,
  type ToKind,
} from './decide.ts'

/** An event arrives, or the life of the device ends. */
type Arrival = { readonly event: ItemEvent } | { readonly endedMs: number }

/** What is known in the end: when it was there, and which events, by their order, told nothing new. */
interface Known {
  readonly intervals: readonly Interval[]
  readonly retold: readonly number[]
}

interface Interval {
  readonly contentNo: number
  readonly fromMs: number
  readonly to: readonly [atMs: number, kind: ToKind] | null
}

/** What the plane does: steps when it can, tells again when it must, closes what is open when a life ends. */
const foldArrivals = (arrivals: readonly Arrival[]): Known => {
  const events: ItemEvent[] = []
  let retold: readonly number[] = []
  let present: Present | undefined
  let past: readonly Past[] = []
  const hear = (event: ItemEvent): void => {
    events.push(event)
    if (isLate(present, event.order)) {
      const first = Math.min(...events.map(({ order }) => order))
      const history = retellItem(standingBefore(first, present, past), events, past)
      assert.ok(history)
      present = history.present
      past = history.past.toSorted((left, right) => left.toOrder - right.toOrder)
      retold = [...history.retold].map(({ order }) => order)
      return
    }
    const step = stepItem(present, event)
    const isAsBefore = step.past === undefined && step.present.contentNo === present?.contentNo
    assert.equal(isRetold(present, event), isAsBefore)
    if (isAsBefore) retold = [...retold, event.order]
    present = step.present
    if (step.past !== undefined) past = [...past, step.past]
  }
  const end = (endedMs: number): void => {
    if (present === undefined || present.contentNo === null) return
    const { contentNo, lastOrder } = present
    const toMs = Math.max(present.fromMs, endedMs)
    past = [...past, { ...present, contentNo, toMs, toOrder: lastOrder, toKind: 'device_retired' }]
    present = { ...present, contentNo: null }
  }
  for (const arrival of arrivals)
    if ('event' in arrival) hear(arrival.event)
    else end(arrival.endedMs)
  const closed = past.map(({ contentNo, fromMs, toMs, toKind }) => ({ contentNo, fromMs, to: [toMs, toKind] as const }))
  if (present === undefined || present.contentNo === null) return { intervals: closed, retold }
  return { intervals: [...closed, { contentNo: present.contentNo, fromMs: present.fromMs, to: null }], retold }
}

/** What it comes to: everything in the order it happened, an end after the newest event that had arrived by then. */
const referenceModel = (arrivals: readonly Arrival[]): Known => {
  const happened: (Arrival & { readonly order: number })[] = []
  let newest = 0
  for (const arrival of arrivals) {
    if ('event' in arrival) newest = Math.max(newest, arrival.event.order)
    happened.push({ ...arrival, order: 'event' in arrival ? arrival.event.order : newest + 0.5 })
  }
  const intervals: Interval[] = []
  const retold: number[] = []
  let open: { contentNo: number; fromMs: number } | undefined
  let wasSeen = false
  const close = (atMs: number, kind: ToKind): void => {
    if (open !== undefined) intervals.push({ ...open, to: [Math.max(open.fromMs, atMs), kind] })
    open = undefined
  }
  for (const arrival of happened.toSorted((left, right) => left.order - right.order)) {
    if (!('event' in arrival)) {
      close(arrival.endedMs, 'device_retired')
      continue
    }
    const { kind, contentNo, atMs } = arrival.event
    if (kind === 'removed' && !wasSeen) open = { contentNo, fromMs: atMs }
    const isNothingNew = kind === 'removed' ? wasSeen && open === undefined : open?.contentNo === contentNo
    if (isNothingNew) retold.push(arrival.order)
    wasSeen = true
    if (kind === 'removed') close(atMs, 'removed')
    else if (open?.contentNo !== contentNo) {
      close(atMs, 'replaced')
      open = { contentNo, fromMs: atMs }
    }
  }
  return { intervals: open === undefined ? intervals : [...intervals, { ...open, to: null }], retold }
}

const happenings = fc.array(
  fc.record({ kind: fc.constantFrom(...EVENT_KINDS), contentNo: fc.integer({ min: 1, max: 2 }), dice: fc.nat() }),
  { minLength: 1, maxLength: 12 },
)

/** Every event once, which is sync's promise, in any order, with up to three ends in between. */
const anyArrivals = fc
  .record({ happenings, ends: fc.array(fc.nat(), { maxLength: 3 }) })
  .map(({ happenings, ends }): readonly Arrival[] => {
    const events = happenings.map(({ kind, contentNo, dice }, index) => ({
      event: { order: index + 1, kind, contentNo, atMs: (index + 1) * 10, baseline: false },
      dice,
    }))
    const arrivals: Arrival[] = events.toSorted((left, right) => left.dice - right.dice).map(({ event }) => ({ event }))
    const endedAt = ends.map((dice) => dice % (arrivals.length + 1)).toSorted((left, right) => right - left)
    for (const [index, at] of endedAt.entries()) arrivals.splice(at, 0, { endedMs: 1000 - index })
    return arrivals
  })

test('in whatever order events arrive, and whenever lives end, the intervals are those of the plain model', () => {
  fc.assert(
    fc.property(anyArrivals, (arrivals) => assert.deepEqual(foldArrivals(arrivals), referenceModel(arrivals))),
    { numRuns: 3000 },
  )
})

const added = (order: number): Arrival => ({
  event: { order, kind: 'added', contentNo: 1, atMs: order * 10, baseline: false },
})

test('an event of an ended life that arrives in the next one leaves the time between them empty', () => {
  assert.deepEqual(foldArrivals([added(2), { endedMs: 50 }, added(7), added(1), added(5)]).intervals, [
    { contentNo: 1, fromMs: 10, to: [50, 'device_retired'] },
    { contentNo: 1, fromMs: 50, to: null },
  ])
})
