// Rows of identity_enrollment_token, for operators; every query names the tenant.
// Spending a token is in enroll/store.ts.

import type { TokenStatus } from '@muster/contract'
import type { Page } from '@muster/kernel'
import { engineOf } from '@muster/storage'
import { type Insertable, type Kysely, type Selectable, sql } from 'kysely'
import { type Bounds, noGroup, selectInGroups } from '../bounds.ts'
import type { IdentityTables } from '../tables.ts'

type Db = Kysely<IdentityTables>
export type TokenRow = Omit<Selectable<IdentityTables['identity_enrollment_token']>, 'digest'>

const columns = [
  'token_no',
  'token_id',
  'tenant_id',
  'label',
  'max_uses',
  'use_count',
  'expires_ms',
  'planes',
  'site_id',
  'agent_classes',
  'group_nos',
  'tags',
  'allow_reenroll',
  'created_by',
  'created_ms',
  'revoked_by',
  'revoked_ms',
  'last_used_ms',
  'failure_count',
  'last_failure',
] as const satisfies readonly (keyof TokenRow)[]

export const insertToken = (tx: Db, row: Insertable<IdentityTables['identity_enrollment_token']>): Promise<TokenRow> =>
  tx.insertInto('identity_enrollment_token').values(row).returning(columns).executeTakeFirstOrThrow()

/** Whoever sees some groups only sees the tokens that let devices into those groups and no others. */
const tokensWithin = (db: Db, { tenantId, groupNos }: Bounds) => {
  const tokens = db.selectFrom('identity_enrollment_token').select(columns).where('tenant_id', '=', tenantId)
  if (groupNos === null) return tokens
  const seen = sql.join([noGroup, ...groupNos].map((no) => sql.lit(no)))
  const granted =
    engineOf(db) === 'sqlite'
      ? sql`select value as no from json_each(group_nos)`
      : sql`select value::bigint as no from json_array_elements_text(group_nos::json)`
  return tokens
    .where('group_nos', '<>', '[]')
    .where(sql<boolean>`not exists (select 1 from (${granted}) as granted where no not in (${seen}))`)
}

export const loadToken = (db: Db, bounds: Bounds, tokenId: string): Promise<TokenRow | undefined> =>
  tokensWithin(db, bounds).where('token_id', '=', tokenId).executeTakeFirst()

/** One row more than the page holds, newest first; the status of a token follows from its facts and the time. */
export const listTokens = (
  db: Db,
  bounds: Bounds,
  { limit, after }: Page<[number]>,
  status: TokenStatus | undefined,
  nowMs: number,
): Promise<readonly TokenRow[]> =>
  tokensWithin(db, bounds)
    .$if(after !== undefined, (query) => query.where('token_no', '<', (after as [number])[0]))
    .$if(status !== undefined, (query) => query.where('revoked_ms', status === 'revoked' ? 'is not' : 'is', null))
    .$if(status === 'expired', (query) => query.where('expires_ms', '<=', nowMs))
    .$if(status === 'exhausted' || status === 'active', (query) => query.where('expires_ms', '>', nowMs))
    .$if(status === 'exhausted', (query) => query.whereRef('use_count', '>=', 'max_uses'))
    .$if(status === 'active', (query) => query.whereRef('use_count', '<', 'max_uses'))
    .orderBy('token_no', 'desc')
    .limit(limit + 1)
    .execute()

export const markRevoked = (tx: Db, tokenNo: number, revokedBy: string, nowMs: number): Promise<TokenRow> =>
  tx
    .updateTable('identity_enrollment_token')
    .set({ revoked_by: revokedBy, revoked_ms: nowMs })
    .where('token_no', '=', tokenNo)
    .returning(columns)
    .executeTakeFirstOrThrow()

/** Every device the token let in that is still seen, in the order they came. */
export const loadEnrolledIds = async (db: Db, { groupNos }: Bounds, tokenNo: number): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom('identity_enrollment_use as use')
    .innerJoin('identity_device as device', 'device.device_no', 'use.device_no')
    .select('device.device_id')
    .where('use.token_no', '=', tokenNo)
    .$if(groupNos !== null, (query) => query.where('device.device_no', 'in', selectInGroups(db, groupNos ?? [])))
    .orderBy('use.used_ms')
    .orderBy('use.device_no')
    .execute()
  return [...new Set(rows.map((row) => row.device_id))]
}
