// What an operator reads about a device, as far as identity knows it; the planes add their part.
// Rows come from store.ts and details.ts.
import type { Device, Plane } from '@muster/contract'
import { toIso } from '@muster/kernel'
import { isoOrNull } from '../times.ts'
import { decideLiveness } from './decide.ts'
import type { CertificateRow, Details } from './details.ts'
import type { DeviceRow } from './store.ts'

/** What the observe plane adds to make a whole `Device`. */
type PlaneFacts =
  | 'lastCheckInAt'
  | 'policy'
  | 'backlog'
  | 'coverage'
  | 'openFindings'
  | 'clockSkewSeconds'
  | 'resnapshotRequested'

export type DeviceRecord = Omit<Device, PlaneFacts> & { readonly deviceNo: number }

const toCertificate = (row: CertificateRow): Device['certificates'][number] => ({
  serial: row.serial,
  fingerprint: row.fingerprint,
  issuedAt: toIso(row.issued_ms),
  expiresAt: toIso(row.expires_ms),
  revokedAt: isoOrNull(row.revoked_ms),
})

export const toRecord = (row: DeviceRow, details: Details, nowMs: number): DeviceRecord => ({
  deviceNo: row.device_no,
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
  liveness: decideLiveness(row.last_contact_ms, nowMs),
  planes: JSON.parse(row.planes) as Plane[],
  tags: [...details.tags],
  groups: [...details.groups],
  keyFingerprint: row.key_fingerprint,
  certificates: details.certificates.map(toCertificate),
  enrolledAt: toIso(row.enrolled_ms),
  enrollmentTokenId: row.enrollment_token_id,
  lastContactAt: isoOrNull(row.last_contact_ms),
  mergeCandidates: [...details.mergeCandidates],
  version: row.version,
})
