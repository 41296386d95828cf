// Who may make and see which operator token, and which signed claims make an operator, as tables.
// Credentials on the way in are tested in operators.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Capability, credentialMay, type Role } from '@muster/contract'
import type { KnownOperator } from '../speakers.ts'
import { decideClaims, decideNewToken, mayHandle, type NewToken, operatorTokenStatus } from './decide.ts'

const operator = (role: Role, operatorId = 'opt_1'): KnownOperator => ({
  operatorId,
  tokenId: operatorId,
  name: 'ada',
  role,
  scopes: null,
  tenantId: 't',
  groupNos: null,
  expiresMs: null,
})
const token = (given: { createdBy?: string; tokenId?: string; tenantId?: string } = {}) => ({
  tokenId: 'opt_9',
  tenantId: 't',
  createdBy: 'opt_8',
  expiresMs: 10,
  revokedMs: null,
  ...given,
})

const handled: [string, KnownOperator, ReturnType<typeof token>, boolean][] = [
  ['an owner any token of the tenant', operator('owner'), token(), true],
  ['an owner no token of another tenant', operator('owner'), token({ tenantId: 'u' }), false],
  ['an owner of a group what others made', { ...operator('owner'), groupNos: [1] }, token(), false],
  ['an owner of a group what they made', { ...operator('owner'), groupNos: [1] }, token({ createdBy: 'opt_1' }), true],
  ['an admin what they made', operator('admin'), token({ createdBy: 'opt_1' }), true],
  ['an admin the token they speak with', operator('admin'), token({ tokenId: 'opt_1' }), true],
  ['an admin nothing of others', operator('admin'), token(), false],
]
for (const [name, who, what, want] of handled)
  test(`handles ${name}: ${want}`, () => assert.equal(mayHandle(who, what), want))

const scoped = (...scopes: Capability[]) => ({ role: 'admin' as Role, scopes, groupNos: null })
const whole = (role: Role) => ({ role, scopes: null, groupNos: null })
const grouped = (role: Role, ...groupNos: number[]) => ({ role, scopes: null, groupNos })
const wish = (role: Role, more: Partial<NewToken> = {}): NewToken => ({
  role,
  scopes: undefined,
  groupNos: undefined,
  staysWithinNetworks: true,
  ...more,
})
const made: [string, Parameters<typeof decideNewToken>[0], NewToken, boolean, string][] = [
  ['an owner makes an owner', whole('owner'), wish('owner'), false, 'ok'],
  ['an admin makes an admin', whole('admin'), wish('admin'), false, 'ok'],
  ['an admin makes a viewer', whole('admin'), wish('viewer'), false, 'ok'],
  ['an admin makes an owner', whole('admin'), wish('owner'), false, 'role_above_own'],
  ['an admin makes a viewer under a taken name', whole('admin'), wish('viewer'), true, 'name_taken'],
  ['without scopes, any scope', whole('admin'), wish('admin', { scopes: ['devices:write'] }), false, 'ok'],
  [
    'one of its own scopes',
    scoped('operator-tokens:own', 'fleet:read'),
    wish('viewer', { scopes: ['fleet:read'] }),
    false,
    'ok',
  ],
  [
    'a scope it lacks',
    scoped('operator-tokens:own'),
    wish('viewer', { scopes: ['fleet:read'] }),
    false,
    'role_above_own',
  ],
  ['no scopes where its own are few', scoped('operator-tokens:own'), wish('viewer'), false, 'role_above_own'],
  [
    'an owner of groups makes a token for some of them',
    grouped('owner', 1, 2),
    wish('owner', { groupNos: [2] }),
    false,
    'ok',
  ],
  [
    'an owner of groups makes one for others',
    grouped('owner', 1, 2),
    wish('viewer', { groupNos: [2, 3] }),
    false,
    'role_above_own',
  ],
  ['an owner of groups makes one for all', grouped('owner', 1, 2), wish('viewer'), false, 'role_above_own'],
  ['from elsewhere', whole('owner'), wish('viewer', { staysWithinNetworks: false }), false, 'role_above_own'],
]
for (const [name, maker, wanted, taken, want] of made)
  test(`${name}: ${want}`, () => {
    const decided = decideNewToken(maker, wanted, taken)
    assert.equal(decided.ok ? 'ok' : decided.refusal.code, want)
  })

const allowed: [Role, readonly Capability[] | null, Capability, boolean][] = [
  ['admin', null, 'devices:write', true],
  ['admin', ['devices:write'], 'devices:write', true],
  ['admin', ['fleet:read'], 'devices:write', false],
  ['viewer', ['devices:write'], 'devices:write', false],
  ['viewer', ['fleet:read'], 'self:read', true],
]
for (const [role, scopes, capability, want] of allowed)
  test(`${role} ${scopes === null ? 'without scopes' : `with ${scopes.join()}`} ${want ? 'may' : 'may not'} ${capability}`, () =>
    assert.equal(credentialMay({ role, scopes, groupNos: null }, capability), want))

const decidedForAll: readonly Capability[] = ['groups:write', 'policies:publish', 'audit:read', 'settings:write']
test('a credential for some groups reads and changes devices, and decides nothing for the whole tenant', () => {
  const limits = { role: 'owner' as const, scopes: null, groupNos: [1] }
  for (const capability of decidedForAll) assert.equal(credentialMay(limits, capability), false, capability)
  for (const capability of ['fleet:read', 'devices:write', 'inventory:search'] as const)
    assert.equal(credentialMay(limits, capability), true, capability)
})

test('a token is revoked before it is expired, and expires at its end', () => {
  assert.equal(operatorTokenStatus({ expiresMs: 10, revokedMs: 5 }, 20), 'revoked')
  assert.equal(operatorTokenStatus({ expiresMs: 10, revokedMs: null }, 10), 'expired')
  assert.equal(operatorTokenStatus({ expiresMs: 10, revokedMs: null }, 9), 'active')
})

const claims: [string, Record<string, unknown>, string | undefined][] = [
  ['a subject and a role', { sub: 'ada', roles: ['analyst'] }, 'ada analyst default'],
  ['several roles, the highest counts', { sub: 'ada', roles: ['viewer', 'admin', 'analyst'] }, 'ada admin default'],
  ['roles of others beside one of ours', { sub: 'ada', roles: ['root', 'viewer'] }, 'ada viewer default'],
  ['a tenant', { sub: 'ada', roles: ['owner'], tenant: 'acme' }, 'ada owner acme'],
  ['no role of ours', { sub: 'ada', roles: ['root'] }, undefined],
  ['no roles', { sub: 'ada' }, undefined],
  ['roles that are no list', { sub: 'ada', roles: 'owner' }, undefined],
  ['no subject', { roles: ['owner'] }, undefined],
  ['a tenant that is no text', { sub: 'ada', roles: ['owner'], tenant: 7 }, undefined],
]
for (const [name, said, want] of claims)
  test(`claims with ${name}`, () => {
    const known = decideClaims(said)
    assert.equal(known && `${known.operatorId} ${known.role} ${known.tenantId}`, want)
  })
