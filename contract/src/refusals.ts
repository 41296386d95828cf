// Every way a request can be declined that its sender can act on: one code, one status, one sentence.
// Rules return codes; listeners turn codes into responses; nothing else knows a status. Each code has a runbook page.

export interface RefusalRule {
  readonly status: number
  /** What the sender reads; a refusal's own detail may follow it. */
  readonly sentence: string
}

export const REFUSALS = {
  request_malformed: { status: 400, sentence: 'The request is not what this route expects.' },
  public_key_unacceptable: { status: 400, sentence: 'The public key must be an EC P-256 key in PEM or DER form.' },
  credential_missing: { status: 401, sentence: 'This route needs a credential and none was sent.' },
  credential_invalid: { status: 401, sentence: 'The credential is unknown, expired or revoked.' },
  enrollment_refused: { status: 401, sentence: 'The enrolment token cannot be used.' },
  expired_credential: { status: 401, sentence: 'The service-account token has expired.' },
  unknown_agent: { status: 401, sentence: 'There is no such agent in the tenant of this credential.' },
  certificate_missing: { status: 401, sentence: 'This route needs a client certificate and none was presented.' },
  certificate_untrusted: { status: 401, sentence: 'The client certificate is not one this server accepts.' },
  certificate_expired: {
    status: 401,
    sentence: 'The client certificate has expired and cannot be renewed; enroll again.',
  },
  key_proof_invalid: { status: 403, sentence: 'The new key is not proven to be held by this device.' },
  role_insufficient: {
    status: 403,
    sentence: 'The role, the scopes or the groups of this credential do not allow that.',
  },
  request_forged: { status: 403, sentence: 'A browser sent this without the token of the page it signed in on.' },
  address_not_allowed: { status: 403, sentence: 'This credential may not be used from this address.' },
  device_credential_refused: { status: 403, sentence: 'A device certificate does not open operator routes.' },
  device_not_active: { status: 403, sentence: 'The device was revoked, retired or merged.' },
  identity_mismatch: { status: 403, sentence: 'The ids in the body are not those of the authenticated device.' },
  agent_class_not_allowed: { status: 403, sentence: 'The enrolment token lets in no agents of this class.' },
  not_service_account: { status: 403, sentence: 'Only a service account of an agent may say this.' },
  scope_missing: { status: 403, sentence: 'The scope of this credential does not cover that.' },
  actor_mismatch: { status: 403, sentence: 'The credential belongs to another agent.' },
  collector_mismatch: { status: 403, sentence: 'The credential names another collector than the agent has.' },
  asset_mismatch: { status: 403, sentence: 'The credential names another asset than the agent has.' },
  identity_pending: { status: 403, sentence: 'The agent waits for an approval.' },
  identity_stale: { status: 403, sentence: 'The agent was silent for too long and must be reactivated.' },
  identity_revoked: { status: 403, sentence: 'The agent was revoked.' },
  identity_override_rejected: { status: 403, sentence: 'The body names another identity than the credential.' },
  certificate_required: { status: 403, sentence: 'Agents of this tenant need a client certificate.' },
  certificate_mismatch: { status: 403, sentence: 'The client certificate is not one of this agent.' },
  role_above_own: { status: 403, sentence: 'A token cannot be given more than its maker has.' },
  not_found: { status: 404, sentence: 'There is nothing by that name.' },
  method_not_allowed: { status: 405, sentence: 'This path does not answer that method.' },
  name_taken: { status: 409, sentence: 'Something else already has that name.' },
  key_taken: { status: 409, sentence: 'Another device has that key.' },
  priority_taken: { status: 409, sentence: 'Another assignment already has that priority.' },
  state_conflict: { status: 409, sentence: 'The object is in a state that does not allow that.' },
  idempotency_conflict: { status: 409, sentence: 'The same idempotency key was used with another request.' },
  reply_lost: { status: 409, sentence: 'The request was carried out before, and its reply was lost.' },
  nonce_replayed: { status: 409, sentence: 'The nonce was used before; every attempt needs a fresh one.' },
  heartbeat_conflict: { status: 409, sentence: 'A heartbeat with this id and another content was accepted before.' },
  version_stale: { status: 412, sentence: 'The object changed since it was read.' },
  body_too_large: { status: 413, sentence: 'The body is larger than this route accepts.' },
  encoding_unsupported: { status: 415, sentence: 'The body must be sent as it is, without a content encoding.' },
  media_type_unsupported: { status: 415, sentence: 'The body must be sent as application/json.' },
  request_invalid: { status: 422, sentence: 'The body is JSON, but not of the form this route expects.' },
  nonce_invalid: { status: 422, sentence: 'The nonce must be 22 to 86 base64url characters.' },
  csr_invalid: { status: 422, sentence: 'The certificate request cannot be used.' },
  fingerprint_invalid: { status: 422, sentence: 'The hardware fingerprint or its source has the wrong form.' },
  heartbeat_invalid: { status: 422, sentence: 'The heartbeat lacks facts or holds some of the wrong form.' },
  schema_version_unsupported: { status: 422, sentence: 'This schema version is not served.' },
  policy_invalid: { status: 422, sentence: 'The policy has errors.' },
  version_missing: { status: 428, sentence: 'Say which version is being changed with If-Match.' },
  rate_limited: { status: 429, sentence: 'Too many requests; wait before the next.' },
  internal_error: { status: 500, sentence: 'The server failed; the request id finds the cause in its log.' },
  authority_unavailable: { status: 503, sentence: 'The certificate authority cannot sign now; nothing was stored.' },
  store_busy: { status: 503, sentence: 'The database cannot take writes now; nothing was stored.' },
  shutting_down: { status: 503, sentence: 'The server is stopping; try again in a moment.' },
} as const satisfies Record<string, RefusalRule>

export type RefusalCode = keyof typeof REFUSALS

export const isRefusalCode = (text: string): text is RefusalCode => Object.hasOwn(REFUSALS, text)
