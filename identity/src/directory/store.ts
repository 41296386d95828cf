// Reading devices for the directory: all of them at the start, the changed ones from then on.
// What is kept of them is directory.ts.
import type { DeviceStatus } from '@muster/contract'
import type { Kysely } from 'kysely'
import type { IdentityTables } from '../tables.ts'

type Db = Kysely<IdentityTables>

export interface DirectoryDevice {
  readonly device_no: number
  readonly device_id: string
  readonly tenant_id: string
  readonly status: DeviceStatus
  readonly enrolled_ms: number
  readonly merged_into_no: number | null
  readonly sensor_version: string
  readonly os_version: string
}

export interface DirectoryRows {
  readonly devices: readonly DirectoryDevice[]
  readonly certificates: readonly {
    readonly device_no: number
    readonly authority_id: string
    readonly fingerprint: string
    readonly issued_ms: number
    readonly expires_ms: number
    readonly revoked_ms: number | null
  }[]
  readonly tags: readonly { readonly device_no: number; readonly tag: string }[]
  readonly members: readonly { readonly device_no: number; readonly group_no: number }[]
  readonly formerIds: readonly { readonly merged_into_no: number | null; readonly device_id: string }[]
}

/** One page of the walk over all devices, or a handful of changed ones. */
export type DirectoryScope =
  | { readonly kind: 'after'; readonly deviceNo: number; readonly limit: number }
  | { readonly kind: 'these'; readonly deviceNos: readonly number[] }

const loadPage = (db: Db, scope: DirectoryScope): Promise<readonly DirectoryDevice[]> => {
  const query = db
    .selectFrom('identity_device')
    .select([
      'device_no',
      'device_id',
      'tenant_id',
      'status',
      'enrolled_ms',
      'merged_into_no',
      'sensor_version',
      'os_version',
    ])
  return scope.kind === 'these'
    ? query.where('device_no', 'in', scope.deviceNos).execute()
    : query.where('device_no', '>', scope.deviceNo).orderBy('device_no').limit(scope.limit).execute()
}

export const loadDirectoryRows = async (db: Db, scope: DirectoryScope): Promise<DirectoryRows> => {
  const devices = await loadPage(db, scope)
  if (devices.length === 0) return { devices, certificates: [], tags: [], members: [], formerIds: [] }
  const nos = devices.map((row) => row.device_no)
  const from = Math.min(...nos)
  const to = Math.max(...nos)
  // A walk reads by range: thousands of numbers in a list would cost more than the rows.
  const within = scope.kind === 'after'
  const [certificates, tags, members, formerIds] = await Promise.all([
    db
      .selectFrom('identity_certificate')
      .select(['device_no', 'authority_id', 'fingerprint', 'issued_ms', 'expires_ms', 'revoked_ms'])
      .$if(within, (query) => query.where('device_no', '>=', from).where('device_no', '<=', to))
      .$if(!within, (query) => query.where('device_no', 'in', nos))
      .execute(),
    db
      .selectFrom('identity_device_tag')
      .select(['device_no', 'tag'])
      .$if(within, (query) => query.where('device_no', '>=', from).where('device_no', '<=', to))
      .$if(!within, (query) => query.where('device_no', 'in', nos))
      .execute(),
    db
      .selectFrom('identity_group_member')
      .select(['device_no', 'group_no'])
      .$if(within, (query) => query.where('device_no', '>=', from).where('device_no', '<=', to))
      .$if(!within, (query) => query.where('device_no', 'in', nos))
      .execute(),
    db
      .selectFrom('identity_device')
      .select(['merged_into_no', 'device_id'])
      .where('merged_into_no', 'is not', null)
      .$if(within, (query) => query.where('merged_into_no', '>=', from).where('merged_into_no', '<=', to))
      .$if(!within, (query) => query.where('merged_into_no', 'in', nos))
      .orderBy('device_no')
      .execute(),
  ])
  return { devices, certificates, tags, members, formerIds }
}

export interface TagGroup {
  readonly group_no: number
  readonly tenant_id: string
  readonly tag: string
}

export const loadTagGroups = async (db: Db): Promise<readonly TagGroup[]> => {
  const rows = await db
    .selectFrom('identity_group')
    .select(['group_no', 'tenant_id', 'tag'])
    .where('tag', 'is not', null)
    .execute()
  return rows as TagGroup[]
}
