// The roll: every device of a tenant with what a search over the fleet needs, quickly and without its record.
// Devices come from the directory's memory, only their last contact is read.
import type { Kysely } from 'kysely'
import type { Directory } from '../directory/directory.ts'
import type { Groups } from '../groups/groups.ts'
import type { KnownDevice } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import { cleanText } from '../texts.ts'

export interface RollEntry {
  readonly deviceNo: number
  readonly enrolledMs: number
  readonly lastContactMs: number | null
}

/** Absent members mean all; group names that do not exist match nothing. */
export interface RollQuery {
  readonly deviceNos?: readonly number[]
  readonly groups?: readonly string[]
}

const maxListed = 1000

const loadContacts = async (
  db: Kysely<IdentityTables>,
  tenantId: string,
  deviceNos: readonly number[] | undefined,
): Promise<ReadonlyMap<number, number>> => {
  const rows = await db
    .selectFrom('identity_contact')
    .select(['device_no', 'last_contact_ms'])
    .where('tenant_id', '=', tenantId)
    .$if(deviceNos !== undefined && deviceNos.length <= maxListed, (query) =>
      query.where('device_no', 'in', deviceNos as number[]),
    )
    .execute()
  return new Map(rows.map((row) => [row.device_no, row.last_contact_ms]))
}

const pick = (
  directory: Directory,
  tenantId: string,
  deviceNos: readonly number[] | undefined,
): readonly KnownDevice[] =>
  deviceNos === undefined
    ? directory.ofTenant(tenantId)
    : [...new Set(deviceNos)].flatMap((no) => directory.byNo(no) ?? []).filter((device) => device.tenantId === tenantId)

export const callRoll = async (
  { db, directory, groups }: { db: Kysely<IdentityTables>; directory: Directory; groups: Groups },
  tenantId: string,
  query: RollQuery,
): Promise<readonly RollEntry[]> => {
  if (query.deviceNos?.length === 0) return []
  const found = await Promise.all((query.groups ?? []).map((name) => groups.resolve(tenantId, [cleanText(name)])))
  const wanted = new Set(found.flatMap((group) => (group.ok ? group.value.map(({ groupNo }) => groupNo) : [])))
  const contacts = await loadContacts(db, tenantId, query.deviceNos)
  return pick(directory, tenantId, query.deviceNos)
    .filter(({ status }) => status === 'active' || status === 'revoked')
    .filter(({ groupNos }) => query.groups === undefined || groupNos.some((no) => wanted.has(no)))
    .toSorted((left, right) => left.deviceNo - right.deviceNo)
    .map(({ deviceNo, enrolledMs }) => ({ deviceNo, enrolledMs, lastContactMs: contacts.get(deviceNo) ?? null }))
}
