// Proof that each check of telemetry 11 answers with its own code, and that an earlier check answers before a later one.
// Reading credentials is proved where they are made.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServiceClaims } from '@muster/identity'
import { type BindingFacts, type BindingRow, decideBinding } from './decide.ts'

const row: BindingRow = {
  agentId: 'agt_1',
  tenantId: 'default',
  collectorId: 'col_1',
  assetId: 'ast_1',
  tokenEpoch: 3,
  state: 'active',
}
const claims: ServiceClaims = {
  sub: 'agt_1',
  tenantId: 'default',
  collectorId: 'col_1',
  assetId: 'ast_1',
  scope: 'agent_heartbeat',
  epoch: 3,
  expiresMs: 1,
}
type Facts = BindingFacts<BindingRow>

const claiming = (more: Partial<ServiceClaims>): Partial<Facts> => ({
  credential: { kind: 'service', claims: { ...claims, ...more } },
})
const standing = (state: BindingRow['state']): Partial<Facts> => ({ row: { ...row, state } })
const own = { agentId: 'agt_1', tenantId: 'default' }
const other = { agentId: 'agt_2', tenantId: 'default' }

const outcomeOf = (more: Partial<Facts>): string => {
  const facts: Facts = { mode: 'bearer', credential: { kind: 'service', claims }, row, certificate: null, ...more }
  const bound = decideBinding(facts)
  return bound.ok ? bound.value.agentId : bound.refusal.code
}

/** In the order of the checks. */
const failures: readonly (readonly [code: string, facts: Partial<Facts>])[] = [
  ['credential_missing', { credential: { kind: 'none' } }],
  ['credential_invalid', { credential: { kind: 'unreadable', code: 'credential_invalid' } }],
  ['expired_credential', { credential: { kind: 'unreadable', code: 'expired_credential' } }],
  ['not_service_account', { credential: { kind: 'person' } }],
  ['scope_missing', claiming({ scope: 'agent_read' })],
  ['unknown_agent', { row: undefined }],
  ['unknown_agent', claiming({ tenantId: 'other' })],
  ['actor_mismatch', claiming({ sub: 'agt_2' })],
  ['collector_mismatch', claiming({ collectorId: 'col_2' })],
  ['asset_mismatch', claiming({ assetId: 'ast_2' })],
  ['credential_invalid', claiming({ epoch: 2 })],
  ['identity_pending', standing('pending')],
  ['identity_stale', standing('stale')],
  ['identity_revoked', standing('revoked')],
]
for (const [code, facts] of failures) {
  test(`${JSON.stringify(facts)} is ${code}`, () => assert.equal(outcomeOf(facts), code))
}

test('an earlier check answers first', () => {
  const ofCredential = failures.slice(0, 5)
  for (const [code, facts] of ofCredential)
    for (const [, later] of failures) assert.equal(outcomeOf({ ...later, ...facts }), code)
  assert.equal(outcomeOf({ ...claiming({ tenantId: 'other', sub: 'agt_2' }), ...standing('revoked') }), 'unknown_agent')
  assert.equal(outcomeOf({ ...claiming({ sub: 'agt_2', epoch: 1 }), ...standing('stale') }), 'actor_mismatch')
  assert.equal(outcomeOf({ ...claiming({ epoch: 1 }), ...standing('stale') }), 'credential_invalid')
  assert.equal(outcomeOf({ ...claiming({ epoch: 1 }), ...standing('revoked') }), 'identity_revoked')
})

test('enrolled and active agents are heard, by the name of the agent or of its collector', () => {
  assert.equal(outcomeOf({}), 'agt_1')
  assert.equal(outcomeOf(standing('enrolled')), 'agt_1')
  assert.equal(outcomeOf(claiming({ sub: 'col_1', scope: 'other agent_heartbeat' })), 'agt_1')
})

const modes: readonly (readonly [mode: Facts['mode'], certificate: Facts['certificate'], outcome: string])[] = [
  ['bearer', null, 'agt_1'],
  ['bearer', other, 'agt_1'],
  ['bearer', 'foreign', 'agt_1'],
  ['both_when_present', null, 'agt_1'],
  ['both_when_present', own, 'agt_1'],
  ['both_when_present', other, 'certificate_mismatch'],
  ['both_when_present', 'foreign', 'certificate_mismatch'],
  ['mtls', null, 'certificate_required'],
  ['mtls', own, 'agt_1'],
  ['mtls', other, 'certificate_mismatch'],
  ['mtls', 'foreign', 'certificate_mismatch'],
  ['mtls', { agentId: 'agt_1', tenantId: 'other' }, 'unknown_agent'],
]
for (const [mode, certificate, outcome] of modes)
  test(`${mode} with ${JSON.stringify(certificate)}: ${outcome}`, () =>
    assert.equal(outcomeOf({ mode, certificate }), outcome))

test('a certificate does not help a state', () => {
  assert.equal(outcomeOf({ mode: 'mtls', certificate: own, ...standing('revoked') }), 'identity_revoked')
  assert.equal(outcomeOf({ mode: 'mtls', certificate: own, credential: { kind: 'none' } }), 'agt_1')
})
