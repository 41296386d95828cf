// Folds the inventory events of a batch into presence, in the transaction that stores them.
// The steps are decided in decide.ts; the rows are store.ts; names are interned by names.ts.
import type { EventKind, PayloadItem } from '@muster/contract'
import type { Tx } from '@muster/storage'
import { isBaselineLike } from '../coverage/decide.ts'
import {
  believableMs,
  type ItemEvent,
  isLate,
  type Past,
  type Present,
  retellItem,
  standingBefore,
  stepItem,
} from './decide.ts'
import type { ItemNumbers, Names } from './names.ts'
import {
  deletePast,
  findPresent,
  loadPast,
  loadRawItemEvents,
  type Place,
  type RawItemEvent,
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

export interface FoldedEvent {
  readonly device: FoldedDevice
  readonly item: PayloadItem
  readonly order: number
  readonly kind: EventKind
  readonly observedMs: number
  readonly collectedMs: number
  readonly receivedMs: number
  /** When the first scan of the surface was collected, as far as is known with this batch. */
  readonly baselineMs: number
}

interface Held extends Place {
  readonly item: PayloadItem
  readonly device: FoldedDevice
  readonly baselineMs: number
  present: Present | undefined
  changed: boolean
  late: boolean
}

/**
 * Events of any number of devices, each device's in the order it sent them. Must run after the events themselves are
 * stored in the same transaction. Answers what to call once that is on disk.
 */
export const foldInventory = async (tx: Tx, names: Names, events: readonly FoldedEvent[]): Promise<Settling> => {
  if (events.length === 0) return { settled() {} }
  const naming = await names.resolve(
    tx,
    events.map(({ device, item }) => ({ tenantId: device.tenantId, item })),
  )
  const held = await loadHeld(tx, events, naming.numbers)
  const past: (Place & Past)[] = []
  for (const [index, event] of events.entries()) {
    const numbers = naming.numbers[index] as ItemNumbers
    const item = held.get(heldKeyOf(event.device, numbers)) as Held
    applyEvent(item, toItemEvent(event, event.device, numbers.contentNo, event.baselineMs), past)
  }
  const items = [...held.values()]
  await storePast(tx, past)
  await storePresent(tx, items.flatMap(toPresentRow))
  const retold = await retellLate(tx, names, items)
  return {
    settled() {
      naming.settled()
      retold.settled()
    },
  }
}

const heldKeyOf = ({ deviceNo }: FoldedDevice, { pathNo, labelNo }: ItemNumbers): string =>
  `${deviceNo}.${pathNo}.${labelNo}`

const loadHeld = async (
  tx: Tx,
  events: readonly FoldedEvent[],
  numbers: readonly ItemNumbers[],
): Promise<ReadonlyMap<string, Held>> => {
  const held = new Map<string, Held>()
  for (const [index, { device, item, baselineMs }] of events.entries()) {
    const { pathNo, labelNo } = numbers[index] as ItemNumbers
    const key = heldKeyOf(device, numbers[index] as ItemNumbers)
    if (!held.has(key))
      held.set(key, {
        deviceNo: device.deviceNo,
        pathNo,
        labelNo,
        item,
        device,
        baselineMs,
        present: undefined,
        changed: false,
        late: false,
      })
  }
  const items = [...held.values()]
  const rows = await findPresent(tx, items)
  for (const [index, item] of items.entries()) item.present = rows[index]
  return held
}

const applyEvent = (item: Held, event: ItemEvent, past: (Place & Past)[]): void => {
  if (item.late || isLate(item.present, event.order)) {
    item.late = true
    return
  }
  const step = stepItem(item.present, event)
  item.present = step.present
  item.changed = true
  if (step.past !== undefined) past.push({ ...placeOf(item), ...step.past })
}

const placeOf = ({ deviceNo, pathNo, labelNo }: Place): Place => ({ deviceNo, pathNo, labelNo })

const toPresentRow = (item: Held): (Place & Present)[] =>
  item.changed && !item.late && item.present !== undefined ? [{ ...placeOf(item), ...item.present }] : []

const toItemEvent = (
  event: Omit<RawItemEvent, 'item'>,
  device: FoldedDevice,
  contentNo: number,
  baselineMs: number,
): ItemEvent => ({
  order: event.order,
  kind: event.kind,
  contentNo,
  atMs: believableMs(event.observedMs, device.enrolledMs, event.receivedMs),
  baseline: isBaselineLike(event) && event.collectedMs <= baselineMs,
})

/** Items that got an event older than what they already had: rare enough to read the device's events again. */
const retellLate = async (tx: Tx, names: Names, items: readonly Held[]): Promise<Settling> => {
  const settlings: Settling[] = []
  for (const [, late] of Map.groupBy(
    items.filter((item) => item.late),
    (item) => item.deviceNo,
  ))
    settlings.push(await retellDevice(tx, names, late))
  return { settled: () => settlings.forEach((settling) => settling.settled()) }
}

const retellDevice = async (tx: Tx, names: Names, late: readonly Held[]): Promise<Settling> => {
  const [{ deviceNo, device }] = late as readonly [Held]
  const raw = await loadRawItemEvents(
    tx,
    deviceNo,
    [...new Set(late.map(({ item }) => item.surface))],
    new Set(late.map(({ item }) => item.itemId)),
  )
  const naming = await names.resolve(
    tx,
    raw.map(({ item }) => ({ tenantId: device.tenantId, item })),
  )
  const byItem = Map.groupBy(
    raw.map((event, index) => ({ event, numbers: naming.numbers[index] as ItemNumbers })),
    ({ numbers }) => heldKeyOf(device, numbers),
  )
  for (const item of late) {
    const told = byItem.get(heldKeyOf(device, { ...item, contentNo: 0 })) ?? []
    const events = told.map(({ event, numbers }) => toItemEvent(event, device, numbers.contentNo, item.baselineMs))
    await retell(tx, item, events)
  }
  return naming
}

const retell = async (tx: Tx, item: Held, events: readonly ItemEvent[]): Promise<void> => {
  const firstOrder = events.reduce((first, { order }) => Math.min(first, order), Number.MAX_SAFE_INTEGER)
  const before = standingBefore(firstOrder, item.present, await loadPast(tx, item))
  const history = retellItem(before, events)
  if (history === undefined) return
  await deletePast(tx, [item])
  await storePast(
    tx,
    history.past.map((past) => ({ ...placeOf(item), ...past })),
  )
  await storePresent(tx, [{ ...placeOf(item), ...history.present }])
}
