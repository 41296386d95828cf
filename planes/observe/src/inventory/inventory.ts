// What operators read of one device's inventory and of the changes of the fleet.
// Rows come from listing.ts and events/; who owns a device is identity's.
import { deviceEvents, deviceInventory, type InventoryItem, listChanges } from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Devices, KnownOperator } from '@muster/identity'
import { cutPage, ok, readPage, sha256Hex, toIso } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import {
  type ListedChange,
  listChanges as listChangeEvents,
  listEvents,
  toChange,
  toRawEvent,
} from '../events/listing.ts'
import { eventReadBy, readBy } from '../masking/mask.ts'
import { decideStale, versionedSurfaces } from './decide-stale.ts'
import { itemIdOf } from './label.ts'
import { type ListedRow, listStanding, newestConfirmations, siblingKey } from './listing.ts'

export interface InventoryNeeds {
  readonly storage: Pick<Storage, 'db'>
  readonly devices: Pick<Devices, 'historyNos' | 'read' | 'readMany'>
}

export const serveInventory = (needs: InventoryNeeds): readonly Served<KnownOperator>[] => [
  serveDeviceInventory(needs),
  serveDeviceEvents(needs),
  serveChanges(needs),
]

const serveDeviceInventory = ({ storage, devices }: InventoryNeeds) =>
  serve<typeof deviceInventory, KnownOperator>(deviceInventory, async ({ speaker, params, query }) => {
    const device = await devices.read(speaker, params.id)
    if (!device.ok) return device
    const page = readPage(query, ['number', 'number'])
    if (!page.ok) return page
    const { limit, after } = page.value
    const { surface, kind, name } = query
    const { deviceNo, historyNos, lastContactAt } = device.value
    const asOfMs = query.asOf === undefined ? null : Date.parse(query.asOf)
    const found = await listStanding(storage.db, { historyNos, asOfMs, after, limit, surface, kind, name })
    const { rows, nextCursor } = cutPage(found, limit, (row) => [row.path_no, row.label_no])
    const versioned = rows.filter((row) => versionedSurfaces.has(row.surface))
    const newest = await newestConfirmations(
      storage.db,
      deviceNo,
      [...new Set(versioned.map((row) => row.path_no))],
      [...new Set(versioned.map((row) => row.name))],
    )
    const contactMs = lastContactAt === null || asOfMs !== null ? 0 : Date.parse(lastContactAt)
    return ok({ items: rows.map((row) => readBy(speaker, toItem(row, newest, contactMs))), nextCursor })
  })

const toItem = (row: ListedRow, newest: ReadonlyMap<string, number>, contactMs: number): InventoryItem => {
  const possiblyStale = decideStale(row.confirmed_ms, newest.get(siblingKey(row.path_no, row.name)))
  // What is there is confirmed by every contact, unless a sibling says otherwise.
  const lastSeenMs = possiblyStale || row.open === 0 ? row.confirmed_ms : Math.max(row.confirmed_ms, contactMs)
  return {
    surface: row.surface,
    kind: row.kind,
    itemId: itemIdOf(row.label, row.path),
    name: row.name,
    version: row.version,
    path: row.path,
    origin: row.origin,
    detail: row.detail,
    installedOnRequest: row.installed_on_request === null ? null : row.installed_on_request === 1,
    attributes: JSON.parse(row.attributes) as Record<string, string>,
    firstSeenAt: toIso(row.first_ms),
    lastSeenAt: toIso(lastSeenMs),
    possiblyStale,
  }
}

const serveDeviceEvents = ({ storage, devices }: InventoryNeeds) =>
  serve<typeof deviceEvents, KnownOperator>(deviceEvents, async ({ speaker, params, query }) => {
    const device = await devices.read(speaker, params.id)
    if (!device.ok) return device
    const page = readPage(query, ['number'])
    if (!page.ok) return page
    const { limit, after } = page.value
    const found = await listEvents(storage.db, { deviceNos: device.value.historyNos, beforeNo: after?.[0], limit })
    const { rows, nextCursor } = cutPage(found, limit, (row) => [row.eventNo])
    return ok({ items: rows.map((row) => eventReadBy(speaker, toRawEvent(row, sha256Hex))), nextCursor })
  })

const serveChanges = ({ storage, devices }: InventoryNeeds) =>
  serve<typeof listChanges, KnownOperator>(listChanges, async ({ speaker, query }) => {
    const page = readPage(query, ['number'])
    if (!page.ok) return page
    const device = query.deviceId === undefined ? undefined : await devices.read(speaker, query.deviceId)
    if (device !== undefined && !device.ok) return ok({ items: [], nextCursor: null })
    const { limit, after } = page.value
    const found = await listChangeEvents(storage.db, {
      tenantId: speaker.tenantId,
      deviceNos: device?.value.historyNos ?? devices.historyNos(speaker),
      surface: query.surface,
      change: query.change,
      sinceMs: query.since === undefined ? undefined : Date.parse(query.since),
      baseline: query.baseline === undefined ? undefined : query.baseline === 'true',
      beforeNo: after?.[0],
      limit,
    })
    const { rows, nextCursor } = cutPage(found, limit, (row: ListedChange) => [row.eventNo])
    const records = await devices.readMany(speaker, [...new Set(rows.map((row) => row.pack.device_no))])
    return ok({ items: rows.map((row) => readBy(speaker, toChange(row, records.get(row.pack.device_no)))), nextCursor })
  })
