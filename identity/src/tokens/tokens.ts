// Enrolment tokens as operators handle them: make, list, read, revoke (fleet-product 4).
// Spending one is enroll/.
import {
  type AgentClass,
  BEARER_PREFIX,
  type BodyOf,
  type createEnrollmentToken,
  type EnrollmentToken,
  ID_PREFIX,
  type listEnrollmentTokens,
  type Plane,
  type QueryOf,
  type ReplyOf,
  type revokeEnrollmentToken,
} from '@muster/contract'
import {
  type Clock,
  cutPage,
  newBearer,
  newId,
  ok,
  type Result,
  readPage,
  refuse,
  sha256Hex,
  toIso,
} from '@muster/kernel'
import type { Kysely } from 'kysely'
import type { Bounds } from '../bounds.ts'
import type { Groups } from '../groups/groups.ts'
import type { By } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import { cleanText } from '../texts.ts'
import { isoOrNull } from '../times.ts'
import type { TakeTurn, Turn } from '../turns.ts'
import { agentFile, tokenDefaults, tokenStatus, tokenWarnings } from './decide.ts'
import { insertToken, listTokens, loadEnrolledIds, loadToken, markRevoked, type TokenRow } from './store.ts'

/** Which agents a token lets in is said on the telemetry facade only. */
type CreateBody = BodyOf<typeof createEnrollmentToken> & { readonly agentClasses?: readonly AgentClass[] }

export interface EnrollmentTokens {
  /** Made by one who sees some groups only, it lets devices into groups of theirs: all of them unless some are named. */
  create(by: By, bounds: Bounds, body: CreateBody): Promise<Result<ReplyOf<typeof createEnrollmentToken>, 'not_found'>>
  list(
    bounds: Bounds,
    query: QueryOf<typeof listEnrollmentTokens>,
  ): Promise<Result<ReplyOf<typeof listEnrollmentTokens>, 'request_malformed'>>
  read(bounds: Bounds, tokenId: string): Promise<Result<EnrollmentToken, 'not_found'>>
  /** Revoking twice changes nothing the second time. */
  revoke(
    by: By,
    bounds: Bounds,
    tokenId: string,
    reason?: string,
  ): Promise<Result<ReplyOf<typeof revokeEnrollmentToken>, 'not_found'>>
}

export interface TokensNeeds {
  readonly db: Kysely<IdentityTables>
  readonly takeTurn: TakeTurn
  readonly groups: Groups
  readonly clock: Clock
  readonly gatewayUrl: () => string
}

const groupNosOf = (row: TokenRow): readonly number[] => JSON.parse(row.group_nos) as number[]

const toToken = (row: TokenRow, nowMs: number, groupNames: ReadonlyMap<number, string>): EnrollmentToken => ({
  id: row.token_id,
  label: row.label,
  status: tokenStatus(
    { revokedMs: row.revoked_ms, expiresMs: row.expires_ms, useCount: row.use_count, maxUses: row.max_uses },
    nowMs,
  ),
  maxUses: row.max_uses,
  useCount: row.use_count,
  expiresAt: toIso(row.expires_ms),
  planes: JSON.parse(row.planes) as Plane[],
  groups: groupNosOf(row).flatMap((no) => groupNames.get(no) ?? []),
  tags: JSON.parse(row.tags) as string[],
  allowReenroll: row.allow_reenroll === 1,
  createdBy: row.created_by,
  createdAt: toIso(row.created_ms),
  revokedBy: row.revoked_by,
  revokedAt: isoOrNull(row.revoked_ms),
  lastUsedAt: isoOrNull(row.last_used_ms),
  failures: { count: row.failure_count, lastReason: row.last_failure },
})

interface Fresh {
  readonly tenantId: string
  readonly raw: string
  readonly body: CreateBody
  readonly groupNos: readonly number[]
  readonly createdBy: string
  readonly nowMs: number
}

const toRow = ({ tenantId, raw, body, groupNos, createdBy, nowMs }: Fresh) => ({
  token_id: newId(ID_PREFIX.enrollmentToken),
  tenant_id: tenantId,
  digest: sha256Hex(raw),
  label: cleanText(body.label),
  max_uses: body.maxUses ?? tokenDefaults.maxUses,
  use_count: 0,
  expires_ms: nowMs + (body.expiresInSeconds ?? tokenDefaults.expiresInSeconds) * 1000,
  planes: JSON.stringify(body.planes ?? tokenDefaults.planes),
  group_nos: JSON.stringify(groupNos),
  tags: JSON.stringify([...new Set(body.tags ?? [])]),
  allow_reenroll: Number(body.allowReenroll ?? false),
  ...(body.agentClasses && { agent_classes: JSON.stringify(body.agentClasses) }),
  created_by: createdBy,
  created_ms: nowMs,
  failure_count: 0,
})

/** Tokens that let agents in are told of on their wire. */
const tell = (turn: Turn, by: By, row: TokenRow, what: 'issued' | 'revoked'): void => {
  if (!row.planes.includes('"telemetry"')) return
  const token = { enrollment_token_id: row.token_id, site_id: row.site_id }
  const common = { tenantId: row.tenant_id, subjectId: row.token_id, requestId: by.requestId }
  if (what === 'revoked') turn.agent({ type: 'agent.enrollment_token.revoked', ...common, payload: token })
  else {
    const payload = { ...token, max_uses: row.max_uses, expires_at: toIso(row.expires_ms) }
    turn.agent({ type: 'agent.enrollment_token.issued', ...common, payload })
  }
}

export const createEnrollmentTokens = (needs: TokensNeeds): EnrollmentTokens => {
  const { db, takeTurn, groups, clock, gatewayUrl } = needs

  const present = async (tenantId: string, rows: readonly TokenRow[]): Promise<EnrollmentToken[]> => {
    const names = await groups.named(tenantId, rows.flatMap(groupNosOf))
    const nameByNo = new Map(names.map(({ groupNo, name }) => [groupNo, name]))
    return rows.map((row) => toToken(row, clock.nowMs(), nameByNo))
  }
  const presentOne = async (row: TokenRow): Promise<EnrollmentToken> =>
    (await present(row.tenant_id, [row]))[0] as EnrollmentToken

  return {
    async create(by, bounds, body) {
      const granted = await groups.resolve(bounds, body.groups ?? [])
      if (!granted.ok) return granted
      const { tenantId } = bounds
      const raw = newBearer(BEARER_PREFIX.enrollment)
      const named = granted.value.map(({ groupNo }) => groupNo)
      if (bounds.groupNos?.length === 0)
        return refuse('not_found', 'The groups this credential is limited to are gone.')
      const groupNos = named.length === 0 ? (bounds.groupNos ?? []) : named
      const createdBy = by.actor.displayName ?? by.actor.id
      const row = await takeTurn(async (turn) => {
        const inserted = await insertToken(
          turn.tx,
          toRow({ tenantId, raw, body, groupNos, createdBy, nowMs: turn.nowMs }),
        )
        turn.record({
          by,
          tenantId,
          action: 'enrollment_token.issued',
          target: { type: 'enrollment_token', id: inserted.token_id },
          details: { label: inserted.label, maxUses: inserted.max_uses, expiresAt: toIso(inserted.expires_ms) },
        })
        tell(turn, by, inserted, 'issued')
        return inserted
      })
      const expiresInSeconds = (row.expires_ms - row.created_ms) / 1000
      const warnings = [...tokenWarnings({ maxUses: row.max_uses, expiresInSeconds })]
      return ok({ ...(await presentOne(row)), token: raw, agentFile: agentFile(gatewayUrl(), raw), warnings })
    },
    async list(bounds, query) {
      const page = readPage(query, ['number'])
      if (!page.ok) return page
      const found = await listTokens(db, bounds, page.value, query.status, clock.nowMs())
      const { rows, nextCursor } = cutPage(found, page.value.limit, (row) => [row.token_no])
      return ok({ items: await present(bounds.tenantId, rows), nextCursor })
    },
    async read(bounds, tokenId) {
      const row = await loadToken(db, bounds, tokenId)
      return row === undefined ? refuse('not_found') : ok(await presentOne(row))
    },
    async revoke(by, bounds, tokenId, reason) {
      const revoked = await takeTurn(async (turn) => {
        const held = await loadToken(turn.tx, bounds, tokenId)
        if (held === undefined || held.revoked_ms !== null) return held
        turn.record({
          by,
          tenantId: bounds.tenantId,
          action: 'enrollment_token.revoked',
          target: { type: 'enrollment_token', id: tokenId },
          details: { useCount: held.use_count, ...(reason ? { reason: cleanText(reason) } : {}) },
        })
        tell(turn, by, held, 'revoked')
        return markRevoked(turn.tx, held.token_no, by.actor.displayName ?? by.actor.id, turn.nowMs)
      })
      if (revoked === undefined) return refuse('not_found')
      const enrolledDeviceIds = [...(await loadEnrolledIds(db, bounds, revoked.token_no))]
      return ok({ ...(await presentOne(revoked)), enrolledDeviceIds })
    },
  }
}
