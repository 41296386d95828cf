// Search over history: which machines have, or had, a package between two moments, and which could not say.
// The verdicts are decided in decide.ts; names and versions are read in question.ts and versions.ts.
import {
  type BodyOf,
  type Ecosystem,
  type ReplyOf,
  type SearchHit,
  type SearchInterval,
  searchInventory,
} from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { DeviceRecord, Devices, KnownOperator, RollEntry } from '@muster/identity'
import { type Clock, ok, type Result, readPage, toIso } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { TO_KINDS } from '../inventory/decide.ts'
import { decideStale, versionedSurfaces } from '../inventory/decide-stale.ts'
import {
  countVerdicts,
  type Judged,
  judgeDevice,
  MATCHED_VERDICTS,
  NEVER_SEEN,
  notesFor,
  SURFACES_OF,
} from './decide.ts'
import { loadFindingIds } from './finding-ids.ts'
import { type Question, readQuestion } from './question.ts'
import {
  type CoordinateRow,
  countByContent,
  type DeviceMatch,
  ecosystemOf,
  type Filter,
  findCoordinates,
  type IntervalRow,
  listIntervals,
  loadSeen,
  loadSiblingConfirmations,
  matchDevices,
  siblingKey,
  suggestNames,
} from './store.ts'
import { isUnparsed, matchesVersion, readVersions } from './versions.ts'

export interface ExposureNeeds {
  readonly storage: Pick<Storage, 'db'>
  readonly devices: Pick<Devices, 'read' | 'readMany' | 'roll'>
  readonly clock: Clock
}

type Reply = ReplyOf<typeof searchInventory>

export const serveExposure = (needs: ExposureNeeds): readonly Served<KnownOperator>[] => [
  serve<typeof searchInventory, KnownOperator>(searchInventory, ({ speaker, body }) =>
    answer(needs, speaker.tenantId, body),
  ),
]

/** At most this many intervals are shown for the devices of one page. */
const intervalsPerPage = 5000

const answer = async (
  needs: ExposureNeeds,
  tenantId: string,
  asked: BodyOf<typeof searchInventory>,
): Promise<Result<Reply, 'request_malformed'>> => {
  const read = readQuestion(asked)
  if (!read.ok) return read
  const page = readPage({ cursor: asked.cursor, limit: asked.limit?.toString() }, ['number'])
  if (!page.ok) return page
  const question = read.value
  const nowMs = needs.clock.nowMs()
  const db = needs.storage.db
  const coordinates = await loadCoordinates(needs, tenantId, question)
  const filter = await toFilter(needs, tenantId, question, coordinates)
  const matches = filter.contentNos.length === 0 ? [] : await matchDevices(db, filter)
  const roll = await needs.devices.roll(tenantId, asked.groups === undefined ? {} : { groups: asked.groups })
  const listed =
    filter.deviceNos === undefined ? roll : roll.filter(({ deviceNo }) => filter.deviceNos?.includes(deviceNo))
  const judged = await judgeAll(needs, tenantId, question, listed, matches, nowMs)
  const wanted = new Set(asked.verdicts ?? MATCHED_VERDICTS)
  const { limit, after } = page.value
  const shown = [...judged].filter(([no, { verdict }]) => wanted.has(verdict) && no > (after?.[0] ?? 0))
  const pageNos = shown.slice(0, limit).map(([deviceNo]) => deviceNo)
  const counted = matches.filter(({ device_no }) => judged.has(device_no))
  return ok({
    items: await toHits(needs, tenantId, { ...filter, deviceNos: pageNos }, coordinates, judged),
    nextCursor: shown.length > limit ? Buffer.from(JSON.stringify([pageNos.at(-1)])).toString('base64url') : null,
    window: toWindow(question, nowMs),
    verdicts: countVerdicts(judged.values()),
    totals: toTotals(counted),
    versions: await toVersions(needs, filter, coordinates),
    firstObservedAt: counted.length === 0 ? null : toIso(Math.min(...counted.map((row) => row.first_ms))),
    lastObservedAt: counted.length === 0 ? null : toIso(Math.max(...counted.map((row) => row.last_ms))),
    suggestions: coordinates.length === 0 ? await suggestNames(db, tenantId, question.subjects) : [],
    notes: notesFor(question.subjects.map(({ ecosystem }) => ecosystem)),
  })
}

const loadCoordinates = async (
  { storage }: ExposureNeeds,
  tenantId: string,
  question: Question,
): Promise<readonly CoordinateRow[]> => {
  const found = await Promise.all(
    question.subjects.map(async (subject) => {
      const versions = readVersions(question.versions, subject.ecosystem)
      const exact = versions.kind === 'exact' ? [...versions.versions] : undefined
      const rows = await findCoordinates(storage.db, tenantId, subject, exact)
      return rows.filter((row) => matchesVersion(row.version, versions, subject.ecosystem))
    }),
  )
  return found.flat()
}

const toFilter = async (
  { devices }: ExposureNeeds,
  tenantId: string,
  question: Question,
  coordinates: readonly CoordinateRow[],
): Promise<Filter> => {
  const device = question.deviceId === undefined ? undefined : await devices.read(tenantId, question.deviceId)
  return {
    tenantId,
    contentNos: [...new Set(coordinates.map((row) => row.content_no))],
    window: question.window,
    pathPrefix: question.pathPrefix,
    surfaces: question.surfaces,
    state: question.state,
    deviceNos: device === undefined ? undefined : device.ok ? [device.value.deviceNo] : [],
  }
}

const judgeAll = async (
  { storage }: ExposureNeeds,
  tenantId: string,
  question: Question,
  roll: readonly RollEntry[],
  matches: readonly DeviceMatch[],
  nowMs: number,
): Promise<ReadonlyMap<number, Judged>> => {
  const surfaces = question.surfaces ?? question.subjects.flatMap(({ ecosystem }) => SURFACES_OF[ecosystem])
  const seen = await loadSeen(storage.db, tenantId, surfaces)
  const matched = new Map(matches.map((row) => [row.device_no, { open: row.open === 1 }]))
  return new Map(
    roll.map((device) => [
      device.deviceNo,
      judgeDevice(
        device,
        matched.get(device.deviceNo),
        seen.get(device.deviceNo) ?? NEVER_SEEN,
        question.window,
        nowMs,
      ),
    ]),
  )
}

const toWindow = ({ window }: Question, nowMs: number): Reply['window'] => ({
  from: toIso(window?.fromMs ?? nowMs),
  to: toIso(window?.toMs ?? nowMs),
})

const toTotals = (matches: readonly DeviceMatch[]): Reply['totals'] => {
  const presentNow = matches.filter(({ open }) => open === 1).length
  return { devicesMatched: matches.length, presentNow, pastOnly: matches.length - presentNow }
}

const toVersions = async (
  { storage }: ExposureNeeds,
  filter: Filter,
  coordinates: readonly CoordinateRow[],
): Promise<Reply['versions']> => {
  if (filter.contentNos.length === 0) return []
  const devices = await countByContent(storage.db, filter)
  const byVersion = Map.groupBy(coordinates, (row) => row.version)
  return [...byVersion]
    .map(([version, rows]) => ({
      version: version === '' ? null : version,
      devices: rows.reduce((sum, row) => sum + (devices.get(row.content_no) ?? 0), 0),
    }))
    .filter((row) => row.devices > 0)
    .toSorted((left, right) => right.devices - left.devices)
}

const toHits = async (
  needs: ExposureNeeds,
  tenantId: string,
  filter: Filter & { readonly deviceNos: readonly number[] },
  coordinates: readonly CoordinateRow[],
  judged: ReadonlyMap<number, Judged>,
): Promise<SearchHit[]> => {
  const { storage, devices } = needs
  const records = await devices.readMany(tenantId, filter.deviceNos)
  const asksNothing = filter.contentNos.length === 0 || filter.deviceNos.length === 0
  const rows = asksNothing ? [] : await listIntervals(storage.db, filter, intervalsPerPage)
  const byDevice = Map.groupBy(rows, (row) => row.device_no)
  const findingIds = await loadFindingIds(storage.db, tenantId, rows)
  const newest = await loadSiblingConfirmations(storage.db, tenantId, coordinates, filter.deviceNos)
  const coordinateOf = new Map(coordinates.map((row) => [row.content_no, row]))
  return filter.deviceNos.flatMap((deviceNo) => {
    const record = records.get(deviceNo)
    const verdict = judged.get(deviceNo)
    if (record === undefined || verdict === undefined) return []
    const intervals = (byDevice.get(deviceNo) ?? []).map((row) =>
      toInterval(row, coordinateOf.get(row.content_no), newest.get(siblingKey(row))),
    )
    return [toHit(record, verdict, intervals, findingIds.get(deviceNo) ?? [])]
  })
}

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
