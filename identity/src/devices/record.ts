// What an operator reads about a device, as far as identity knows it; the planes add their part.
// Rows come from store.ts and details.ts.
import type { Device, LivenessThresholds, Plane } from '@muster/contract'
import { toIso } from '@muster/kernel'
import { isoOrNull } from '../times.ts'
import { decideLiveness } from './decide.ts'
import type { CertificateRow, Details } from './details.ts'
import type { DeviceRow } from './store.ts'

/** What the planes add to make a whole `Device`. */
type PlaneFacts =
  | 'lastCheckInAt'
  | 'heartbeat'
  | 'ceiling'
  | 'policy'
  | 'backlog'
  | 'coverage'
  | 'openFindings'
  | 'clockSkewSeconds'
  | 'resnapshotRequested'

export interface DeviceNumbers {
  readonly deviceNo: number
  /** Its own number first, then those of the devices merged into it: what they reported is read as its history. */
  readonly historyNos: readonly number[]
}

export type DeviceRecord = Omit<Device, PlaneFacts> & DeviceNumbers

const toCertificate = (row: CertificateRow): Device['certificates'][number] => ({
  serial: row.serial,
  fingerprint: row.fingerprint,
  issuedAt: toIso(row.issued_ms),
  expiresAt: toIso(row.expires_ms),
  revokedAt: isoOrNull(row.revoked_ms),
})

/** Noticed silence counts until the device is heard again, which is known before it is noticed. */
const goneDarkMs = ({ gone_dark_ms, last_contact_ms }: DeviceRow): number | null =>
  gone_dark_ms === null || (last_contact_ms ?? 0) > gone_dark_ms ? null : gone_dark_ms

const toDeletion = ({ data_deletion_ms, data_deleted_ms }: DeviceRow): Device['dataDeletion'] =>
  data_deletion_ms === null ? null : { requestedAt: toIso(data_deletion_ms), finishedAt: isoOrNull(data_deleted_ms) }

export const toRecord = (
  row: DeviceRow,
  details: Details,
  thresholds: LivenessThresholds,
  nowMs: number,
): DeviceRecord => ({
  deviceNo: row.device_no,
  historyNos: [row.device_no, ...details.formers.map(({ device_no }) => device_no)],
  id: row.device_id,
  tenantId: row.tenant_id,
  agentId: row.agent_id,
  pcId: row.pc_id,
  hostname: row.hostname,
  displayName: row.display_name,
  owner: row.owner,
  notes: row.notes,
  osVersion: row.os_version,
  hardwareModel: row.hardware_model,
  sensorVersion: row.sensor_version,
  status: row.status,
  statusReason: row.status_reason,
  mergedIntoId: row.merged_into_id,
  formerIds: details.formers.map(({ device_id }) => device_id),
  liveness: decideLiveness(row.last_contact_ms, nowMs, thresholds),
  goneDarkAt: isoOrNull(goneDarkMs(row)),
  planes: JSON.parse(row.planes) as Plane[],
  tags: [...details.tags],
  groups: [...details.groups],
  keyFingerprint: row.key_fingerprint,
  keyInOtherTenant: details.keyInOtherTenant,
  certificates: details.certificates.map(toCertificate),
  enrolledAt: toIso(row.enrolled_ms),
  enrollmentTokenId: row.enrollment_token_id,
  lastContactAt: isoOrNull(row.last_contact_ms),
  mergeCandidates: [...details.mergeCandidates],
  dataDeletion: toDeletion(row),
  version: row.version,
})
