// The rows of presence: what is there now, what was there once, and the raw events of one device for retelling.
// How they follow from events is decided in decide.ts.
import type { EventKind, PayloadItem } from '@muster/contract'
import { bulkDelete, bulkFind, bulkInsert, type Db, type Tx } from '@muster/storage'
import { type EventMark, eventsOfDevice } from '../events/store.ts'
import { orderOf } from '../sync/order.ts'
import { readPayload } from '../sync/readable.ts'
import { withInventory } from '../tables.ts'
import { type Past, type Present, TO_KINDS, type ToKind } from './decide.ts'

/** An item's place: what distinguishes it from every other item of its device. */
export interface Place {
  readonly deviceNo: number
  readonly pathNo: number
  readonly labelNo: number
}

const place = { device_no: 'int', path_no: 'int', label_no: 'int' } as const

const presentColumns = {
  content_no: 'int?',
  from_ms: 'int',
  from_order: 'int',
  from_baseline: 'int',
  confirmed_ms: 'int',
  last_order: 'int',
} as const

const findPresentRows = bulkFind({
  from: 'observe_present',
  select: presentColumns,
  where: place,
  cells: ({ deviceNo, pathNo, labelNo }: Place) => [deviceNo, pathNo, labelNo],
})

/** An item's place, owned, and what is known of it now. */
type PresentItem = OwnedPlace & { readonly present: Present }

const upsertPresent = bulkInsert({
  into: 'observe_present',
  columns: { tenant_id: 'text', ...place, ...presentColumns },
  onConflict: {
    on: ['device_no', 'path_no', 'label_no'],
    update: Object.keys(presentColumns) as (keyof typeof presentColumns)[],
  },
  // The items of one file, found by one scan.
  neighbours: ['tenant_id', 'device_no', 'path_no', 'from_ms', 'from_baseline', 'confirmed_ms'],
  cells: ({ tenantId, deviceNo, pathNo, labelNo, present }: PresentItem) => [
    tenantId,
    deviceNo,
    pathNo,
    labelNo,
    present.contentNo,
    present.fromMs,
    present.fromOrder,
    present.fromBaseline ? 1 : 0,
    present.confirmedMs,
    present.lastOrder,
  ],
})

const insertPastRows = bulkInsert({
  into: 'observe_past',
  columns: {
    tenant_id: 'text',
    ...place,
    content_no: 'int',
    from_ms: 'int',
    from_order: 'int',
    from_baseline: 'int',
    to_ms: 'int',
    to_order: 'int',
    to_kind: 'int',
    confirmed_ms: 'int',
  },
})

const deletePastRows = bulkDelete({ from: 'observe_past', where: place })

const placeRow = ({ deviceNo, pathNo, labelNo }: Place) => ({
  device_no: deviceNo,
  path_no: pathNo,
  label_no: labelNo,
})

/** A place with the tenant its device belongs to, which every row carries. */
export interface OwnedPlace extends Place {
  readonly tenantId: string
}

/** Whether there is, or was, anything at this path of the device. */
export const hasItems = async (db: Db, deviceNo: number, pathNo: number): Promise<boolean> => {
  const row = await withInventory(db)
    .selectFrom('observe_present')
    .select('label_no')
    .where('device_no', '=', deviceNo)
    .where('path_no', '=', pathNo)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** In the order of the places. */
export const findPresent = async (db: Db, places: readonly Place[]): Promise<readonly (Present | undefined)[]> => {
  const rows = await findPresentRows(db, places)
  return rows.map((row) =>
    row === undefined
      ? undefined
      : {
          contentNo: row.content_no,
          fromMs: row.from_ms,
          fromOrder: row.from_order,
          fromBaseline: row.from_baseline === 1,
          confirmedMs: row.confirmed_ms,
          lastOrder: row.last_order,
        },
  )
}

export const storePresent = (tx: Tx, items: readonly PresentItem[]): Promise<number> => upsertPresent(tx, items)

export const storePast = (tx: Tx, rows: readonly (OwnedPlace & Past)[]): Promise<number> =>
  insertPastRows(
    tx,
    rows.map((row) => ({
      tenant_id: row.tenantId,
      device_no: row.deviceNo,
      path_no: row.pathNo,
      label_no: row.labelNo,
      content_no: row.contentNo,
      from_ms: row.fromMs,
      from_order: row.fromOrder,
      from_baseline: row.fromBaseline ? 1 : 0,
      to_ms: row.toMs,
      to_order: row.toOrder,
      to_kind: TO_KINDS.indexOf(row.toKind),
      confirmed_ms: row.confirmedMs,
    })),
  )

export const deletePast = (tx: Tx, places: readonly Place[]): Promise<number> =>
  deletePastRows(tx, places.map(placeRow))

/** The closed intervals of one item, oldest first. */
export const loadPast = async (tx: Tx, { deviceNo, pathNo, labelNo }: Place): Promise<readonly Past[]> => {
  const rows = await tx
    .selectFrom('observe_past')
    .selectAll()
    .where('device_no', '=', deviceNo)
    .where('path_no', '=', pathNo)
    .where('label_no', '=', labelNo)
    .orderBy('to_order')
    .execute()
  return rows.map((row) => ({
    contentNo: row.content_no,
    fromMs: row.from_ms,
    fromOrder: row.from_order,
    fromBaseline: row.from_baseline === 1,
    toMs: row.to_ms,
    toOrder: row.to_order,
    toKind: TO_KINDS[row.to_kind as number] as ToKind,
    confirmedMs: row.confirmed_ms,
  }))
}

export interface RawItemEvent {
  readonly place: Omit<EventMark, 'isMarked'>
  readonly item: PayloadItem
  readonly payload: Uint8Array
  readonly order: number
  readonly kind: EventKind
  readonly observedMs: number
  readonly collectedMs: number
  readonly receivedMs: number
}

/** Every kept inventory event of a device on these surfaces that speaks of one of these items. */
export const loadRawItemEvents = async (
  tx: Tx,
  deviceNo: number,
  surfaces: readonly string[],
  itemIds: ReadonlySet<string>,
): Promise<readonly RawItemEvent[]> => {
  const found: RawItemEvent[] = []
  for await (const { epoch, sequence, ...event } of eventsOfDevice(tx, deviceNo)) {
    if (event.body !== 'inventoryItem' || !surfaces.includes(event.surface)) continue
    const decoded = readPayload(event.payload)
    if (!decoded.ok || decoded.value.body !== 'inventoryItem' || !itemIds.has(decoded.value.item.itemId)) continue
    found.push({ ...event, item: decoded.value.item, order: orderOf(epoch, sequence) })
  }
  return found
}
