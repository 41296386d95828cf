// Service-account tokens: signed for an agent, and read back from what a caller presents (telemetry 8).
// Whether what one says still holds is the telemetry plane's binding.
import { hash, randomBytes } from 'node:crypto'
import type { Clock } from '@muster/kernel'
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { KnownAgent } from '../agents/known.ts'
import { heartbeatScope, leewaySeconds, tokenAudience, tokenLifeMs } from './decide.ts'
import type { TokenKeys } from './keys.ts'

/** What a token says whose signature and times are right; nothing of it has been compared with anything. */
export interface ServiceClaims {
  readonly sub: string
  readonly tenantId: string
  readonly collectorId: string
  readonly assetId: string
  readonly scope: string
  readonly epoch: number
  readonly expiresMs: number
}

export type ReadToken = ServiceClaims | 'credential_invalid' | 'expired_credential' | 'not_service_account'

export interface IssuedToken {
  readonly token: string
  readonly expiresMs: number
}

export interface ServiceTokens {
  /** Throws `AuthorityUnavailable` when no key to sign with is here. */
  issue(
    agent: Pick<KnownAgent, 'agentId' | 'tenantId' | 'collectorId' | 'assetId' | 'capabilities' | 'tokenEpoch'>,
  ): Promise<IssuedToken>
  /** What a token says that was read lately; undefined for any other text, whatever it is. */
  recall(token: string): ServiceClaims | 'expired_credential' | undefined
  /** Throws when the keys cannot be looked up: that is no verdict. */
  read(token: string): ReadToken | Promise<ReadToken>
}

export interface ServiceTokensNeeds {
  readonly keys: TokenKeys
  readonly clock: Clock
}

/** A signature costs fifty times what a digest does, and the same token comes every minute for a month. */
const rememberedTokens = 200_000

const digestOf = (token: string): string => hash('sha256', token, 'base64')

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const claimsOf = (payload: JWTPayload): ServiceClaims => ({
  sub: textOf(payload.sub),
  tenantId: textOf(payload['tenant_id']),
  collectorId: textOf(payload['collector_id']),
  assetId: textOf(payload['asset_id']),
  scope: textOf(payload['scope']),
  epoch: Number(payload['epoch']),
  expiresMs: (payload.exp ?? 0) * 1000,
})

/** Empty for what is no token of this form at all. */
const keyIdOf = (token: string): string => {
  try {
    return decodeProtectedHeader(token).kid ?? ''
  } catch {
    return ''
  }
}

export const createServiceTokens = ({ keys, clock }: ServiceTokensNeeds): ServiceTokens => {
  const remembered = new Map<string, ServiceClaims>()

  const remember = (digest: string, claims: ServiceClaims): void => {
    const oldest = remembered.keys().next()
    if (remembered.size >= rememberedTokens && !oldest.done) remembered.delete(oldest.value)
    remembered.set(digest, claims)
  }
  /** A key another process made a moment ago is worth one look; its absence then is a verdict, a fault is none. */
  const keyFor = async (keyId: string) => {
    const known = keys.verifying(keyId)
    if (known !== undefined || keyId === '') return known
    await keys.refresh()
    return keys.verifying(keyId)
  }
  const verified = async (token: string): Promise<ReadToken> => {
    // Found first and apart: that keys cannot be looked up must not look like a bad signature.
    const known = await keyFor(keyIdOf(token))
    if (known === undefined) return 'credential_invalid'
    try {
      const { payload } = await jwtVerify(token, known.key, {
        algorithms: ['EdDSA'],
        typ: 'at+jwt',
        issuer: known.issuer,
        audience: tokenAudience,
        requiredClaims: ['sub', 'exp', 'nbf', 'jti'],
        clockTolerance: leewaySeconds,
        currentDate: new Date(clock.nowMs()),
      })
      return payload['token_use'] === 'service_account' ? claimsOf(payload) : 'not_service_account'
    } catch (error) {
      if (error instanceof errors.JWTExpired) return 'expired_credential'
      if (error instanceof errors.JOSEError) return 'credential_invalid'
      throw error
    }
  }
  const recall = (digest: string): ServiceClaims | 'expired_credential' | undefined => {
    const known = remembered.get(digest)
    if (known === undefined) return undefined
    return known.expiresMs + leewaySeconds * 1000 > clock.nowMs() ? known : 'expired_credential'
  }
  const readAnew = async (digest: string, token: string): Promise<ReadToken> => {
    const read = await verified(token)
    if (typeof read === 'object') remember(digest, read)
    return read
  }
  return {
    async issue(agent) {
      const { id, key, issuer } = keys.signing()
      const issuedSeconds = Math.floor(clock.nowMs() / 1000)
      const expiresSeconds = issuedSeconds + tokenLifeMs(agent) / 1000
      const claims = {
        token_use: 'service_account',
        scope: heartbeatScope,
        tenant_id: agent.tenantId,
        collector_id: agent.collectorId,
        asset_id: agent.assetId,
        epoch: agent.tokenEpoch,
      }
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'EdDSA', kid: id, typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience(tokenAudience)
        .setSubject(agent.agentId)
        .setJti(randomBytes(16).toString('base64url'))
        .setIssuedAt(issuedSeconds)
        .setNotBefore(issuedSeconds - 60)
        .setExpirationTime(expiresSeconds)
        .sign(key)
      return { token, expiresMs: expiresSeconds * 1000 }
    },
    recall: (token) => recall(digestOf(token)),
    read(token) {
      const digest = digestOf(token)
      return recall(digest) ?? readAnew(digest, token)
    },
  }
}
