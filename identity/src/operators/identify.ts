// From an Authorization header to an operator, in the order of ARCHITECTURE 3.
// What a role may do is asked per route by the API listener.
import { BEARER_PREFIX, DEFAULT_TENANT_ID } from '@muster/contract'
import { type Clock, equalInConstantTime, ok, type Result, refuse, type Secret, sha256Hex } from '@muster/kernel'
import { jwtVerify } from 'jose'
import type { KnownOperator } from '../speakers.ts'
import type { OperatorAuth } from './auth.ts'
import { decideClaims } from './decide.ts'
import type { TokenMemory } from './memory.ts'

export type IdentifyOperator = (
  authorization: string | undefined,
  ip: string,
) => Promise<Result<KnownOperator, 'credential_missing' | 'credential_invalid' | 'address_not_allowed'>>

export interface IdentifyNeeds {
  readonly auth: OperatorAuth
  readonly memory: TokenMemory
  readonly clock: Clock
  /** A good token came from an address it may not be used from. */
  readonly onElsewhere: (operator: KnownOperator, ip: string) => void
  /** Somebody is let in from this address. */
  readonly onUse: (operator: KnownOperator, ip: string) => Promise<void>
}

const bearer = /^Bearer +([\x21-\x7e]+) *$/i
const jwtAudience = 'muster'

const builtIn = (operatorId: string, name: string): KnownOperator => ({
  operatorId,
  tokenId: null,
  name,
  role: 'owner',
  scopes: null,
  tenantId: DEFAULT_TENANT_ID,
  groupNos: null,
  expiresMs: null,
})
const anybody = builtIn('anybody', 'anybody on this machine')
const staticToken = builtIn('static-token', 'static token')

/** Undefined for a token that does not verify, is not for us, has ended or names no role of ours. */
const readJwt = async (token: string, secret: Secret, nowMs: number): Promise<KnownOperator | undefined> => {
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret.reveal()), {
      algorithms: ['HS256'],
      audience: jwtAudience,
      currentDate: new Date(nowMs),
    })
    return decideClaims(payload)
  } catch {
    return undefined
  }
}

const createTokenLookup =
  ({ memory, clock, onElsewhere }: IdentifyNeeds) =>
  (token: string, ip: string): KnownOperator | 'elsewhere' | undefined => {
    const held = memory.find(sha256Hex(token))
    const nowMs = clock.nowMs()
    if (held === undefined || held.expiresMs <= nowMs) return undefined
    if (held.networks !== null && !held.networks.holds(ip)) {
      onElsewhere(held.operator, ip)
      return 'elsewhere'
    }
    memory.noteUse(held.tokenNo, nowMs)
    return held.operator
  }

/** Tokens of the database work beside a static token or a JWT; their prefix tells them apart. */
export const createIdentifyOperator = (needs: IdentifyNeeds): IdentifyOperator => {
  const { auth, clock, onUse } = needs
  const lookUp = createTokenLookup(needs)
  const identify = async (token: string, ip: string): Promise<KnownOperator | 'elsewhere' | undefined> => {
    if (auth.kind === 'static' && equalInConstantTime(token, auth.token.reveal())) return staticToken
    if (token.startsWith(`${BEARER_PREFIX.operator}_`)) return lookUp(token, ip)
    return auth.kind === 'jwt' ? readJwt(token, auth.secret, clock.nowMs()) : undefined
  }
  return async (authorization, ip) => {
    if (auth.kind === 'disabled') return ok(anybody)
    if (authorization === undefined || authorization === '') return refuse('credential_missing')
    const [, token] = bearer.exec(authorization) ?? []
    const operator = token === undefined ? undefined : await identify(token, ip)
    if (operator === 'elsewhere') return refuse('address_not_allowed')
    if (operator === undefined) return refuse('credential_invalid')
    await onUse(operator, ip)
    return ok(operator)
  }
}
