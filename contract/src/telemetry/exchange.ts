// How an agent comes in and stays in: a token and a proof of possession for an identity, and the next certificate
// (telemetry 4 to 6). What a CSR, a nonce or a fingerprint must be is judged by identity, each under a code of its own.
import * as z from 'zod'
import { declare } from '../route.ts'
import {
  AgentVersion,
  Architecture,
  ByAgent,
  Capabilities,
  Hostname,
  Instant,
  NoQuery,
  OsFamily,
  OsVersion,
  TelemetryId,
  telemetryPrefix,
} from './shapes.ts'

export const FINGERPRINT_SOURCES = [
  'smbios_uuid',
  'platform_uuid',
  'serial_number',
  'machine_id',
  'mac_fallback',
] as const
export type FingerprintSource = (typeof FINGERPRINT_SOURCES)[number]

export const FINGERPRINT_CONFIDENCES = ['high', 'medium', 'low'] as const
export type FingerprintConfidence = (typeof FINGERPRINT_CONFIDENCES)[number]

/** How far a fingerprint of that origin names one machine and no other (telemetry 7.2). */
export const confidenceOf: Record<FingerprintSource, FingerprintConfidence> = {
  smbios_uuid: 'high',
  platform_uuid: 'high',
  serial_number: 'high',
  machine_id: 'medium',
  mac_fallback: 'low',
}

/** The message of the HMAC whose key is the machine's identifier, trimmed and in lower case (telemetry 7.1). */
export const fingerprintMessage = 'oneprotect-agent/hardware-fingerprint/v1'

/** 16 to 64 random bytes in base64url, fresh for every attempt (telemetry 6). */
export const nonceForm = /^[A-Za-z0-9_-]{22,86}$/
export const csrPemBytes = 16 * 1024
export const exchangeBodyBytes = 64 * 1024

/** Unknown keys pass; those that name an identity are ignored and put on record (telemetry 4.1). */
export const ExchangeRequest = z.looseObject({
  enrollment_token: z.string().max(1024),
  csr_pem: z.string(),
  nonce: z.string(),
  agent_class: z.string().max(64).optional(),
  /** `sha256:` and 64 hexadecimal digits. */
  hardware_fingerprint: z.string().optional(),
  fingerprint_source: z.string().optional(),
  hostname: Hostname,
  os_family: OsFamily,
  os_version: OsVersion.optional(),
  architecture: Architecture.optional(),
  agent_version: AgentVersion,
  capabilities: Capabilities.optional(),
})

export const IssuedCertificate = z.strictObject({
  certificate_pem: z.string(),
  /** The issuing authority, and what is above it; may be empty. */
  certificate_chain_pem: z.string(),
  certificate_serial_number: z.string(),
  certificate_fingerprint_sha256: z.string(),
  certificate_expires_at: Instant,
})

export const EnrolledReply = z.strictObject({
  status: z.literal('enrolled'),
  agent_id: TelemetryId,
  tenant_id: z.string(),
  site_id: TelemetryId,
  collector_id: TelemetryId,
  asset_id: TelemetryId,
  service_account_token: z.string(),
  service_account_token_expires_at: Instant,
  ...IssuedCertificate.shape,
  heartbeat_interval_seconds: z.int(),
  server_time: Instant,
})

/** Somebody has to say yes first: no credential yet, ask again with the same key (telemetry 4.3). */
export const PendingReply = z.strictObject({
  status: z.literal('pending'),
  agent_id: TelemetryId,
  poll_after_seconds: z.int(),
})

export const exchange = declare({
  method: 'POST',
  path: `${telemetryPrefix}/agent-enrollment/exchange`,
  summary: 'Trade an enrolment token, a certificate request and a nonce for an agent identity and its credentials.',
  dialect: 'telemetry',
  speaker: 'enrollee',
  query: NoQuery,
  body: ExchangeRequest,
  reply: z.union([EnrolledReply, PendingReply]),
  status: 201,
  /** 200 for a repeat within the grace, 202 while somebody has to approve. */
  otherStatuses: [200, 202],
  refusals: [
    'enrollment_refused',
    'agent_class_not_allowed',
    'nonce_replayed',
    'nonce_invalid',
    'csr_invalid',
    'fingerprint_invalid',
    'rate_limited',
    'authority_unavailable',
  ],
  limits: { bodyBytes: exchangeBodyBytes },
})

export const rotateCertificate = declare({
  method: 'POST',
  path: `${telemetryPrefix}/agents/{agent_id}/certificate/rotate`,
  summary: 'Trade a new certificate request for the next certificate; the present one counts for another day.',
  dialect: 'telemetry',
  speaker: 'agent',
  params: ByAgent,
  query: NoQuery,
  body: z.looseObject({ csr_pem: z.string(), nonce: z.string() }),
  reply: z.strictObject({ agent_id: TelemetryId, ...IssuedCertificate.shape, server_time: Instant }),
  refusals: [
    'identity_override_rejected',
    'nonce_replayed',
    'nonce_invalid',
    'csr_invalid',
    'key_taken',
    'identity_revoked',
    'authority_unavailable',
  ],
})
