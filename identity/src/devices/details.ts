// What belongs around devices, read for a page of them at once: tags, groups, certificates, possible doubles.
// The devices themselves are store.ts.
import { type Kysely, sql } from 'kysely'
import { type Bounds, noGroup, selectInGroups } from '../bounds.ts'
import type { IdentityTables } from '../tables.ts'
import { type DeviceRow, loadFormers } from './store.ts'

type Db = Kysely<IdentityTables>

export interface Details {
  readonly tags: readonly string[]
  readonly groups: readonly string[]
  readonly certificates: readonly CertificateRow[]
  readonly mergeCandidates: readonly string[]
  readonly formers: readonly FormerDevice[]
  readonly keyInOtherTenant: boolean
}

/** A device that was merged into the one at hand. */
export interface FormerDevice {
  readonly device_no: number
  readonly device_id: string
}

export interface CertificateRow {
  readonly device_no: number
  readonly serial: string
  readonly fingerprint: string
  readonly issued_ms: number
  readonly expires_ms: number
  readonly revoked_ms: number | null
}

/** Doubles are a hint; where a whole fleet has one host name, a few hundred say as much as all. */
const maxCandidates = 500

const loadTags = (db: Db, nos: readonly number[]) =>
  db
    .selectFrom('identity_device_tag')
    .select(['device_no', 'tag'])
    .where('device_no', 'in', nos)
    .orderBy('tag')
    .execute()

const loadGroups = (db: Db, { groupNos }: Bounds, nos: readonly number[]) => {
  const byTag = db
    .selectFrom('identity_device_tag as tagged')
    .innerJoin('identity_group as named', (join) =>
      join.onRef('named.tenant_id', '=', 'tagged.tenant_id').onRef('named.tag', '=', 'tagged.tag'),
    )
    .select(['tagged.device_no', 'named.name'])
    .where('tagged.device_no', 'in', nos)
    .$if(groupNos !== null, (query) => query.where('named.group_no', 'in', [noGroup, ...(groupNos ?? [])]))
  return db
    .selectFrom('identity_group_member as member')
    .innerJoin('identity_group as named', 'named.group_no', 'member.group_no')
    .select(['member.device_no', 'named.name'])
    .where('member.device_no', 'in', nos)
    .$if(groupNos !== null, (query) => query.where('named.group_no', 'in', [noGroup, ...(groupNos ?? [])]))
    .union(byTag)
    .execute()
}

const loadCertificates = (db: Db, nos: readonly number[]): Promise<readonly CertificateRow[]> =>
  db
    .selectFrom('identity_certificate')
    .select(['device_no', 'serial', 'fingerprint', 'issued_ms', 'expires_ms', 'revoked_ms'])
    .where('device_no', 'in', nos)
    .orderBy('certificate_no', 'desc')
    .execute()

const loadCandidates = async (db: Db, { tenantId, groupNos }: Bounds, rows: readonly DeviceRow[]) => {
  const hostKeys = [...new Set(rows.filter(({ hostname }) => hostname !== '').map((row) => row.host_key))]
  if (hostKeys.length === 0) return []
  return (
    db
      .selectFrom('identity_device')
      .select(['device_id', 'host_key'])
      .where('tenant_id', '=', tenantId)
      .where('host_key', 'in', hostKeys)
      // Written out, because SQLite uses a partial index only when it sees the condition.
      .where(sql<boolean>`status = 'active'`)
      .$if(groupNos !== null, (query) => query.where('device_no', 'in', selectInGroups(db, groupNos ?? [])))
      .orderBy('device_no')
      .limit(maxCandidates)
      .execute()
  )
}

/** Of these keys, those that another tenant knows, too. */
const loadSharedKeys = async (db: Db, tenantId: string, rows: readonly DeviceRow[]): Promise<ReadonlySet<string>> => {
  const shared = await db
    .selectFrom('identity_device')
    .select('key_fingerprint')
    .where(
      'key_fingerprint',
      'in',
      rows.map((row) => row.key_fingerprint),
    )
    .where('tenant_id', '<>', tenantId)
    .execute()
  return new Set(shared.map((row) => row.key_fingerprint))
}

const namesOf = <Row extends { readonly device_no: number }>(rows: readonly Row[]) =>
  Map.groupBy(rows, (row) => row.device_no)

const nothing: Details = {
  tags: [],
  groups: [],
  certificates: [],
  mergeCandidates: [],
  formers: [],
  keyInOtherTenant: false,
}

/** By device number. */
export const loadDetails = async (
  db: Db,
  bounds: Bounds,
  rows: readonly DeviceRow[],
): Promise<(row: DeviceRow) => Details> => {
  const nos = rows.map((row) => row.device_no)
  if (nos.length === 0) return () => nothing
  const [tags, groups, certificates, candidates, formers, sharedKeys] = await Promise.all([
    loadTags(db, nos),
    loadGroups(db, bounds, nos),
    loadCertificates(db, nos),
    loadCandidates(db, bounds, rows),
    loadFormers(db, nos),
    loadSharedKeys(db, bounds.tenantId, rows),
  ])
  const [tagsOf, groupsOf, certificatesOf] = [namesOf(tags), namesOf(groups), namesOf(certificates)]
  const candidatesOf = Map.groupBy(candidates, (row) => row.host_key)
  const formersOf = Map.groupBy(formers, (row) => row.merged_into_no)
  return ({ device_no, device_id, host_key, status, key_fingerprint }) => ({
    tags: (tagsOf.get(device_no) ?? []).map(({ tag }) => tag),
    groups: (groupsOf.get(device_no) ?? []).map(({ name }) => name).toSorted(),
    certificates: certificatesOf.get(device_no) ?? [],
    formers: formersOf.get(device_no) ?? [],
    keyInOtherTenant: sharedKeys.has(key_fingerprint),
    mergeCandidates:
      status === 'merged'
        ? []
        : (candidatesOf.get(host_key) ?? []).map((row) => row.device_id).filter((id) => id !== device_id),
  })
}
