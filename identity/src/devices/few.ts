// Whether a filter leaves so few devices that they are found first and sorted afterwards; where there are more, a walk in
// the order of the list soon fills a page, while a rare few would be found at the end of it.
// The walk is list.ts.
import { type Kysely, sql } from 'kysely'
import { type Bounds, noGroup, selectGrouped } from '../bounds.ts'
import type { IdentityTables, Scanned } from '../tables.ts'
import { cleanText } from '../texts.ts'
import type { ContactWindow } from './decide.ts'
import type { DeviceQuery } from './list.ts'

type Db = Kysely<IdentityTables>

const mostFew = 2000

const devicesOf = (db: Db, tenantId: string) =>
  db.selectFrom('identity_device').select('device_no').where('tenant_id', '=', tenantId)

const likePattern = (part: string): string => `%${part.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`

/** `column` with its relation where there are several. */
export const isNamed = (column: string, name: string) =>
  sql<boolean>`${sql.ref(column)} like ${likePattern(cleanText(name))} escape '\\'`

/** Found by id or by name; an unknown group, or one out of bounds, has no devices. */
export const inGroup = (db: Db, { tenantId, groupNos }: Bounds, said: string) => {
  const group = cleanText(said)
  return selectGrouped(db, (named) =>
    named
      .where('named.tenant_id', '=', tenantId)
      .$if(groupNos !== null, (query) => query.where('named.group_no', 'in', [noGroup, ...(groupNos ?? [])]))
      .where((eb) => eb.or([eb('named.group_id', '=', group), eb('named.name', '=', group)])),
  )
}

export const withTag = (db: Db, tenantId: string, tag: string) =>
  db
    .selectFrom('identity_device_tag')
    .select('device_no')
    .where('tenant_id', '=', tenantId)
    .where('tag', '=', cleanText(tag))

/** Enrolling is a contact, so every device has one. */
export const heardIn = ({ afterMs, throughMs }: ContactWindow) => {
  const contact = sql.ref('contact.last_contact_ms')
  const after = afterMs === null ? sql<boolean>`1 = 1` : sql<boolean>`${contact} > ${afterMs}`
  return throughMs === null ? after : sql<boolean>`${after} and ${contact} <= ${throughMs}`
}

/** What the moment and the thresholds make of a filter. */
export interface FilterParts {
  readonly scanned: Scanned | undefined
  /** Both at once. */
  readonly windows: readonly ContactWindow[]
}

/** Devices marked as silent; of the indexes only that of the marks fits, which SQLite would not find the best by itself. */
export const selectMarked = (db: Db, tenantId: string) =>
  db
    .selectFrom('identity_device')
    .select('device_no')
    .where(sql<boolean>`tenant_id || '' = ${tenantId}`)
    .where('gone_dark_ms', 'is not', null)

/** A question for numbers of devices, whichever table answers it. */
type Candidate = ReturnType<typeof devicesOf>

/** What each part of the filter leaves by itself, where an index says so; the widest to look through comes last. */
const candidates = (db: Db, bounds: Bounds, query: DeviceQuery, { scanned, windows }: FilterParts) => {
  const { tenantId } = bounds
  const { status, group, tag, name, enrollmentTokenId, goneDark } = query
  const token = enrollmentTokenId === undefined ? undefined : cleanText(enrollmentTokenId)
  return [
    token !== undefined && devicesOf(db, tenantId).where('enrollment_token_id', '=', token),
    tag !== undefined && withTag(db, tenantId, tag),
    group !== undefined && db.selectFrom(inGroup(db, bounds, group).as('grouped')).select('device_no'),
    goneDark === 'true' && selectMarked(db, tenantId),
    status !== undefined && devicesOf(db, tenantId).where('status', '=', status),
    scanned !== undefined && devicesOf(db, tenantId).where('scanned', '=', scanned),
    ...windows.map((window) =>
      db
        .selectFrom('identity_contact as contact')
        .select('contact.device_no')
        .where('contact.tenant_id', '=', tenantId)
        .where(heardIn(window)),
    ),
    name !== undefined && devicesOf(db, tenantId).where(isNamed('search_name', name)),
  ].filter((one) => one !== false) as unknown as readonly Candidate[]
}

/** The devices among which those that are asked for are; undefined when there may be many. */
export const findFew = async (
  db: Db,
  bounds: Bounds,
  query: DeviceQuery,
  parts: FilterParts,
): Promise<readonly number[] | undefined> => {
  for (const candidate of candidates(db, bounds, query, parts)) {
    const rows = await candidate.limit(mostFew + 1).execute()
    if (rows.length <= mostFew) return rows.map((row) => row.device_no)
  }
  return undefined
}
