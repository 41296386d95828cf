// The tables of identity as Kysely sees them; only this room writes them.
// Their definitions in SQL are in migrations/.
import type { AgentSettings, AgentState, DeviceStatus, FingerprintConfidence, Role } from '@muster/contract'
import type { Generated } from 'kysely'

export interface IdentityTables {
  identity_authority: AuthorityTable
  identity_device: DeviceTable
  identity_device_tag: DeviceTagTable
  identity_certificate: CertificateTable
  identity_contact: ContactTable
  identity_host_text: HostTextTable
  identity_group: GroupTable
  identity_group_member: GroupMemberTable
  identity_enrollment_token: EnrollmentTokenTable
  identity_enrollment_use: EnrollmentUseTable
  identity_operator_token: OperatorTokenTable
  identity_operator_address: OperatorAddressTable
  identity_session: SessionTable
  identity_saved_view: SavedViewTable
  identity_change: ChangeTable
  identity_tenant_setting: TenantSettingTable
  identity_agent: AgentTable
  identity_nonce: NonceTable
  identity_token_key: TokenKeyTable
  identity_outage: OutageTable
  identity_alive: AliveTable
}

export const AUTHORITY_STATES = ['current', 'trusted', 'retired'] as const
export type AuthorityState = (typeof AUTHORITY_STATES)[number]

/** The fleet's certificate authorities belong to the installation, not to a tenant. */
interface AuthorityTable {
  authority_no: Generated<number>
  authority_id: string
  state: AuthorityState
  certificate_pem: string
  expires_ms: number
  retired_ms: number | null
}

/** Nothing was told; changes of some surface before its first scan; every surface that was told of from its first scan on. */
export const SCANNED = ['not', 'partly', 'wholly'] as const
export type Scanned = (typeof SCANNED)[number]

interface DeviceTable {
  device_no: Generated<number>
  device_id: string
  tenant_id: string
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex; unique within the tenant. */
  key_fingerprint: string
  agent_id: string | null
  pc_id: string | null
  status: DeviceStatus
  status_reason: string | null
  merged_into_no: number | null
  hostname: string
  os_version: string
  hardware_model: string
  sensor_version: string
  /** Digest of host name and hardware model: devices that share it may be one machine. */
  host_key: string
  /** The start of the host name in lower case, the order of lists. */
  sort_name: string
  /** Host name and display name in lower case, what the name filter looks into. */
  search_name: string
  display_name: string | null
  owner: string | null
  notes: string | null
  /** JSON list of planes. */
  planes: string
  /** Counts what operators changed, for If-Match; a check-in does not touch it. */
  version: number
  enrolled_ms: number
  enrollment_token_id: string | null
  changed_ms: number
  /** When its life ended, until it is active again; a revocation on top of it does not change that. */
  retired_ms: number | null
  /** When its data was to be deleted, and when it was; until it is active again. */
  data_deletion_ms: number | null
  data_deleted_ms: number | null
  /** When its silence was noticed; meant only while it was not heard since. */
  gone_dark_ms: number | null
  scanned: Generated<Scanned>
}

interface DeviceTagTable {
  device_no: number
  tenant_id: string
  tag: string
}

interface CertificateTable {
  certificate_no: Generated<number>
  device_no: number
  tenant_id: string
  authority_id: string
  serial: string
  /** SHA-256 of the certificate, lower-case hex. */
  fingerprint: string
  issued_ms: number
  expires_ms: number
  revoked_ms: number | null
  revoked_by: 'device' | 'successor' | null
}

interface ContactTable {
  device_no: number
  tenant_id: string
  last_contact_ms: number
  /** Days in contact as bits: the lowest is the day of the last contact, UTC. */
  heard_days: Generated<number>
}

interface HostTextTable {
  device_no: number
  tenant_id: string
  seen_ms: number
  hostname: string
  os_version: string
  hardware_model: string
  sensor_version: string
}

interface GroupTable {
  group_no: Generated<number>
  group_id: string
  tenant_id: string
  name: string
  description: string
  tag: string | null
  created_ms: number
  version: number
}

interface GroupMemberTable {
  group_no: number
  device_no: number
  tenant_id: string
}

interface EnrollmentTokenTable {
  token_no: Generated<number>
  token_id: string
  tenant_id: string
  /** SHA-256 of the raw value, lower-case hex. */
  digest: string
  label: string
  max_uses: number
  use_count: number
  expires_ms: number
  /** JSON lists. */
  planes: string
  group_nos: string
  tags: string
  allow_reenroll: number
  created_by: string
  created_ms: number
  revoked_by: string | null
  revoked_ms: number | null
  last_used_ms: number | null
  failure_count: number
  last_failure: string | null
  site_id: Generated<string>
  /** JSON list of the classes of agents it lets in. */
  agent_classes: Generated<string>
}

/** One row per key a token let in: what a repeated enrolment is recognised by. */
interface EnrollmentUseTable {
  token_no: number
  key_fingerprint: string
  tenant_id: string
  device_no: number
  used_ms: number
}

interface OperatorTokenTable {
  token_no: Generated<number>
  token_id: string
  tenant_id: string
  name: string
  role: Role
  digest: string
  created_by: string
  created_by_name: string
  created_ms: number
  expires_ms: number
  last_used_ms: number | null
  revoked_ms: number | null
  /** JSON lists; null when the token is not limited so. */
  scopes: string | null
  networks: string | null
  group_nos: string | null
}

/** Operators are those of tokens, or whoever a signed or static token names. */
interface OperatorAddressTable {
  tenant_id: string
  operator_id: string
  /** What of it says where somebody is. */
  address: string
  first_used_ms: number
}

/** Browsers that signed in; the raw value is in their cookie only. */
interface SessionTable {
  session_no: Generated<number>
  session_id: string
  tenant_id: string
  digest: string
  /** The operator token it was opened with; null for credentials that are not in the database. */
  token_no: number | null
  /** Otherwise who it is, as JSON, and by which secret of the server that was believed, as a digest. */
  operator: string | null
  believed_by: string | null
  created_ms: number
  last_used_ms: number
  expires_ms: number
}

/** Addresses of pages of the dashboard, under names that are unique for an operator and a page. */
interface SavedViewTable {
  view_no: Generated<number>
  view_id: string
  tenant_id: string
  operator_id: string
  page: string
  name: string
  query: string
  saved_ms: number
}

/** What another process has to look at again; numbered in the order of commits. */
interface ChangeTable {
  change_no: Generated<number>
  kind: ChangeKind
  subject_no: number
  at_ms: number
}

/** Seconds of silence below which a device is that lively. */
interface TenantSettingTable {
  tenant_id: string
  online_s: number
  idle_s: number
  offline_s: number
  version: number
  approval_required: Generated<number>
  stale_after_days: Generated<number>
  agent_auth_mode: Generated<AgentSettings['authMode']>
  heartbeat_strictness: Generated<AgentSettings['heartbeatStrictness']>
}

/** The telemetry identity of a machine; the machine itself is a device, from the moment it was let in. */
interface AgentTable {
  agent_no: Generated<number>
  agent_id: string
  tenant_id: string
  site_id: string
  collector_id: string
  asset_id: string
  /** Null while nobody let it in. */
  device_no: number | null
  key_fingerprint: string
  agent_class: string
  state: AgentState
  state_reason: string | null
  hostname: string
  os_family: string
  os_version: string
  architecture: string | null
  agent_version: string
  /** JSON list. */
  capabilities: string
  /** Digest of what the agent sent as its hardware fingerprint; leaves the database to nobody. */
  fingerprint_digest: string | null
  fingerprint_confidence: FingerprintConfidence | null
  possible_clone: number
  token_epoch: number
  /** When the newest service-account token ends. */
  token_expires_ms: number | null
  enrollment_token_id: string
  /** The last exchange that was no repeat. */
  enrolled_ms: number
  last_seen_ms: number | null
  clock_skew_s: number | null
}

interface NonceTable {
  tenant_id: string
  digest: string
  kept_until_ms: number
}

/** Public halves of the keys that sign service-account tokens; the private ones are files. */
interface TokenKeyTable {
  key_no: Generated<number>
  key_id: string
  public_key: string
  /** What its tokens name as their issuer: the address of the platform when it was made. */
  issuer: string
  created_ms: number
}

/** From when to when nobody could have been heard. */
interface OutageTable {
  outage_no: Generated<number>
  from_ms: number
  through_ms: number
}

interface AliveTable {
  alive_no: number
  at_ms: number
}

/** Settings of tenants are few; word of a change makes them all be read again. */
export const CHANGE_KINDS = ['agent', 'authority', 'device', 'group', 'operator_token', 'setting', 'token_key'] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]
