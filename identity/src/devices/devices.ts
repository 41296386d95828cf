// Devices as operators handle them: list, read, describe, and the steps of their life (fleet-product 5).
// What a device may do on the wire is directory/; what was found on it belongs to the observe plane.
import type {
  BodyOf,
  changeDevice,
  Device,
  Liveness,
  listDevices,
  mergeDevice,
  QueryOf,
  revokeDevice,
} from '@muster/contract'
import type { Result } from '@muster/kernel'
import type { By } from '../speakers.ts'

/** The part of a device's record that identity knows; the planes add theirs. */
export type DeviceRecord = Pick<
  Device,
  | 'id'
  | 'tenantId'
  | 'agentId'
  | 'pcId'
  | 'hostname'
  | 'displayName'
  | 'owner'
  | 'notes'
  | 'osVersion'
  | 'hardwareModel'
  | 'sensorVersion'
  | 'status'
  | 'statusReason'
  | 'mergedIntoId'
  | 'liveness'
  | 'planes'
  | 'tags'
  | 'groups'
  | 'keyFingerprint'
  | 'certificates'
  | 'enrolledAt'
  | 'enrollmentTokenId'
  | 'lastContactAt'
  | 'mergeCandidates'
  | 'version'
> & { readonly deviceNo: number }

export type DeviceQuery = Omit<QueryOf<typeof listDevices>, 'policyStatus'>

/** Of these devices, those to keep: how another room takes part in a filter without sharing tables. */
export type Narrow = (deviceNos: readonly number[]) => Promise<ReadonlySet<number>>

export interface DevicePage {
  readonly items: readonly DeviceRecord[]
  readonly nextCursor: string | null
}

export interface DeviceCounts {
  /** Devices that are neither retired nor merged. */
  readonly total: number
  readonly byLiveness: Readonly<Record<Liveness, number>>
  readonly revoked: number
  /** Active devices whose newest certificate ends within 60 days. */
  readonly certificatesExpiringSoon: number
}

/** A device as far as a search over the fleet needs to know it. */
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

export interface HostText {
  readonly seenMs: number
  readonly hostname: string
  readonly osVersion: string
  readonly hardwareModel: string
  readonly sensorVersion: string
}

type Reason = BodyOf<typeof revokeDevice>
type Step = (
  by: By,
  tenantId: string,
  deviceId: string,
  body: Reason,
) => Promise<Result<DeviceRecord, 'not_found' | 'state_conflict'>>

export interface Devices {
  list(tenantId: string, query: DeviceQuery, narrow?: Narrow): Promise<Result<DevicePage, 'request_malformed'>>
  read(tenantId: string, deviceId: string): Promise<Result<DeviceRecord, 'not_found'>>
  /** Records of these devices of the tenant, by device number; foreign ones are absent. */
  readMany(tenantId: string, deviceNos: readonly number[]): Promise<ReadonlyMap<number, DeviceRecord>>
  /** Every device of the tenant that is neither retired nor merged, by ascending number; must be fast at 100 000. */
  roll(tenantId: string, query: RollQuery): Promise<readonly RollEntry[]>
  change(
    by: By,
    tenantId: string,
    deviceId: string,
    version: number,
    body: BodyOf<typeof changeDevice>,
  ): Promise<Result<DeviceRecord, 'not_found' | 'version_stale'>>
  revoke: Step
  retire: Step
  reactivate: Step
  merge(
    by: By,
    tenantId: string,
    deviceId: string,
    body: BodyOf<typeof mergeDevice>,
  ): Promise<Result<DeviceRecord, 'not_found' | 'state_conflict'>>
  counts(tenantId: string): Promise<DeviceCounts>
  /** Over all tenants, for the metrics of the installation. */
  livenessCounts(): Promise<Readonly<Record<Liveness, number>>>
  /** What the host said of itself over time, newest first. */
  hostHistory(tenantId: string, deviceId: string): Promise<Result<readonly HostText[], 'not_found'>>
}
