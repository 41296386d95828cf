// The evidence for devices of an answer: the intervals that matched, and the findings about the same items.
// Whether a device matched, and what that means, was decided before.
import type { Ecosystem, SearchHit, SearchInterval } from '@muster/contract'
import type { DeviceRecord, Devices } from '@muster/identity'
import { toIso } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { locateEvents, placeKey } from '../events/locate.ts'
import { TO_KINDS } from '../inventory/decide.ts'
import { decideStale, versionedSurfaces } from '../inventory/decide-stale.ts'
import type { Judged } from './decide.ts'
import { loadFindingIds } from './finding-ids.ts'
import { joinLives } from './histories.ts'
import {
  type CoordinateRow,
  type DeviceMatch,
  ecosystemOf,
  type IntervalRow,
  listIntervals,
  loadSiblingConfirmations,
  siblingKey,
} from './store.ts'
import type { Survey } from './survey.ts'
import { isUnparsed } from './versions.ts'

export interface HitsNeeds {
  readonly storage: Pick<Storage, 'db'>
  readonly devices: Pick<Devices, 'readMany'>
}

export interface Hits {
  readonly hits: readonly SearchHit[]
  /** There may be more evidence than was read. */
  readonly isCut: boolean
}

export interface HitsAsked {
  /** At most so many intervals, and so many findings, in all. */
  readonly most: number
  /** With the ids of the events that begin and end the intervals. */
  readonly withEvents: boolean
}

/** The hits of these devices, in this order. */
export const loadHits = async (
  { storage, devices }: HitsNeeds,
  survey: Survey,
  shownNos: readonly number[],
  { most, withEvents }: HitsAsked,
): Promise<Hits> => {
  const { bounds, coordinates, filter, histories, matches, judged } = survey
  const records = await devices.readMany(bounds, shownNos)
  const nosOf = (deviceNo: number): readonly number[] => histories.nosOf.get(deviceNo) ?? [deviceNo]
  const deviceNos = shownNos.filter((no) => matches.has(no)).flatMap(nosOf)
  const rows = deviceNos.length === 0 ? [] : await listIntervals(storage.db, { ...filter, deviceNos }, most)
  const isCut = rows.length === most
  // One statement read the evidence, so the verdict that goes with it is told from that, whatever was found before.
  const told = isCut ? matches : joinLives(rows.map(toMatch), histories)
  const byDevice = Map.groupBy(rows, (row) => histories.ownerOf.get(row.device_no))
  const findings = await loadFindingIds(storage.db, bounds.tenantId, rows, most)
  const newest = await loadSiblingConfirmations(storage.db, bounds.tenantId, coordinates, deviceNos)
  const eventsOf = withEvents ? await loadEnds(storage.db, rows) : () => undefined
  const coordinateOf = new Map(coordinates.map((row) => [row.content_no, row]))
  const hits = shownNos.flatMap((deviceNo) => {
    const record = records.get(deviceNo)
    const verdict = matches.has(deviceNo) ? survey.judgeAgain(deviceNo, told.get(deviceNo)) : judged.get(deviceNo)
    if (record === undefined || verdict === undefined) return []
    const intervals = (byDevice.get(deviceNo) ?? []).map((row) => ({
      ...toInterval(row, coordinateOf.get(row.content_no), newest.get(siblingKey(row))),
      ...eventsOf(row),
    }))
    const ids = nosOf(deviceNo).flatMap((no) => findings.idsOf.get(no) ?? [])
    return [toHit(record, verdict, intervals, ids)]
  })
  return { hits, isCut: isCut || findings.isCut }
}

type IntervalEnds = Required<Pick<SearchInterval, 'fromEventId' | 'toEventId'>>

/** The order of the event that ended an interval; the end of a device's life is none. */
const endOrder = ({ to_order, to_kind }: IntervalRow): number | null =>
  to_kind === null || TO_KINDS[to_kind] === 'device_retired' ? null : to_order

const loadEnds = async (
  db: Storage['db'],
  rows: readonly IntervalRow[],
): Promise<(row: IntervalRow) => IntervalEnds> => {
  const ids = await locateEvents(
    db,
    rows.flatMap((row) =>
      [row.from_order, endOrder(row)].flatMap((order) => (order === null ? [] : { deviceNo: row.device_no, order })),
    ),
  )
  const idAt = (deviceNo: number, order: number | null): string | null =>
    (order === null ? undefined : ids.get(placeKey({ deviceNo, order }))) ?? null
  return (row) => ({
    fromEventId: idAt(row.device_no, row.from_order),
    toEventId: idAt(row.device_no, endOrder(row)),
  })
}

const toMatch = ({ device_no, from_ms, to_ms, confirmed_ms }: IntervalRow): DeviceMatch => ({
  device_no,
  open: to_ms === null ? 1 : 0,
  first_ms: from_ms,
  last_ms: to_ms ?? confirmed_ms,
})

const toHit = (
  record: DeviceRecord,
  { verdict, unknownReason }: Judged,
  intervals: SearchInterval[],
  findingIds: string[],
): SearchHit => ({
  deviceId: record.id,
  hostname: record.hostname,
  displayName: record.displayName,
  owner: record.owner,
  groups: [...record.groups],
  liveness: record.liveness,
  verdict,
  unknownReason,
  intervals,
  findingIds,
})

const toInterval = (
  row: IntervalRow,
  coordinate: CoordinateRow | undefined,
  newestSiblingMs: number | undefined,
): SearchInterval => {
  const ecosystem: Ecosystem = coordinate === undefined ? 'mcp' : ecosystemOf(coordinate)
  const version = coordinate?.version ?? ''
  return {
    surface: row.surface,
    name: coordinate?.name ?? row.name,
    version: version === '' ? null : version,
    versionUnparsed: isUnparsed(version, ecosystem),
    path: row.path,
    from: toIso(row.from_ms),
    to: row.to_ms === null ? null : toIso(row.to_ms),
    fromKind: row.from_baseline === 1 ? 'baseline' : 'change',
    toKind: row.to_kind === null ? null : (TO_KINDS[row.to_kind] ?? null),
    lastConfirmedAt: toIso(row.confirmed_ms),
    possiblyStale:
      row.to_ms === null && versionedSurfaces.has(row.surface) && decideStale(row.confirmed_ms, newestSiblingMs),
  }
}
