// An agent as an operator reads it (telemetry 9.1), and as an auditor does.
// Which agents are listed is agents.ts.
import type { Agent, Role } from '@muster/contract'
import { toIso } from '@muster/kernel'
import { isoOrNull } from '../times.ts'
import { agentLiveness } from './decide.ts'
import type { KnownAgent } from './known.ts'
import type { CertificateRow } from './store.ts'

type CertificateView = NonNullable<Agent['certificate']>

const statusOf = (row: CertificateRow, nowMs: number): CertificateView['status'] => {
  if (row.revoked_ms !== null && row.revoked_ms <= nowMs) return 'revoked'
  return row.expires_ms <= nowMs ? 'expired' : 'active'
}

const certificateView = (row: CertificateRow, nowMs: number): CertificateView => ({
  serial_number: row.serial,
  fingerprint_sha256: row.fingerprint,
  not_before: toIso(row.issued_ms),
  not_after: toIso(row.expires_ms),
  status: statusOf(row, nowMs),
})

/** Whether a reader sees what could name a person or a place (telemetry 19). */
export const seesHosts = (role: Role): boolean => role !== 'auditor'

export const agentView = (agent: KnownAgent, newest: CertificateRow | undefined, role: Role, nowMs: number): Agent => ({
  agent_id: agent.agentId,
  device_id: agent.deviceId,
  site_id: agent.siteId,
  collector_id: agent.collectorId,
  asset_id: agent.assetId,
  agent_class: agent.agentClass,
  status: agent.state,
  status_reason: agent.stateReason,
  liveness: agentLiveness(agent.lastSeenMs, nowMs),
  hostname: seesHosts(role) ? agent.hostname : null,
  os_family: agent.osFamily,
  os_version: agent.osVersion,
  architecture: agent.architecture,
  agent_version: agent.agentVersion,
  capabilities: [...agent.capabilities],
  enrolled_at: toIso(agent.enrolledMs),
  last_seen_at: isoOrNull(agent.lastSeenMs),
  enrollment_token_id: agent.enrollmentTokenId,
  fingerprint_confidence: agent.fingerprintConfidence,
  possible_clone: agent.possibleClone,
  clock_skew_seconds: agent.clockSkewSeconds,
  certificate: newest === undefined ? null : certificateView(newest, nowMs),
  service_account_token_expires_at: isoOrNull(agent.tokenExpiresMs),
})
