// Folds the inventory events of a batch into presence, in the transaction that stores them.
// The steps are decided in decide.ts; the rows are store.ts; names are interned by names.ts.
import type { EventKind } from '@muster/contract'
import type { Tx } from '@muster/storage'
import { isBaselineLike } from '../coverage/decide.ts'
import { type EventMark, rewriteMarks } from '../events/store.ts'
import type { HoldingChange } from '../holdings/decide.ts'
import type { Holdings } from '../holdings/holdings.ts'
import { storeChanges } from '../holdings/store.ts'
import { readPayload } from '../sync/readable.ts'
import {
  believableMs,
  type ItemEvent,
  isLate,
  isRetold,
  type Past,
  type Present,
  retellItem,
  standingBefore,
  stepItem,
} from './decide.ts'
import type { ItemNumbers, Names, SaidItem } from './names.ts'
import {
  deletePast,
  findPresent,
  hasItems,
  loadPast,
  loadRawItemEvents,
  type OwnedPlace,
  type Place,
  storePast,
  storePresent,
} from './store.ts'

/** What to call once the transaction is on disk. */
export interface Settling {
  settled(): void
}

export interface FoldedDevice {
  readonly deviceNo: number
  readonly tenantId: string
  readonly enrolledMs: number
}

interface Moments {
  readonly kind: EventKind
  readonly observedMs: number
  readonly collectedMs: number
}

export interface FoldedEvent {
  readonly device: FoldedDevice
  readonly event: Moments & { readonly surface: string; readonly payload: Uint8Array }
  readonly said: SaidItem
  readonly order: number
  readonly receivedMs: number
}

/** What is kept beside the tables. */
export interface Folding {
  readonly names: Names
  readonly holdings: Pick<Holdings, 'grew'>
}

/** When the earliest collection of a surface of a device was, as far as is known with this batch. */
export type Baselines = (deviceNo: number, surface: string) => number

interface Held extends OwnedPlace {
  /** The first event of the batch that speaks of it. */
  readonly first: FoldedEvent
  /** The content it had before the batch. */
  heldNo: number | null
  present: Present | undefined
  changed: boolean
  late: boolean
}

/** What follows from the events of a batch. */
export interface Fold {
  /** For each event in order: it only said what was known already. */
  readonly isRetold: readonly boolean[]
  /** To be called once the events themselves are stored in the same transaction. Answers what to call when that is on disk. */
  store(): Promise<Settling>
}

/** Events of any number of devices, each device's in the order it sent them. Writes nothing but names. */
export const foldInventory = async (
  tx: Tx,
  { names, holdings }: Folding,
  events: readonly FoldedEvent[],
  baselines: Baselines,
): Promise<Fold> => {
  if (events.length === 0) return { isRetold: [], store: async () => ({ settled() {} }) }
  const naming = await names.resolve(
    tx,
    events.map(({ device, event, said }) => ({ tenantId: device.tenantId, said, payload: event.payload })),
  )
  const held = await loadHeld(tx, events, naming.numbers)
  const past: (OwnedPlace & Past)[] = []
  const isRetoldEach = events.map((told, index) => {
    const { device, event } = told
    const { contentNo } = naming.numbers[index] as ItemNumbers
    const firstMs = baselines(device.deviceNo, event.surface)
    return applyEvent(held.of[index] as Held, toItemEvent(told, device.enrolledMs, contentNo, firstMs), past)
  })
  return {
    isRetold: isRetoldEach,
    async store() {
      await storePast(tx, past)
      await storePresent(tx, held.items.filter(isToStore))
      const retold = await retellLate(tx, names, held.items, baselines)
      const changes: HoldingChange[] = []
      for (const item of held.items) addHoldingChanges(changes, item)
      await storeChanges(tx, changes)
      return {
        settled() {
          naming.settled()
          retold.settled()
          holdings.grew(changes.length)
        },
      }
    },
  }
}

type ByPlace = Map<number, Map<number, Map<number, Held>>>

/** Each item the events speak of, once, and for each event the item it speaks of. */
const loadHeld = async (
  tx: Tx,
  events: readonly FoldedEvent[],
  numbers: readonly ItemNumbers[],
): Promise<{ readonly items: readonly Held[]; readonly of: readonly Held[] }> => {
  const byDevice: ByPlace = new Map()
  const items: Held[] = []
  const of = events.map((first, index) => {
    const { pathNo, labelNo } = numbers[index] as ItemNumbers
    const { tenantId, deviceNo } = first.device
    const byLabel = inMap(inMap(byDevice, deviceNo), pathNo)
    const known = byLabel.get(labelNo)
    if (known !== undefined) return known
    const held: Held = {
      tenantId,
      deviceNo,
      pathNo,
      labelNo,
      first,
      heldNo: null,
      present: undefined,
      changed: false,
      late: false,
    }
    byLabel.set(labelNo, held)
    items.push(held)
    return held
  })
  await findRows(tx, byDevice)
  return { items, of }
}

/** To ask once whether there is anything at a path is cheaper than to ask for each of so many of its items. */
const worthAsking = 32

const findRows = async (tx: Tx, byDevice: ByPlace): Promise<void> => {
  const asked: Held[] = []
  for (const [deviceNo, byPath] of byDevice)
    for (const [pathNo, byLabel] of byPath)
      if (byLabel.size < worthAsking || (await hasItems(tx, deviceNo, pathNo))) asked.push(...byLabel.values())
  const rows = await findPresent(tx, asked)
  asked.forEach((item, index) => {
    item.present = rows[index]
    item.heldNo = item.present?.contentNo ?? null
  })
}

const inMap = <Value>(maps: Map<number, Map<number, Value>>, key: number): Map<number, Value> => {
  const known = maps.get(key)
  if (known !== undefined) return known
  const made = new Map<number, Value>()
  maps.set(key, made)
  return made
}

/** Whether it only said what was known; of what came late, nobody knows yet. */
const applyEvent = (item: Held, event: ItemEvent, past: (OwnedPlace & Past)[]): boolean => {
  if (item.late || isLate(item.present, event.order)) {
    item.late = true
    return false
  }
  const isNothingNew = isRetold(item.present, event)
  const step = stepItem(item.present, event)
  item.present = step.present
  item.changed = true
  if (step.past !== undefined) past.push({ ...placeOf(item), ...step.past })
  return isNothingNew
}

const placeOf = ({ tenantId, deviceNo, pathNo, labelNo }: OwnedPlace): OwnedPlace => ({
  tenantId,
  deviceNo,
  pathNo,
  labelNo,
})

const addHoldingChanges = (changes: HoldingChange[], item: Held): void => {
  const { deviceNo, pathNo, labelNo, heldNo } = item
  const contentNo = item.present?.contentNo ?? null
  if (heldNo === contentNo) return
  if (heldNo !== null) changes.push({ contentNo: heldNo, deviceNo, pathNo, labelNo, held: false })
  if (contentNo !== null) changes.push({ contentNo, deviceNo, pathNo, labelNo, held: true })
}

const isToStore = (item: Held): item is Held & { readonly present: Present } =>
  item.changed && !item.late && item.present !== undefined

const toItemEvent = (
  { event, order, receivedMs }: Pick<FoldedEvent, 'order' | 'receivedMs'> & { readonly event: Moments },
  enrolledMs: number,
  contentNo: number,
  firstCollectedMs: number,
): ItemEvent => ({
  order,
  kind: event.kind,
  contentNo,
  atMs: believableMs(event.observedMs, enrolledMs, receivedMs),
  baseline: isBaselineLike(event) && event.collectedMs <= firstCollectedMs,
})

/** Items that got an event older than what they already had: rare enough to read the device's events again. */
const retellLate = async (tx: Tx, names: Names, items: readonly Held[], baselines: Baselines): Promise<Settling> => {
  const settlings: Settling[] = []
  for (const [, late] of Map.groupBy(
    items.filter((item) => item.late),
    (item) => item.deviceNo,
  ))
    settlings.push(await retellDevice(tx, names, late, baselines))
  return { settled: () => settlings.forEach((settling) => settling.settled()) }
}

const retellDevice = async (tx: Tx, names: Names, late: readonly Held[], baselines: Baselines): Promise<Settling> => {
  const [{ deviceNo, first }] = late as readonly [Held]
  const { device } = first
  const raw = await loadRawItemEvents(
    tx,
    deviceNo,
    [...new Set(late.map((item) => item.first.event.surface))],
    new Set(late.map((item) => itemIdIn(item.first))),
  )
  const naming = await names.resolve(
    tx,
    raw.map(({ item, payload }) => ({ tenantId: device.tenantId, said: { body: 'inventoryItem', item }, payload })),
  )
  const byPlace = Map.groupBy(
    raw.map((event, index) => ({ event, numbers: naming.numbers[index] as ItemNumbers })),
    ({ numbers }) => placeName(numbers),
  )
  const marks: EventMark[] = []
  for (const item of late) {
    const told = byPlace.get(placeName(item)) ?? []
    const firstMs = baselines(deviceNo, item.first.event.surface)
    const events = told.map(({ event, numbers }) => {
      const { order, receivedMs } = event
      return toItemEvent({ event, order, receivedMs }, device.enrolledMs, numbers.contentNo, firstMs)
    })
    const retold = await retell(tx, item, events)
    for (const [index, event] of events.entries())
      marks.push({ ...(told[index] as (typeof told)[number]).event.place, isMarked: retold.has(event) })
  }
  await rewriteMarks(tx, marks)
  return naming
}

const itemIdIn = ({ said, event }: FoldedEvent): string => {
  if (said.body === 'inventoryItem') return said.item.itemId
  const read = readPayload(event.payload)
  if (!read.ok || read.value.body !== 'inventoryItem') throw new Error('an item was recognised that cannot be read')
  return read.value.item.itemId
}

const placeName = ({ pathNo, labelNo }: Pick<Place, 'pathNo' | 'labelNo'>): string => `${pathNo}.${labelNo}`

/** Answers which of the events only said what was known. */
const retell = async (tx: Tx, item: Held, events: readonly ItemEvent[]): Promise<ReadonlySet<ItemEvent>> => {
  const firstOrder = events.reduce((first, { order }) => Math.min(first, order), Number.MAX_SAFE_INTEGER)
  const known = await loadPast(tx, item)
  const history = retellItem(standingBefore(firstOrder, item.present, known), events, known)
  if (history === undefined) return new Set()
  await deletePast(tx, [item])
  await storePast(
    tx,
    history.past.map((past) => ({ ...placeOf(item), ...past })),
  )
  await storePresent(tx, [{ ...placeOf(item), present: history.present }])
  item.present = history.present
  return history.retold
}
