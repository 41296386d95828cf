// Operators: who a bearer credential belongs to, and the named tokens they hold (fleet-product 3, ARCHITECTURE 3).
// What a role may do is the contract's; asking per route is the API listener's.
import {
  BEARER_PREFIX,
  type BodyOf,
  type Capability,
  type createOperatorToken,
  ID_PREFIX,
  type listOperatorTokens,
  type OperatorToken,
  type QueryOf,
  type ReplyOf,
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
import type { GroupName, Groups } from '../groups/groups.ts'
import type { By, KnownOperator } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import { cleanText } from '../texts.ts'
import { isoOrNull } from '../times.ts'
import type { TakeTurn, Turn } from '../turns.ts'
import { decideNewToken, mayHandle, operatorTokenSeconds, operatorTokenStatus } from './decide.ts'
import type { IdentifyOperator } from './identify.ts'
import { liesWithin } from './networks.ts'
import {
  hasLivingToken,
  insertOperatorToken,
  listOperatorTokenRows,
  loadOperatorToken,
  markOperatorTokenRevoked,
  type OperatorTokenRow,
} from './store.ts'

type CreateBody = BodyOf<typeof createOperatorToken>

export interface Operators {
  /** `authorization` is the header as it came; cheap enough for every request. */
  readonly identify: IdentifyOperator
  createToken(
    by: By,
    operator: KnownOperator,
    body: CreateBody,
  ): Promise<Result<ReplyOf<typeof createOperatorToken>, 'role_above_own' | 'name_taken' | 'not_found'>>
  listTokens(
    operator: KnownOperator,
    query: QueryOf<typeof listOperatorTokens>,
  ): Promise<Result<ReplyOf<typeof listOperatorTokens>, 'request_malformed'>>
  /** Revoking twice changes nothing the second time. */
  revokeToken(by: By, operator: KnownOperator, tokenId: string): Promise<Result<OperatorToken, 'not_found'>>
}

export interface OperatorsNeeds {
  readonly db: Kysely<IdentityTables>
  readonly takeTurn: TakeTurn
  readonly identify: IdentifyOperator
  readonly groups: Pick<Groups, 'resolve' | 'named'>
  readonly clock: Clock
}

const listOrNull = <Item extends string | number>(json: string | null): Item[] | null =>
  json === null ? null : (JSON.parse(json) as Item[])

const jsonOrNull = (list: readonly (string | number)[] | undefined): string | null =>
  list === undefined ? null : JSON.stringify([...new Set(list)])

const groupNosOf = (row: OperatorTokenRow): readonly number[] | null => listOrNull<number>(row.group_nos)

/** A group that is gone has no name any more, and opens nothing. */
const toToken = (row: OperatorTokenRow, nowMs: number, groupNames: ReadonlyMap<number, string>): OperatorToken => ({
  id: row.token_id,
  name: row.name,
  role: row.role,
  scopes: listOrNull<Capability>(row.scopes),
  groups: groupNosOf(row)?.flatMap((no) => groupNames.get(no) ?? []) ?? null,
  networks: listOrNull<string>(row.networks),
  status: operatorTokenStatus({ expiresMs: row.expires_ms, revokedMs: row.revoked_ms }, nowMs),
  createdBy: row.created_by_name,
  createdAt: toIso(row.created_ms),
  expiresAt: toIso(row.expires_ms),
  lastUsedAt: isoOrNull(row.last_used_ms),
  revokedAt: isoOrNull(row.revoked_ms),
})

const isOwn = (operator: KnownOperator, row: OperatorTokenRow): boolean =>
  mayHandle(operator, {
    tokenId: row.token_id,
    tenantId: row.tenant_id,
    createdBy: row.created_by,
    expiresMs: row.expires_ms,
    revokedMs: row.revoked_ms,
  })

/** What a new token is made from; `granted` are the groups it is limited to. */
interface Wish {
  readonly operator: KnownOperator
  readonly name: string
  readonly body: CreateBody
  readonly granted: readonly GroupName[] | undefined
  readonly raw: string
}

const insert = (turn: Turn, { operator, name, body, granted, raw }: Wish) =>
  insertOperatorToken(turn.tx, {
    token_id: newId(ID_PREFIX.operatorToken),
    tenant_id: operator.tenantId,
    name,
    role: body.role,
    digest: sha256Hex(raw),
    created_by: operator.operatorId,
    created_by_name: operator.name,
    created_ms: turn.nowMs,
    expires_ms: turn.nowMs + (body.expiresInSeconds ?? operatorTokenSeconds) * 1000,
    scopes: jsonOrNull(body.scopes),
    networks: jsonOrNull(body.networks),
    group_nos: jsonOrNull(granted?.map(({ groupNo }) => groupNo)),
  })

/** A token in a narrow network must not make one that opens from everywhere. */
const staysWithinNetworks = async (turn: Turn, maker: KnownOperator, { networks }: CreateBody): Promise<boolean> => {
  if (maker.tokenId === null) return true
  const own = await loadOperatorToken(turn.tx, maker.tenantId, maker.tokenId)
  const outer = listOrNull<string>(own?.networks ?? null)
  return outer === null || (networks !== undefined && liesWithin(networks, outer))
}

const make = async (
  turn: Turn,
  by: By,
  wish: Wish,
): Promise<Result<OperatorTokenRow, 'role_above_own' | 'name_taken'>> => {
  const { operator, name, body, granted } = wish
  const { tenantId } = operator
  const wanted = {
    role: body.role,
    scopes: body.scopes,
    groupNos: granted?.map(({ groupNo }) => groupNo),
    staysWithinNetworks: await staysWithinNetworks(turn, operator, body),
  }
  const decided = decideNewToken(operator, wanted, await hasLivingToken(turn.tx, tenantId, name, turn.nowMs))
  if (!decided.ok) return decided
  const row = await insert(turn, wish)
  const target = { type: 'operator_token', id: row.token_id }
  const limits = { scopes: body.scopes ?? null, networks: body.networks ?? null, groups: namesIn(granted) }
  const details = { name, role: row.role, ...limits, expiresAt: toIso(row.expires_ms) }
  turn.record({ by, tenantId, action: 'operator_token.created', target, details })
  turn.changed('operator_token', row.token_no)
  return ok(row)
}

const namesIn = (groups: readonly GroupName[] | undefined): string[] | null => groups?.map(({ name }) => name) ?? null

export const createOperators = ({ db, takeTurn, identify, groups, clock }: OperatorsNeeds): Operators => {
  const present = async (tenantId: string, rows: readonly OperatorTokenRow[]): Promise<OperatorToken[]> => {
    const named = await groups.named(
      tenantId,
      rows.flatMap((row) => groupNosOf(row) ?? []),
    )
    const nameByNo = new Map(named.map(({ groupNo, name }) => [groupNo, name]))
    return rows.map((row) => toToken(row, clock.nowMs(), nameByNo))
  }
  const presentOne = async (row: OperatorTokenRow): Promise<OperatorToken> =>
    (await present(row.tenant_id, [row]))[0] as OperatorToken
  return {
    identify,
    async createToken(by, operator, body) {
      const granted = body.groups === undefined ? undefined : await groups.resolve(operator, body.groups)
      if (granted !== undefined && !granted.ok) return granted
      const raw = newBearer(BEARER_PREFIX.operator)
      const wish = { operator, name: cleanText(body.name), body, granted: granted?.value, raw }
      const created = await takeTurn((turn) => make(turn, by, wish))
      return created.ok ? ok({ ...(await presentOne(created.value)), token: raw }) : created
    },
    async listTokens(operator, query) {
      const page = readPage(query, ['number'])
      if (!page.ok) return page
      const found = await listOperatorTokenRows(db, operator, page.value)
      const { rows, nextCursor } = cutPage(found, page.value.limit, (row) => [row.token_no])
      return ok({ items: await present(operator.tenantId, rows), nextCursor })
    },
    async revokeToken(by, operator, tokenId) {
      const { tenantId } = operator
      const revoked = await takeTurn(async (turn) => {
        const row = await loadOperatorToken(turn.tx, tenantId, tokenId)
        if (row === undefined || !isOwn(operator, row)) return undefined
        if (row.revoked_ms !== null) return row
        const target = { type: 'operator_token', id: tokenId }
        turn.record({ by, tenantId, action: 'operator_token.revoked', target, details: { name: row.name } })
        turn.changed('operator_token', row.token_no)
        return markOperatorTokenRevoked(turn.tx, row.token_no, turn.nowMs)
      })
      return revoked === undefined ? refuse('not_found') : ok(await presentOne(revoked))
    },
  }
}
