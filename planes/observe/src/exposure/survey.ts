// What is known towards a question: the coordinates meant, the devices asked about, what matched and every verdict.
// Which devices are shown with it is for the search and the export; the evidence of each is hits.ts.
import type { AuditStatement, SearchExportRequest, SearchSummary, SearchVerdict } from '@muster/contract'
import type { Bounds, DeviceNumbers, Devices, RollEntry, RollQuery } from '@muster/identity'
import { type Clock, ok, type Result, toIso } from '@muster/kernel'
import { isStoreBusy, type Storage, type Tx } from '@muster/storage'
import { countVerdicts, type Judged, judgeDevice, NEVER_SEEN, notesFor, SURFACES_OF } from './decide.ts'
import { countOwners, type Histories, type JoinedMatch, joinLives, readHistories } from './histories.ts'
import { type Question, readQuestion } from './question.ts'
import {
  type CoordinateRow,
  countByContent,
  type DeviceMatch,
  type Filter,
  findCoordinates,
  loadSeen,
  matchContents,
  matchDevices,
  suggestNames,
} from './store.ts'
import { matchesVersion, readVersions } from './versions.ts'

export interface ExposureNeeds {
  readonly storage: Pick<Storage, 'db' | 'write'>
  readonly devices: Pick<Devices, 'historyNos' | 'list' | 'read' | 'readMany' | 'roll'>
  readonly clock: Clock
  readonly intervalsKeptFromMs: (tenantId: string) => Promise<number>
  /** Appends to the audit history in the same transaction. */
  readonly audit: (tx: Tx, statements: readonly AuditStatement[]) => Promise<unknown>
  /** Lets the index from contents to devices catch up with what was acknowledged. */
  readonly settleHoldings: () => Promise<unknown>
}

export interface Survey {
  /** Whose devices were asked about. */
  readonly bounds: Bounds
  readonly question: Question
  readonly nowMs: number
  readonly coordinates: readonly CoordinateRow[]
  readonly filter: Filter
  readonly found: readonly DeviceMatch[]
  readonly histories: Histories
  readonly matches: ReadonlyMap<number, JoinedMatch>
  /** Every device that was asked about, in the order of their numbers. */
  readonly judged: ReadonlyMap<number, Judged>
  /** What follows for a device of the roll from matches that were read later. */
  readonly judgeAgain: (deviceNo: number, match: JoinedMatch | undefined) => Judged | undefined
}

/** Refuses a question that cannot be read. */
export const takeSurvey = async (
  needs: ExposureNeeds,
  bounds: Bounds,
  asked: SearchExportRequest,
): Promise<Result<Survey, 'request_malformed'>> => {
  const read = readQuestion(asked)
  if (!read.ok) return read
  const question = read.value
  const nowMs = needs.clock.nowMs()
  await settle(needs)
  const coordinates = await loadCoordinates(needs, bounds, question)
  const named = await findNamed(needs, bounds, question)
  const filter = toFilter(bounds.tenantId, question, coordinates, named?.historyNos)
  const found = filter.contentNos.length === 0 ? [] : await matchDevices(needs.storage.db, filter)
  const roll = await needs.devices.roll(bounds, {
    ...narrowed(named?.deviceNo, await findTagged(needs, bounds, question.tags)),
    ...(asked.groups === undefined ? {} : { groups: asked.groups }),
  })
  const histories = readHistories(roll)
  const matches = joinLives(found, histories)
  const judge = await createJudge(needs, bounds.tenantId, question, nowMs)
  const judged = new Map(roll.map((device) => [device.deviceNo, judge(device, matches.get(device.deviceNo))]))
  const onRoll = new Map(roll.map((device) => [device.deviceNo, device]))
  const judgeAgain: Survey['judgeAgain'] = (deviceNo, match) => {
    const device = onRoll.get(deviceNo)
    return device && judge(device, match)
  }
  return ok({ bounds, question, nowMs, coordinates, filter, found, histories, matches, judged, judgeAgain })
}

/** The devices with one of these verdicts. */
export const listedNos = ({ judged }: Survey, verdicts: readonly SearchVerdict[]): readonly number[] => {
  const wanted = new Set(verdicts)
  return [...judged].filter(([, { verdict }]) => wanted.has(verdict)).map(([deviceNo]) => deviceNo)
}

/** The statement that goes with every answer (fleet-product 10.4 and 10.5). */
export const summarise = async (needs: ExposureNeeds, survey: Survey): Promise<SearchSummary> => {
  const { bounds, question, nowMs, coordinates, filter, found, histories } = survey
  const { db } = needs.storage
  const counted = [...survey.matches.values()]
  return {
    window: toWindow(question, nowMs),
    verdicts: countVerdicts(survey.judged.values()),
    totals: toTotals(counted),
    versions: toVersions(coordinates, await countVersions(needs, filter, found, histories)),
    firstObservedAt: isoOrNull(counted.reduce((first, { firstMs }) => Math.min(first, firstMs), Infinity)),
    lastObservedAt: isoOrNull(counted.reduce((last, { lastMs }) => Math.max(last, lastMs), -Infinity)),
    suggestions:
      coordinates.length === 0
        ? await suggestNames(db, bounds.tenantId, question.subjects, needs.devices.historyNos(bounds))
        : [],
    notes: notesFor(
      question.subjects.map(({ ecosystem }) => ecosystem),
      question.window,
      await needs.intervalsKeptFromMs(bounds.tenantId),
    ),
  }
}

/** A store too busy or too full to write can still be asked; its answer is then some seconds old. */
export const settle = async ({ settleHoldings }: Pick<ExposureNeeds, 'settleHoldings'>): Promise<void> => {
  try {
    await settleHoldings()
  } catch (error) {
    if (!isStoreBusy(error)) throw error
  }
}

const loadCoordinates = async (
  { storage, devices }: ExposureNeeds,
  bounds: Bounds,
  question: Question,
): Promise<readonly CoordinateRow[]> => {
  const seenNos = devices.historyNos(bounds)
  const found = await Promise.all(
    question.subjects.map(async (subject) => {
      const versions = readVersions(question.versions, subject.ecosystem)
      const exact = versions.kind === 'exact' ? [...versions.versions] : undefined
      const rows = await findCoordinates(storage.db, bounds.tenantId, subject, exact, seenNos)
      return rows.filter((row) => matchesVersion(row.version, versions, subject.ecosystem))
    }),
  )
  return found.flat()
}

const isoOrNull = (atMs: number): string | null => (Number.isFinite(atMs) ? toIso(atMs) : null)

/** The device the question names; one that is not there has no history and no number. */
const findNamed = async (
  { devices }: ExposureNeeds,
  bounds: Bounds,
  { deviceId }: Question,
): Promise<DeviceNumbers | undefined> => {
  if (deviceId === undefined) return undefined
  const device = await devices.read(bounds, deviceId)
  return device.ok ? device.value : { deviceNo: 0, historyNos: [] }
}

/** Devices that carry every one of these tags; undefined when none was named. */
const findTagged = async (
  { devices }: ExposureNeeds,
  bounds: Bounds,
  tags: readonly string[],
): Promise<ReadonlySet<number> | undefined> => {
  const carrying = await Promise.all(
    tags.map(async (tag) => {
      const found = new Set<number>()
      for (let cursor: string | undefined; ; ) {
        const page = await devices.list(bounds, { tag, limit: '200', ...(cursor !== undefined && { cursor }) })
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
): Filter => ({
  tenantId,
  contentNos: [...new Set(coordinates.map((row) => row.content_no))],
  window: question.window,
  pathPrefix: question.pathPrefix,
  surfaces: question.surfaces,
  state: question.state,
  deviceNos,
})

/** What is known of the surfaces is read once, and counts for every verdict. */
const createJudge = async (
  { storage }: ExposureNeeds,
  tenantId: string,
  question: Question,
  nowMs: number,
): Promise<(device: RollEntry, match: JoinedMatch | undefined) => Judged> => {
  const surfaces = question.surfaces ?? question.subjects.flatMap(({ ecosystem }) => SURFACES_OF[ecosystem])
  const seen = await loadSeen(storage.db, tenantId, surfaces)
  const seenOf = (deviceNo: number) => seen.get(deviceNo) ?? NEVER_SEEN
  return (device, match) => judgeDevice(device, match, seenOf, question.window, nowMs)
}

const toWindow = ({ window }: Question, nowMs: number): SearchSummary['window'] => ({
  from: toIso(window?.fromMs ?? nowMs),
  to: toIso(window?.toMs ?? nowMs),
})

const toTotals = (matches: readonly JoinedMatch[]): SearchSummary['totals'] => {
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

const toVersions = (
  coordinates: readonly CoordinateRow[],
  devices: ReadonlyMap<number, number>,
): SearchSummary['versions'] => {
  const byVersion = Map.groupBy(coordinates, (row) => row.version)
  return [...byVersion]
    .map(([version, rows]) => ({
      version: version === '' ? null : version,
      devices: rows.reduce((sum, row) => sum + (devices.get(row.content_no) ?? 0), 0),
    }))
    .filter((row) => row.devices > 0)
    .toSorted((left, right) => right.devices - left.devices)
}
