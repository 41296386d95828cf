// What was found on machines: inventory now or then, changes, raw events, and search over history (fleet-product 10).
// How presence is folded out of events is the observe plane's business.
import { z } from 'zod'
import type { CsvTable } from '../csv.ts'
import { declare } from '../route.ts'
import { EVENT_KINDS } from '../sensor.ts'
import { LIVENESSES } from './devices.ts'
import { ById, ExportFormatAsked, fleetPrefix, listOf, Paging, Time, TimeOrNull } from './shapes.ts'

const when = z.iso.datetime({ offset: true })

export const ECOSYSTEMS = ['npm', 'pypi', 'homebrew', 'mcp', 'deb', 'rpm', 'golang', 'cargo', 'vscode'] as const
export type Ecosystem = (typeof ECOSYSTEMS)[number]

export const InventoryItem = z.strictObject({
  surface: z.string(),
  kind: z.string(),
  itemId: z.string(),
  name: z.string(),
  version: z.string().nullable(),
  path: z.string(),
  origin: z.string().nullable(),
  detail: z.string().nullable(),
  installedOnRequest: z.boolean().nullable(),
  attributes: z.record(z.string(), z.string()),
  firstSeenAt: Time,
  lastSeenAt: Time,
  possiblyStale: z.boolean(),
})
export type InventoryItem = z.infer<typeof InventoryItem>

export const deviceInventory = declare({
  method: 'GET',
  path: `${fleetPrefix}/devices/{id}/inventory`,
  summary: 'What is on a device now, or was at `asOf`.',
  speaker: 'operator',
  may: 'fleet:read',
  params: ById,
  query: z.strictObject({
    ...Paging,
    asOf: when.optional(),
    surface: z.string().max(128).optional(),
    kind: z.string().max(128).optional(),
    name: z.string().max(1024).optional(),
  }),
  reply: listOf(InventoryItem),
  refusals: ['not_found'],
})

export const Change = z.strictObject({
  deviceId: z.string(),
  hostname: z.string(),
  eventId: z.string(),
  change: z.enum(EVENT_KINDS),
  surface: z.string(),
  kind: z.string(),
  itemId: z.string(),
  name: z.string(),
  version: z.string().nullable(),
  path: z.string(),
  /** First scan of that surface: present at or before, not news. */
  baseline: z.boolean(),
  observedAt: Time,
  receivedAt: Time,
})
export type Change = z.infer<typeof Change>

export const listChanges = declare({
  method: 'GET',
  path: `${fleetPrefix}/changes`,
  summary:
    'Items added, modified and removed across the fleet, newest received first; what is only told again is none.',
  speaker: 'operator',
  may: 'fleet:read',
  query: z.strictObject({
    ...Paging,
    deviceId: z.string().max(128).optional(),
    surface: z.string().max(128).optional(),
    change: z.enum(EVENT_KINDS).optional(),
    since: when.optional(),
    baseline: z.enum(['true', 'false']).optional(),
  }),
  reply: listOf(Change),
  refusals: [],
})

export const RawEvent = z.strictObject({
  eventId: z.string(),
  epoch: z.int(),
  localSequence: z.int(),
  surface: z.string(),
  kind: z.enum(EVENT_KINDS),
  body: z.enum(['inventoryItem', 'finding']),
  observedAt: Time,
  collectedAt: Time,
  receivedAt: Time,
  payloadHash: z.string(),
  /** Empty for who may not read details. */
  payload: z.base64(),
})

export type RawEvent = z.infer<typeof RawEvent>

export const deviceEvents = declare({
  method: 'GET',
  path: `${fleetPrefix}/devices/{id}/events`,
  summary: 'Raw events as the device sent them, newest received first.',
  speaker: 'operator',
  may: 'fleet:read',
  params: ById,
  query: z.strictObject(Paging),
  reply: listOf(RawEvent),
  refusals: ['not_found'],
})

export const VERDICTS = ['present', 'present_unconfirmed', 'past', 'not_observed', 'unknown'] as const
export type SearchVerdict = (typeof VERDICTS)[number]

export const SearchInterval = z.strictObject({
  surface: z.string(),
  name: z.string(),
  version: z.string().nullable(),
  versionUnparsed: z.boolean(),
  path: z.string(),
  from: Time,
  to: TimeOrNull,
  fromKind: z.enum(['change', 'baseline']),
  toKind: z.enum(['removed', 'replaced', 'device_retired']).nullable(),
  lastConfirmedAt: Time,
  possiblyStale: z.boolean(),
  /** What the device sent when it began, and when it ended. Absent unless asked for; null once raw events have gone. */
  fromEventId: z.string().nullable().optional(),
  toEventId: z.string().nullable().optional(),
})

export type SearchInterval = z.infer<typeof SearchInterval>

export const SearchHit = z.strictObject({
  deviceId: z.string(),
  hostname: z.string(),
  displayName: z.string().nullable(),
  owner: z.string().nullable(),
  groups: z.array(z.string()),
  liveness: z.enum(LIVENESSES),
  verdict: z.enum(VERDICTS),
  /** Why the verdict is `unknown`; null for the others. */
  unknownReason: z
    .enum(['surface_none', 'surface_partial', 'no_contact_in_window', 'enrolled_after_window', 'scanned_after_window'])
    .nullable(),
  intervals: z.array(SearchInterval),
  findingIds: z.array(z.string()),
})
export type SearchHit = z.infer<typeof SearchHit>

export const SearchRequest = z.strictObject({
  /** Free text: `name`, `name@version`, `name@range`, a purl, `mcp:name`; instead of the fields below it. */
  q: z.string().trim().min(1).max(1024).optional(),
  ecosystem: z.enum(ECOSYSTEMS).optional(),
  names: z.array(z.string().min(1).max(1024)).max(500).optional(),
  /** Exact versions, or one range in the ecosystem's own syntax. */
  versions: z.union([z.string().min(1).max(256), z.array(z.string().min(1).max(256)).max(1000)]).optional(),
  surfaces: z.array(z.string().max(128)).max(32).optional(),
  path: z.strictObject({ prefix: z.string().min(1).max(4096) }).optional(),
  groups: z.array(z.string().max(128)).max(64).optional(),
  deviceId: z.string().max(128).optional(),
  /** Absent means now; with state `removed`, ever. */
  window: z.strictObject({ from: when, to: when }).optional(),
  state: z.enum(['any', 'present', 'removed']).optional(),
  /** Which verdicts to list; those with a match unless told. The counts always cover all five. */
  verdicts: z.array(z.enum(VERDICTS)).min(1).optional(),
  /** With the ids of the raw events behind each interval; at most 50 devices a page then. */
  events: z.boolean().optional(),
  cursor: z.string().max(512).optional(),
  limit: z.int().min(1).max(200).optional(),
})

/** What an answer says as a whole, whichever devices are listed with it. */
export const SearchSummary = z.strictObject({
  window: z.strictObject({ from: Time, to: Time }),
  verdicts: z.record(z.enum(VERDICTS), z.int()),
  totals: z.strictObject({ devicesMatched: z.int(), presentNow: z.int(), pastOnly: z.int() }),
  versions: z.array(z.strictObject({ version: z.string().nullable(), devices: z.int() })),
  firstObservedAt: TimeOrNull,
  lastObservedAt: TimeOrNull,
  /** Names that start with what was asked for, when nothing matched exactly. */
  suggestions: z.array(z.string()),
  /** Fixed statements about what this answer cannot know. */
  notes: z.array(z.string()),
})
export type SearchSummary = z.infer<typeof SearchSummary>

export const searchInventory = declare({
  method: 'POST',
  path: `${fleetPrefix}/inventory:search`,
  summary: 'Which devices have, or had, a package between two moments, and which could not say.',
  speaker: 'operator',
  may: 'inventory:search',
  reads: true,
  body: SearchRequest,
  reply: z.strictObject({
    items: z.array(SearchHit),
    nextCursor: z.string().nullable(),
    ...SearchSummary.shape,
  }),
  refusals: [],
  limits: { bodyBytes: 256 * 1024 },
})

export const RareItem = z.strictObject({
  ecosystem: z.enum(ECOSYSTEMS),
  name: z.string(),
  version: z.string().nullable(),
  deviceId: z.string(),
  hostname: z.string(),
  displayName: z.string().nullable(),
  surface: z.string(),
  path: z.string(),
  from: Time,
  fromKind: z.enum(['change', 'baseline']),
})
export type RareItem = z.infer<typeof RareItem>

export const rareInventory = declare({
  method: 'GET',
  path: `${fleetPrefix}/inventory/rare`,
  summary: 'Packages, each in one version, that are on one device only, by name; a page may hold fewer than asked for.',
  speaker: 'operator',
  may: 'inventory:search',
  query: z.strictObject({ ...Paging, ecosystem: z.enum(ECOSYSTEMS).optional() }),
  reply: listOf(RareItem),
  refusals: [],
})

/** Lists every verdict unless told, because what could not be answered belongs to the answer. */
export const SearchExportRequest = SearchRequest.omit({ events: true, cursor: true, limit: true })
export type SearchExportRequest = z.infer<typeof SearchExportRequest>

/** The answer as a whole comes first and once, as it was then; then every device, with its verdict and its evidence. */
export const SearchExportLine = z.discriminatedUnion('record', [
  z.strictObject({ record: z.literal('answer'), exportedAt: Time, ...SearchSummary.shape }),
  /** A verdict and the evidence for it are of one moment, `asOf`; what changed meanwhile is in it. */
  z.strictObject({ record: z.literal('device'), asOf: Time, ...SearchHit.shape }),
])
export type SearchExportLine = z.infer<typeof SearchExportLine>

/** One row for each interval; a device without one has a row that says why. */
export const SEARCH_CSV: CsvTable<SearchExportLine> = {
  columns: [
    'deviceId',
    'hostname',
    'displayName',
    'owner',
    'groups',
    'liveness',
    'verdict',
    'unknownReason',
    'surface',
    'name',
    'version',
    'versionUnparsed',
    'path',
    'from',
    'fromKind',
    'to',
    'toKind',
    'lastConfirmedAt',
    'possiblyStale',
    'findingIds',
    'asOf',
  ],
  rowsOf(line) {
    if (line.record === 'answer') return []
    const intervals = line.intervals.length === 0 ? [null] : line.intervals
    return intervals.map((interval) => [
      line.deviceId,
      line.hostname,
      line.displayName,
      line.owner,
      line.groups.join(', '),
      line.liveness,
      line.verdict,
      line.unknownReason,
      interval?.surface ?? null,
      interval?.name ?? null,
      interval?.version ?? null,
      interval?.versionUnparsed ?? null,
      interval?.path ?? null,
      interval?.from ?? null,
      interval?.fromKind ?? null,
      interval?.to ?? null,
      interval?.toKind ?? null,
      interval?.lastConfirmedAt ?? null,
      interval?.possiblyStale ?? null,
      line.findingIds.join(' '),
      line.asOf,
    ])
  },
}

export const exportInventory = declare({
  method: 'POST',
  path: `${fleetPrefix}/inventory:export`,
  summary: 'A whole search as a stream: the answer, then every device with its verdict; the export is itself recorded.',
  speaker: 'operator',
  may: 'inventory:search',
  reads: true,
  query: z.strictObject({ format: ExportFormatAsked }),
  body: SearchExportRequest,
  reply: SearchExportLine,
  replyForm: 'ndjson',
  csv: SEARCH_CSV,
  refusals: [],
  limits: { bodyBytes: 256 * 1024 },
})
