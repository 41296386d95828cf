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
import type { DeviceNumbers, DeviceRecord, Devices, KnownOperator, RollEntry, RollQuery } from '@muster/identity'
import { type Clock, ok, type Result, readPage, toIso } from '@muster/kernel'
import { isStoreBusy, type Storage } from '@muster/storage'
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
import { countOwners, type Histories, type JoinedMatch, joinLives, readHistories } from './histories.ts'
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
  matchContents,
  matchDevices,
  siblingKey,
  suggestNames,
} from './store.ts'
import { isUnparsed, matchesVersion, readVersions } from './versions.ts'

export interface ExposureNeeds {
  readonly storage: Pick<Storage, 'db'>
  readonly devices: Pick<Devices, 'list' | 'read' | 'readMany' | 'roll'>
  readonly clock: Clock
  readonly intervalsKeptFromMs: (tenantId: string) => Promise<number>
  /** Lets the index from contents to devices catch up with what was acknowledged. */
  readonly settleHoldings: () => Promise<unknown>
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
  await settle(needs)
  const coordinates = await loadCoordinates(needs, tenantId, question)
  const named = await findNamed(needs, tenantId, question)
  const filter = toFilter(tenantId, question, coordinates, named?.historyNos)
  const found = filter.contentNos.length === 0 ? [] : await matchDevices(db, filter)
  const roll = await needs.devices.roll(tenantId, {
    ...narrowed(named?.deviceNo, await findTagged(needs, tenantId, question.tags)),
    ...(asked.groups === undefined ? {} : { groups: asked.groups }),
  })
  const histories = readHistories(roll)
  const matches = joinLives(found, histories)
  const judged = await judgeAll(needs, tenantId, question, roll, matches, nowMs)
  const wanted = new Set(asked.verdicts ?? MATCHED_VERDICTS)
  const { limit, after } = page.value
  const shown = [...judged].filter(([no, { verdict }]) => wanted.has(verdict) && no > (after?.[0] ?? 0))
  const pageNos = shown.slice(0, limit).map(([deviceNo]) => deviceNo)
  const counted = [...matches.values()]
  return ok({
    items: await toHits(needs, tenantId, pageNos, filter, { coordinates, judged, histories }),
    nextCursor: shown.length > limit ? Buffer.from(JSON.stringify([pageNos.at(-1)])).toString('base64url') : null,
    window: toWindow(question, nowMs),
    verdicts: countVerdicts(judged.values()),
    totals: toTotals(counted),
    versions: toVersions(coordinates, await countVersions(needs, filter, found, histories)),
    firstObservedAt: isoOrNull(counted.reduce((first, { firstMs }) => Math.min(first, firstMs), Infinity)),
    lastObservedAt: isoOrNull(counted.reduce((last, { lastMs }) => Math.max(last, lastMs), -Infinity)),
    suggestions: coordinates.length === 0 ? await suggestNames(db, tenantId, question.subjects) : [],
    notes: notesFor(
      question.subjects.map(({ ecosystem }) => ecosystem),
      question.window,
      await needs.intervalsKeptFromMs(tenantId),
    ),
  })
}

/** A store too busy or too full to write can still be asked; its answer is then some seconds old. */
const settle = async ({ settleHoldings }: ExposureNeeds): Promise<void> => {
  try {
    await settleHoldings()
  } catch (error) {
    if (!isStoreBusy(error)) throw error
  }
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

const isoOrNull = (atMs: number): string | null => (Number.isFinite(atMs) ? toIso(atMs) : null)

/** The device the question names; one that is not there has no history and no number. */
const findNamed = async (
  { devices }: ExposureNeeds,
  tenantId: string,
  { deviceId }: Question,
): Promise<DeviceNumbers | undefined> => {
  if (deviceId === undefined) return undefined
  const device = await devices.read(tenantId, deviceId)
  return device.ok ? device.value : { deviceNo: 0, historyNos: [] }
}

/** Devices that carry every one of these tags; undefined when none was named. */
const findTagged = async (
  { devices }: ExposureNeeds,
  tenantId: string,
  tags: readonly string[],
): Promise<ReadonlySet<number> | undefined> => {
  const carrying = await Promise.all(
    tags.map(async (tag) => {
      const found = new Set<number>()
      for (let cursor: string | undefined; ; ) {
        const page = await devices.list(tenantId, { tag, limit: '200', ...(cursor !== undefined && { cursor }) })
        if (!page.ok) throw new Error(`find devices by tag: ${page.refusal.code}`)
        for (const { deviceNo } of page.value.items) found.add(deviceNo)
        if (page.value.nextCursor === null) return found
        cursor = page.value.nextCursor
      }
    }),
  )
  return carrying.reduce<ReadonlySet<number> | undefined>((all, some) => all?.intersection(some) ?? some, undefined)
}

const narrowed = (namedNo: number | undefined, tagged: ReadonlySet<number> | undefined): RollQuery => {
  if (tagged === undefined) return namedNo === undefined ? {} : { deviceNos: [namedNo] }
  return { deviceNos: [...tagged].filter((no) => namedNo === undefined || no === namedNo) }
}

const toFilter = (
  tenantId: string,
  question: Question,
  coordinates: readonly CoordinateRow[],
  deviceNos: readonly number[] | undefined,
): Filter => {
  return {
    tenantId,
    contentNos: [...new Set(coordinates.map((row) => row.content_no))],
    window: question.window,
    pathPrefix: question.pathPrefix,
    surfaces: question.surfaces,
    state: question.state,
    deviceNos,
  }
}

const judgeAll = async (
  { storage }: ExposureNeeds,
  tenantId: string,
  question: Question,
  roll: readonly RollEntry[],
  matches: ReadonlyMap<number, JoinedMatch>,
  nowMs: number,
): Promise<ReadonlyMap<number, Judged>> => {
  const surfaces = question.surfaces ?? question.subjects.flatMap(({ ecosystem }) => SURFACES_OF[ecosystem])
  const seen = await loadSeen(storage.db, tenantId, surfaces)
  return new Map(
    roll.map((device) => [
      device.deviceNo,
      judgeDevice(
        device,
        matches.get(device.deviceNo),
        (deviceNo) => seen.get(deviceNo) ?? NEVER_SEEN,
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

const toTotals = (matches: readonly JoinedMatch[]): Reply['totals'] => {
  const presentNow = matches.filter(({ open }) => open).length
  return { devicesMatched: matches.length, presentNow, pastOnly: matches.length - presentNow }
}

/** By content: counted by the database, unless some of the matches belong to others or to nobody on the roll. */
const countVersions = async (
  { storage }: ExposureNeeds,
  filter: Filter,
  found: readonly DeviceMatch[],
  histories: Histories,
): Promise<ReadonlyMap<number, number>> => {
  if (found.length === 0) return new Map()
  const isPlain = found.every(({ device_no }) => histories.ownerOf.get(device_no) === device_no)
  return isPlain ? countByContent(storage.db, filter) : countOwners(await matchContents(storage.db, filter), histories)
}

const toVersions = (coordinates: readonly CoordinateRow[], devices: ReadonlyMap<number, number>): Reply['versions'] => {
  const byVersion = Map.groupBy(coordinates, (row) => row.version)
  return [...byVersion]
    .map(([version, rows]) => ({
      version: version === '' ? null : version,
      devices: rows.reduce((sum, row) => sum + (devices.get(row.content_no) ?? 0), 0),
    }))
    .filter((row) => row.devices > 0)
    .toSorted((left, right) => right.devices - left.devices)
}

interface Answering {
  readonly coordinates: readonly CoordinateRow[]
  readonly judged: ReadonlyMap<number, Judged>
  readonly histories: Histories
}

const toHits = async (
  needs: ExposureNeeds,
  tenantId: string,
  pageNos: readonly number[],
  filter: Filter,
  { coordinates, judged, histories }: Answering,
): Promise<SearchHit[]> => {
  const { storage, devices } = needs
  const records = await devices.readMany(tenantId, pageNos)
  const deviceNos = pageNos.flatMap((no) => histories.nosOf.get(no) ?? [no])
  const asksNothing = filter.contentNos.length === 0 || deviceNos.length === 0
  const rows = asksNothing ? [] : await listIntervals(storage.db, { ...filter, deviceNos }, intervalsPerPage)
  const byDevice = Map.groupBy(rows, (row) => histories.ownerOf.get(row.device_no))
  const findingIds = await loadFindingIds(storage.db, tenantId, rows)
  const newest = await loadSiblingConfirmations(storage.db, tenantId, coordinates, deviceNos)
  const coordinateOf = new Map(coordinates.map((row) => [row.content_no, row]))
  return pageNos.flatMap((deviceNo) => {
    const record = records.get(deviceNo)
    const verdict = judged.get(deviceNo)
    if (record === undefined || verdict === undefined) return []
    const intervals = (byDevice.get(deviceNo) ?? []).map((row) =>
      toInterval(row, coordinateOf.get(row.content_no), newest.get(siblingKey(row))),
    )
    const ids = (histories.nosOf.get(deviceNo) ?? [deviceNo]).flatMap((no) => findingIds.get(no) ?? [])
    return [toHit(record, verdict, intervals, ids)]
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
