// Enrolment tokens as operators of the telemetry facade handle them (telemetry 3): the same tokens, told in its words.
// Making and revoking one is tokens.ts.
import {
  type AGENT_CLASSES,
  type AgentEnrollmentToken,
  type BodyOf,
  type createAgentEnrollmentToken,
  DEFAULT_SITE_ID,
  type listAgentEnrollmentTokens,
  type Plane,
  parseInstantMs,
  type QueryOf,
  type ReplyOf,
} from '@muster/contract'
import { type Clock, cutPage, ok, type Result, readPage, refuse, toIso } from '@muster/kernel'
import type { Kysely } from 'kysely'
import type { Bounds } from '../bounds.ts'
import type { By } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import { isoOrNull } from '../times.ts'
import { lifeBounds, tokenStatus } from './decide.ts'
import { listTokens, loadToken, type TokenRow } from './store.ts'
import type { EnrollmentTokens } from './tokens.ts'

type AgentClass = (typeof AGENT_CLASSES)[number]
type CreateBody = BodyOf<typeof createAgentEnrollmentToken>

export interface AgentTokens {
  create(
    by: By,
    bounds: Bounds,
    body: CreateBody,
  ): Promise<Result<ReplyOf<typeof createAgentEnrollmentToken>, 'request_invalid'>>
  list(
    bounds: Bounds,
    query: QueryOf<typeof listAgentEnrollmentTokens>,
  ): Promise<Result<ReplyOf<typeof listAgentEnrollmentTokens>, 'request_malformed'>>
  /** Revoking twice changes nothing the second time. */
  revoke(by: By, bounds: Bounds, tokenId: string, reason?: string): Promise<Result<AgentEnrollmentToken, 'not_found'>>
}

const view = (row: TokenRow, nowMs: number): AgentEnrollmentToken => ({
  enrollment_token_id: row.token_id,
  site_id: row.site_id,
  allowed_agent_classes: JSON.parse(row.agent_classes) as AgentClass[],
  planes: JSON.parse(row.planes) as Plane[],
  status: tokenStatus(
    { revokedMs: row.revoked_ms, expiresMs: row.expires_ms, useCount: row.use_count, maxUses: row.max_uses },
    nowMs,
  ),
  use_count: row.use_count,
  max_uses: row.max_uses,
  expires_at: toIso(row.expires_ms),
  label: row.label,
  created_at: toIso(row.created_ms),
  created_by: row.created_by,
  revoked_at: isoOrNull(row.revoked_ms),
  revoked_by: row.revoked_by,
  last_used_at: isoOrNull(row.last_used_ms),
})

const wrong = (path: string, message: string) =>
  refuse('request_invalid', undefined, [{ path: `body.${path}`, code: 'custom', message }])

/** Undefined for the usual life; an end that is given instead of a life has the same bounds. */
const lifeOf = (body: CreateBody, nowMs: number): Result<number | undefined, 'request_invalid'> => {
  if (body.expires_at === undefined) return ok(body.expires_in_seconds)
  const seconds = Math.floor(((parseInstantMs(body.expires_at) ?? 0) - nowMs) / 1000)
  const isWithin = seconds >= lifeBounds.minSeconds && seconds <= lifeBounds.maxSeconds
  return isWithin ? ok(seconds) : wrong('expires_at', 'five minutes to ninety days from now')
}

export interface AgentTokensNeeds {
  readonly db: Kysely<IdentityTables>
  readonly tokens: EnrollmentTokens
  readonly clock: Clock
}

export const createAgentTokens = ({ db, tokens, clock }: AgentTokensNeeds): AgentTokens => {
  const read = async (bounds: Bounds, tokenId: string): Promise<Result<AgentEnrollmentToken, 'not_found'>> => {
    const row = await loadToken(db, bounds, tokenId)
    return row === undefined ? refuse('not_found') : ok(view(row, clock.nowMs()))
  }
  return {
    async create(by, bounds, body) {
      const life = lifeOf(body, clock.nowMs())
      if (!life.ok) return life
      const siteId = body.site_id ?? DEFAULT_SITE_ID
      if (siteId !== DEFAULT_SITE_ID) return wrong('site_id', 'there is no such site')
      const created = await tokens.create(by, bounds, {
        label: body.label ?? '',
        planes: body.planes ?? ['telemetry'],
        ...(body.max_uses === undefined ? {} : { maxUses: body.max_uses }),
        ...(life.value === undefined ? {} : { expiresInSeconds: life.value }),
        ...(body.allowed_agent_classes === undefined ? {} : { agentClasses: body.allowed_agent_classes }),
      })
      if (!created.ok) throw new Error('a token without groups was refused for its groups')
      const metadata = await read(bounds, created.value.id)
      if (!metadata.ok) throw new Error('a token that was just made is not there')
      return ok({ ...metadata.value, enrollment_token: created.value.token })
    },
    async list(bounds, query) {
      const page = readPage(query, ['number'])
      if (!page.ok) return page
      const found = await listTokens(db, bounds, page.value, query.status, clock.nowMs())
      const { rows, nextCursor } = cutPage(found, page.value.limit, (row) => [row.token_no])
      return ok({ items: rows.map((row) => view(row, clock.nowMs())), next_cursor: nextCursor })
    },
    async revoke(by, bounds, tokenId, reason) {
      const revoked = await tokens.revoke(by, bounds, tokenId, reason)
      return revoked.ok ? read(bounds, tokenId) : revoked
    },
  }
}
