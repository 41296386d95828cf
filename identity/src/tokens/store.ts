// Rows of identity_enrollment_token, for operators; every query names the tenant.
// Spending a token is in enroll/store.ts.

import type { TokenStatus } from '@muster/contract'
import type { Page } from '@muster/kernel'
import type { Insertable, Kysely, Selectable } from 'kysely'
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

export const loadToken = (db: Db, tenantId: string, tokenId: string): Promise<TokenRow | undefined> =>
  db
    .selectFrom('identity_enrollment_token')
    .select(columns)
    .where('tenant_id', '=', tenantId)
    .where('token_id', '=', tokenId)
    .executeTakeFirst()

/** One row more than the page holds, newest first; the status of a token follows from its facts and the time. */
export const listTokens = (
  db: Db,
  tenantId: string,
  { limit, after }: Page<[number]>,
  status: TokenStatus | undefined,
  nowMs: number,
): Promise<readonly TokenRow[]> =>
  db
    .selectFrom('identity_enrollment_token')
    .select(columns)
    .where('tenant_id', '=', tenantId)
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

/** Every device the token let in, in the order they came. */
export const loadEnrolledIds = async (db: Db, tokenNo: number): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom('identity_enrollment_use as use')
    .innerJoin('identity_device as device', 'device.device_no', 'use.device_no')
    .select('device.device_id')
    .where('use.token_no', '=', tokenNo)
    .orderBy('use.used_ms')
    .orderBy('use.device_no')
    .execute()
  return [...new Set(rows.map((row) => row.device_id))]
}
