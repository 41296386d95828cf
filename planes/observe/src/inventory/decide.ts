// How presence follows from events: one item at a time, in the order of its events (sensor-protocol 16.1).
// Which rows hold this, and which events belong to an item, is the store's business.
import type { EventKind } from '@muster/contract'

interface Turn {
  readonly order: number
  /** Already within the bounds the server believes. */
  readonly atMs: number
}

/** What one event says of an item; `contentNo` names everything about it but its place. */
export interface ItemEvent extends Turn {
  readonly kind: EventKind
  readonly contentNo: number
  /** Part of a surface's first scan: present at this moment or before. */
  readonly baseline: boolean
}

/** What is known of an item now; `contentNo` null once it is gone. */
export interface Present {
  readonly contentNo: number | null
  readonly fromMs: number
  readonly fromOrder: number
  readonly fromBaseline: boolean
  readonly confirmedMs: number
  readonly lastOrder: number
}

export const TO_KINDS = ['removed', 'replaced', 'device_retired'] as const
export type ToKind = (typeof TO_KINDS)[number]

/** A closed interval of presence. */
export interface Past {
  readonly contentNo: number
  readonly fromMs: number
  readonly fromOrder: number
  readonly fromBaseline: boolean
  readonly toMs: number
  readonly toOrder: number
  readonly toKind: ToKind
  readonly confirmedMs: number
}

export interface Step {
  readonly present: Present
  readonly past: Past | undefined
}

/**
 * The next state of an item. The event must not be older than what was applied last; see `isLate`.
 * Repeated `added` of what is there only confirms it, which is how known agents behave (sensor-protocol 16.2).
 */
export const stepItem = (present: Present | undefined, event: ItemEvent): Step => {
  if (event.kind === 'removed') return remove(present, event)
  if (present === undefined || present.contentNo === null) return { present: open(event), past: undefined }
  if (present.contentNo === event.contentNo)
    return {
      present: { ...present, confirmedMs: Math.max(present.confirmedMs, event.atMs), lastOrder: event.order },
      past: undefined,
    }
  return { present: open(event), past: close(present, present.contentNo, event, 'replaced') }
}

/** Whether the event only says what was known: that an item is as it was, or still gone. */
export const isRetold = (present: Present | undefined, { kind, contentNo }: ItemEvent): boolean =>
  present !== undefined && present.contentNo === (kind === 'removed' ? null : contentNo)

export const isLate = (present: Present | undefined, order: number): boolean =>
  present !== undefined && order < present.lastOrder

const open = (event: ItemEvent): Present => ({
  contentNo: event.contentNo,
  fromMs: event.atMs,
  fromOrder: event.order,
  fromBaseline: event.baseline,
  confirmedMs: event.atMs,
  lastOrder: event.order,
})

const remove = (present: Present | undefined, event: ItemEvent): Step => {
  if (present === undefined) return { present: gone(open(event), event), past: tombstone(event) }
  if (present.contentNo === null) return { present: gone(present, event), past: undefined }
  return { present: gone(present, event), past: close(present, present.contentNo, event, 'removed') }
}

const gone = (present: Present, event: Turn): Present => ({
  ...present,
  contentNo: null,
  lastOrder: event.order,
})

/** The removal of an item nobody had seen proves that it was there, at that moment or before. */
const tombstone = (event: ItemEvent): Past => ({
  contentNo: event.contentNo,
  fromMs: event.atMs,
  fromOrder: event.order,
  fromBaseline: true,
  toMs: event.atMs,
  toOrder: event.order,
  toKind: 'removed',
  confirmedMs: event.atMs,
})

const close = (present: Present, contentNo: number, event: Turn, toKind: ToKind): Past => ({
  contentNo,
  fromMs: present.fromMs,
  fromOrder: present.fromOrder,
  fromBaseline: present.fromBaseline,
  toMs: Math.max(present.fromMs, event.atMs),
  toOrder: event.order,
  toKind,
  confirmedMs: present.confirmedMs,
})

export interface History {
  readonly present: Present
  readonly past: readonly Past[]
  /** Those of the events that only said what was known, now that their turns are known. */
  readonly retold: ReadonlySet<ItemEvent>
}

/** The life of the device ended after the event of this order, the newest that had come of the item by then. */
export interface LifeEnd extends Turn {
  readonly kind: 'device_retired'
}

const endLife = (present: Present | undefined, end: LifeEnd): Step | undefined =>
  present === undefined || present.contentNo === null
    ? undefined
    : { present: gone(present, end), past: close(present, present.contentNo, end, 'device_retired') }

/**
 * The whole history of an item told again, for when an event arrives that is older than what was applied. `before` is
 * what stood just before the first of the events; the events may come in any order. `known` is the past as it was told
 * so far: no event says when a life of the device ended, only the intervals that ended with it.
 */
export const retellItem = (
  before: { readonly present: Present | undefined; readonly past: readonly Past[] },
  events: readonly ItemEvent[],
  known: readonly Past[],
): History | undefined => {
  const told = new Set(before.past)
  const ends = known.filter((past) => past.toKind === 'device_retired' && !told.has(past)).map(toLifeEnd)
  const past = [...before.past]
  const retold = new Set<ItemEvent>()
  let present = before.present
  // The sort is stable: an end comes after the event it followed.
  for (const turn of [...events, ...ends].toSorted((left, right) => left.order - right.order)) {
    const step = turn.kind === 'device_retired' ? endLife(present, turn) : stepItem(present, turn)
    if (turn.kind !== 'device_retired' && isRetold(present, turn)) retold.add(turn)
    if (step === undefined) continue
    present = step.present
    if (step.past !== undefined) past.push(step.past)
  }
  return present === undefined ? undefined : { present, past, retold }
}

const toLifeEnd = ({ toOrder, toMs }: Past): LifeEnd => ({ kind: 'device_retired', order: toOrder, atMs: toMs })

/**
 * What stood just before an order: the intervals that had ended, and the one that was running. Raw events before that
 * order may have expired; intervals do not.
 */
export const standingBefore = (
  order: number,
  present: Present | undefined,
  past: readonly Past[],
): { readonly present: Present | undefined; readonly past: readonly Past[] } => {
  const ended = past.filter(({ toOrder }) => toOrder < order)
  const closed = past.find(({ fromOrder, toOrder }) => fromOrder < order && toOrder >= order)
  if (closed !== undefined) return { past: ended, present: runningFrom(closed, closed.contentNo) }
  if (present !== undefined && present.contentNo !== null && present.fromOrder < order)
    return { past: ended, present: runningFrom(present, present.contentNo) }
  const last = ended.at(-1)
  return {
    past: ended,
    present: last === undefined ? undefined : { ...runningFrom(last, null), lastOrder: last.toOrder },
  }
}

const runningFrom = (
  interval: Pick<Present, 'fromMs' | 'fromOrder' | 'fromBaseline'>,
  contentNo: number | null,
): Present => ({
  contentNo,
  fromMs: interval.fromMs,
  fromOrder: interval.fromOrder,
  fromBaseline: interval.fromBaseline,
  confirmedMs: interval.fromMs,
  lastOrder: interval.fromOrder,
})

const dayMs = 24 * 3600 * 1000

/** Device clocks are believed between a day before enrolment and the moment of receipt (fleet-product 10.3). */
export const believableMs = (observedMs: number, enrolledMs: number, receivedMs: number): number =>
  Math.min(Math.max(observedMs, enrolledMs - dayMs), receivedMs)
