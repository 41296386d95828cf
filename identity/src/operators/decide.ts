// Rules of operator tokens: how long they live, who may make, see and end which, and what a signed token must say.
// Keeping and finding them is store.ts and memory.ts.
import { type Capability, DEFAULT_TENANT_ID, mayGrant, ROLES, type Role } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'
import type { KnownOperator } from '../speakers.ts'

export const operatorTokenSeconds = 90 * 24 * 3600
/** The longest a token may live; the first owner's does, because nobody is there yet to replace it. */
export const firstOwnerSeconds = 365 * 24 * 3600

export interface OperatorTokenFacts {
  readonly tokenId: string
  readonly tenantId: string
  readonly createdBy: string
  readonly expiresMs: number
  readonly revokedMs: number | null
}

export const operatorTokenStatus = (
  token: Pick<OperatorTokenFacts, 'expiresMs' | 'revokedMs'>,
  nowMs: number,
): 'active' | 'revoked' | 'expired' => {
  if (token.revokedMs !== null) return 'revoked'
  return token.expiresMs <= nowMs ? 'expired' : 'active'
}

/** Whether every token of the tenant is theirs to handle. */
export const handlesAll = ({ role, groupNos }: Pick<KnownOperator, 'role' | 'groupNos'>): boolean =>
  role === 'owner' && groupNos === null

/** Owners of the whole tenant handle every token of it; others those they made, and the one they are speaking with. */
export const mayHandle = (operator: KnownOperator, token: OperatorTokenFacts): boolean =>
  token.tenantId === operator.tenantId &&
  (handlesAll(operator) || token.createdBy === operator.operatorId || token.tokenId === operator.tokenId)

export interface NewToken {
  readonly role: Role
  readonly scopes: readonly Capability[] | undefined
  /** The groups it is limited to; undefined for none. */
  readonly groupNos: readonly number[] | undefined
  /** Whether it opens nothing from where its maker's token opens nothing. */
  readonly staysWithinNetworks: boolean
}

/** A token does not do more than its maker could: not above their role, outside their scopes and groups or elsewhere. */
export const decideNewToken = (
  maker: Pick<KnownOperator, 'role' | 'scopes' | 'groupNos'>,
  { role, scopes, groupNos, staysWithinNetworks }: NewToken,
  isNameTaken: boolean,
): Result<Role, 'role_above_own' | 'name_taken'> => {
  if (!mayGrant(maker.role, role)) return refuse('role_above_own', `Its role can be ${maker.role} at most.`)
  const { scopes: own } = maker
  if (own !== null && !scopes?.every((scope) => own.includes(scope)))
    return refuse('role_above_own', `Its scopes can be ${own.join(', ')} at most.`)
  if (maker.groupNos !== null && !groupNos?.every((no) => maker.groupNos?.includes(no)))
    return refuse('role_above_own', 'Name groups out of those of the token it is made with.')
  if (!staysWithinNetworks) return refuse('role_above_own', 'Name networks within those of the token it is made with.')
  return isNameTaken ? refuse('name_taken') : ok(role)
}

const isRole = (said: unknown): said is Role => ROLES.includes(said as Role)

/** Claims of a JWT whose signature, audience and end were checked. Of several roles the highest counts; none is nobody. */
export const decideClaims = (claims: Readonly<Record<string, unknown>>): KnownOperator | undefined => {
  const { sub, name, roles, tenant, exp } = claims
  const said = Array.isArray(roles) ? roles.filter(isRole) : []
  const role = said.reduce<Role | undefined>((best, next) => (best && mayGrant(best, next) ? best : next), undefined)
  if (typeof sub !== 'string' || sub === '' || role === undefined) return undefined
  if (tenant !== undefined && typeof tenant !== 'string') return undefined
  return {
    operatorId: sub,
    tokenId: null,
    name: typeof name === 'string' && name !== '' ? name : sub,
    role,
    scopes: null,
    tenantId: tenant ?? DEFAULT_TENANT_ID,
    groupNos: null,
    expiresMs: typeof exp === 'number' ? exp * 1000 : null,
  }
}
