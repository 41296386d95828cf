// Whether a credential may speak for an agent: checks 2 to 11 of telemetry 11, in their order; the first that fails answers.
// Reading credentials and finding rows are others' work; what a heartbeat says is decided in heartbeat/.
import type { AgentAuthMode, AgentState } from '@muster/contract'
import type { ServiceClaims } from '@muster/identity'
import { ok, type Result, refuse } from '@muster/kernel'

export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly code: 'credential_invalid' | 'expired_credential' }
  /** Somebody we know, but no service account. */
  | { readonly kind: 'person' }
  | { readonly kind: 'service'; readonly claims: ServiceClaims }

/** The identity row, as far as binding asks for it. */
export interface BindingRow {
  readonly agentId: string
  readonly tenantId: string
  readonly collectorId: string
  readonly assetId: string
  readonly tokenEpoch: number
  readonly state: AgentState
}

export interface BindingFacts<Row extends BindingRow> {
  readonly mode: AgentAuthMode
  readonly credential: Credential
  /** The row of the agent in the path, in whatever tenant; undefined when there is none. */
  readonly row: Row | undefined
  /** The agent whose unrevoked certificate of ours was shown; `null` none was shown, `foreign` it is of nobody. */
  readonly certificate: { readonly agentId: string; readonly tenantId: string } | 'foreign' | null
}

export type BindingRefusal =
  | 'credential_missing'
  | 'credential_invalid'
  | 'expired_credential'
  | 'not_service_account'
  | 'scope_missing'
  | 'unknown_agent'
  | 'actor_mismatch'
  | 'collector_mismatch'
  | 'asset_mismatch'
  | 'identity_revoked'
  | 'identity_stale'
  | 'identity_pending'
  | 'certificate_mismatch'
  | 'certificate_required'

const stateRefusals = {
  revoked: 'identity_revoked',
  stale: 'identity_stale',
  pending: 'identity_pending',
} as const satisfies Partial<Record<AgentState, BindingRefusal>>

const checkState = <Row extends BindingRow>(row: Row, state = row.state): Result<Row, BindingRefusal> =>
  state === 'enrolled' || state === 'active' ? ok(row) : refuse(stateRefusals[state])

const scope = 'agent_heartbeat'
const grantsScope = ({ scope: granted }: ServiceClaims): boolean =>
  granted === scope || granted.split(' ').includes(scope)

const claimsOf = (credential: Credential): Result<ServiceClaims, BindingRefusal> => {
  if (credential.kind === 'none') return refuse('credential_missing')
  if (credential.kind === 'unreadable') return refuse(credential.code)
  if (credential.kind === 'person') return refuse('not_service_account')
  return grantsScope(credential.claims) ? ok(credential.claims) : refuse('scope_missing')
}

const bindClaims = <Row extends BindingRow>(
  claims: ServiceClaims,
  row: Row | undefined,
): Result<Row, BindingRefusal> => {
  // Somebody else's tenant looks like nothing at all.
  if (row === undefined || row.tenantId !== claims.tenantId) return refuse('unknown_agent')
  if (claims.sub !== row.agentId && claims.sub !== row.collectorId) return refuse('actor_mismatch')
  if (claims.collectorId !== row.collectorId) return refuse('collector_mismatch')
  if (claims.assetId !== row.assetId) return refuse('asset_mismatch')
  // Looked up once, because a row may have to ask its device.
  const { state } = row
  // Revoking ends every token, too; that it was revoked is what the agent has to hear (telemetry 9).
  if (state !== 'revoked' && claims.epoch !== row.tokenEpoch) return refuse('credential_invalid')
  return checkState(row, state)
}

/** The certificate alone says who speaks (telemetry 5.2). */
const bindCertificate = <Row extends BindingRow>(facts: BindingFacts<Row>): Result<Row, BindingRefusal> => {
  const { certificate, row } = facts
  if (certificate === null) return refuse('certificate_required')
  if (certificate === 'foreign') return refuse('certificate_mismatch')
  if (row === undefined || row.tenantId !== certificate.tenantId) return refuse('unknown_agent')
  const known = checkState(row)
  return known.ok && certificate.agentId !== row.agentId ? refuse('certificate_mismatch') : known
}

/** The row that is spoken for, or why not. */
export const decideBinding = <Row extends BindingRow>(facts: BindingFacts<Row>): Result<Row, BindingRefusal> => {
  if (facts.mode === 'mtls') return bindCertificate(facts)
  const claims = claimsOf(facts.credential)
  if (!claims.ok) return claims
  const bound = bindClaims(claims.value, facts.row)
  if (!bound.ok || facts.mode === 'bearer' || facts.certificate === null) return bound
  const { certificate } = facts
  return certificate !== 'foreign' && certificate.agentId === bound.value.agentId
    ? bound
    : refuse('certificate_mismatch')
}
