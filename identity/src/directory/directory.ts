// The directory: every device and its certificates in memory, asked on every request, fresh within a second.
// What the facts mean for a request is decide.ts; reading changed rows is store.ts.
import type { Kysely } from 'kysely'
import { type Bounds, liesWithinBounds } from '../bounds.ts'
import type { Changes } from '../changes.ts'
import { renewFromMs } from '../renew/decide.ts'
import type { KnownDevice } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import { groupNosOf } from './decide.ts'
import { type DirectoryDevice, type DirectoryRows, loadDirectoryRows, loadTagGroups } from './store.ts'

export interface KnownCertificate {
  readonly device: KnownDevice
  readonly expiresMs: number
  /** The certificate was closed, or its authority was retired. */
  readonly revoked: boolean
}

export interface Directory {
  /** By SHA-256 of the certificate, lower-case hex without colons. */
  byFingerprint(fingerprint: string): KnownCertificate | undefined
  byId(deviceId: string): KnownDevice | undefined
  byNo(deviceNo: number): KnownDevice | undefined
  /** Whether the device is seen; one that was merged is, where the device it was merged into is. */
  sees(bounds: Bounds, device: KnownDevice): boolean
  within(bounds: Bounds): readonly KnownDevice[]
  all(): readonly KnownDevice[]
  /** Hears of everything committed before the call, by any process. */
  refresh(): Promise<void>
  /** How many devices are known. */
  size(): number
}

interface Entry extends KnownDevice {
  readonly mergedIntoNo: number | null
  groupNos: readonly number[]
  renewFromMs: number | null
  readonly explicitGroupNos: readonly number[]
  readonly tags: readonly string[]
}

interface CertificateEntry {
  readonly deviceNo: number
  readonly authorityId: string
  readonly expiresMs: number
  readonly revoked: boolean
}

type GroupsByTag = ReadonlyMap<string, readonly number[]>

const none: readonly never[] = Object.freeze([])
const walkSize = 5000
const listSize = 500

/** Most devices share their versions and tags with thousands of others; each spelling is held once. */
const createInterner = () => {
  const held = new Map<string, string>()
  return (text: string): string => {
    const known = held.get(text)
    if (known !== undefined) return known
    if (held.size > 100_000) held.clear()
    held.set(text, text)
    return text
  }
}

const listsBy = <Row extends { readonly device_no: number }, Value>(
  rows: readonly Row[],
  valueOf: (row: Row) => Value,
): ReadonlyMap<number, readonly Value[]> => {
  const lists = new Map<number, Value[]>()
  for (const row of rows) {
    const list = lists.get(row.device_no)
    if (list === undefined) lists.set(row.device_no, [valueOf(row)])
    else list.push(valueOf(row))
  }
  return lists
}

/** When the certificate that lasts longest is to be renewed, for each device that has one that counts. */
const renewalsOf = (certificates: DirectoryRows['certificates']): ReadonlyMap<number, number> => {
  const latest = new Map<number, number>()
  for (const { device_no, issued_ms, expires_ms, revoked_ms } of certificates) {
    const fromMs = renewFromMs(issued_ms, expires_ms)
    if (revoked_ms === null && fromMs > (latest.get(device_no) ?? 0)) latest.set(device_no, fromMs)
  }
  return latest
}

const createCopy = () => {
  const intern = createInterner()
  const devices = new Map<number, Entry>()
  const nos = new Map<string, number>()
  const certificates = new Map<string, CertificateEntry>()
  let groups: ReadonlyMap<string, GroupsByTag> = new Map()

  const entryOf = (
    row: DirectoryDevice,
    former: readonly string[],
    tags: readonly string[],
    own: readonly number[],
    newest: ReadonlyMap<number, number>,
  ) => ({
    deviceNo: row.device_no,
    deviceId: row.device_id,
    tenantId: intern(row.tenant_id),
    status: row.status,
    enrolledMs: row.enrolled_ms,
    mergedIntoNo: row.merged_into_no,
    formerDeviceIds: former,
    sensorVersion: intern(row.sensor_version),
    osVersion: intern(row.os_version),
    renewFromMs: newest.get(row.device_no) ?? null,
    groupNos: groupNosOf(own, tags, groups.get(row.tenant_id)),
    explicitGroupNos: own,
    tags,
  })
  return {
    devices,
    nos,
    certificates,
    take(rows: DirectoryRows): void {
      const tags = listsBy(rows.tags, (row) => intern(row.tag))
      const members = listsBy(rows.members, (row) => row.group_no)
      const newest = renewalsOf(rows.certificates)
      const former = Map.groupBy(rows.formerIds, (row) => row.merged_into_no)
      for (const row of rows.devices) {
        const formerIds = former.get(row.device_no)?.map(({ device_id }) => device_id) ?? none
        const own = members.get(row.device_no)?.toSorted((left, right) => left - right) ?? none
        devices.set(row.device_no, entryOf(row, formerIds, tags.get(row.device_no) ?? none, own, newest))
        nos.set(row.device_id, row.device_no)
      }
      for (const row of rows.certificates)
        certificates.set(row.fingerprint, {
          deviceNo: row.device_no,
          authorityId: intern(row.authority_id),
          expiresMs: row.expires_ms,
          revoked: row.revoked_ms !== null,
        })
    },
    regroup(byTenant: ReadonlyMap<string, GroupsByTag>): void {
      groups = byTenant
      for (const entry of devices.values())
        entry.groupNos = groupNosOf(entry.explicitGroupNos, entry.tags, groups.get(entry.tenantId))
    },
  }
}

export interface DirectoryNeeds {
  readonly db: Kysely<IdentityTables>
  /** Started before, so that nothing falls between the load and the feed. */
  readonly changes: Changes
  readonly isTrustedAuthority: (authorityId: string) => boolean
}

/** Loads every device. */
export const createDirectory = async ({ db, changes, isTrustedAuthority }: DirectoryNeeds): Promise<Directory> => {
  const copy = createCopy()

  const loadGroups = async (): Promise<void> => {
    const ofTenant = Map.groupBy(await loadTagGroups(db), (row) => row.tenant_id)
    const byTenant = new Map<string, GroupsByTag>()
    for (const [tenantId, rows] of ofTenant) {
      const ofTag = Map.groupBy(rows, (row) => row.tag)
      byTenant.set(tenantId, new Map([...ofTag].map(([tag, same]) => [tag, same.map((row) => row.group_no)])))
    }
    copy.regroup(byTenant)
  }
  const loadAll = async (): Promise<void> => {
    for (let deviceNo = 0; ; ) {
      const rows = await loadDirectoryRows(db, { kind: 'after', deviceNo, limit: walkSize })
      copy.take(rows)
      if (rows.devices.length < walkSize) return
      deviceNo = (rows.devices.at(-1) as DirectoryDevice).device_no
    }
  }
  const loadThese = async (deviceNos: readonly number[]): Promise<void> => {
    for (let at = 0; at < deviceNos.length; at += listSize)
      copy.take(await loadDirectoryRows(db, { kind: 'these', deviceNos: deviceNos.slice(at, at + listSize) }))
  }

  changes.listen('group', loadGroups)
  changes.listen('device', (deviceNos) => (deviceNos === 'all' ? loadAll() : loadThese(deviceNos)))
  await loadGroups()
  await loadAll()

  const byNo = (deviceNo: number): KnownDevice | undefined => copy.devices.get(deviceNo)
  const seesEntry = (bounds: Bounds, device: Entry): boolean => {
    const owner = device.mergedIntoNo === null ? device : copy.devices.get(device.mergedIntoNo)
    return owner !== undefined && liesWithinBounds(bounds, owner)
  }
  return {
    byFingerprint(fingerprint) {
      const held = copy.certificates.get(fingerprint)
      const device = held && byNo(held.deviceNo)
      return (
        device && { device, expiresMs: held.expiresMs, revoked: held.revoked || !isTrustedAuthority(held.authorityId) }
      )
    },
    byId(deviceId) {
      const deviceNo = copy.nos.get(deviceId)
      return deviceNo === undefined ? undefined : byNo(deviceNo)
    },
    byNo,
    sees(bounds, { deviceNo }) {
      const device = copy.devices.get(deviceNo)
      return device !== undefined && seesEntry(bounds, device)
    },
    within: (bounds) => [...copy.devices.values()].filter((device) => seesEntry(bounds, device)),
    all: () => [...copy.devices.values()],
    refresh: () => changes.refresh(),
    size: () => copy.devices.size,
  }
}
