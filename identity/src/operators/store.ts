// Rows of identity_operator_token; the raw value never gets here, only its digest.
// Who may see which row is decide.ts.
import type { Page } from '@muster/kernel'
import { bulkUpdate } from '@muster/storage'
import type { Insertable, Kysely, Selectable } from 'kysely'
import type { KnownOperator } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import { handlesAll } from './decide.ts'

type Db = Kysely<IdentityTables>
type Table = IdentityTables['identity_operator_token']
export type OperatorTokenRow = Omit<Selectable<Table>, 'digest'>

const columns = [
  'token_no',
  'token_id',
  'tenant_id',
  'name',
  'role',
  'created_by',
  'created_by_name',
  'created_ms',
  'expires_ms',
  'last_used_ms',
  'revoked_ms',
  'scopes',
  'networks',
  'group_nos',
] as const satisfies readonly (keyof OperatorTokenRow)[]

export const insertOperatorToken = (tx: Db, row: Insertable<Table>): Promise<OperatorTokenRow> =>
  tx.insertInto('identity_operator_token').values(row).returning(columns).executeTakeFirstOrThrow()

export const loadOperatorToken = (db: Db, tenantId: string, tokenId: string): Promise<OperatorTokenRow | undefined> =>
  db
    .selectFrom('identity_operator_token')
    .select(columns)
    .where('tenant_id', '=', tenantId)
    .where('token_id', '=', tokenId)
    .executeTakeFirst()

/** A token that still opens doors under this name. */
export const hasLivingToken = async (db: Db, tenantId: string, name: string, nowMs: number): Promise<boolean> => {
  const row = await db
    .selectFrom('identity_operator_token')
    .select('token_no')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .where('revoked_ms', 'is', null)
    .where('expires_ms', '>', nowMs)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export const hasLivingOwner = async (db: Db, tenantId: string, nowMs: number): Promise<boolean> => {
  const row = await db
    .selectFrom('identity_operator_token')
    .select('token_no')
    .where('tenant_id', '=', tenantId)
    .where('role', '=', 'owner')
    .where('group_nos', 'is', null)
    .where('revoked_ms', 'is', null)
    .where('expires_ms', '>', nowMs)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** One row more than the page holds, newest first: all for an owner, for others what `mayHandle` allows. */
export const listOperatorTokenRows = (
  db: Db,
  operator: KnownOperator,
  { limit, after }: Page<[number]>,
): Promise<OperatorTokenRow[]> =>
  db
    .selectFrom('identity_operator_token')
    .select(columns)
    .where('tenant_id', '=', operator.tenantId)
    .$if(!handlesAll(operator), (query) =>
      query.where((eb) =>
        eb.or([eb('created_by', '=', operator.operatorId), eb('token_id', '=', operator.tokenId ?? '')]),
      ),
    )
    .$if(after !== undefined, (query) => query.where('token_no', '<', (after as [number])[0]))
    .orderBy('token_no', 'desc')
    .limit(limit + 1)
    .execute()

export const markOperatorTokenRevoked = (tx: Db, tokenNo: number, nowMs: number): Promise<OperatorTokenRow> =>
  tx
    .updateTable('identity_operator_token')
    .set({ revoked_ms: nowMs })
    .where('token_no', '=', tokenNo)
    .returning(columns)
    .executeTakeFirstOrThrow()

/** Whether a token that still opens doors is limited to the group. */
export const isGroupNamed = async (db: Db, tenantId: string, groupNo: number, nowMs: number): Promise<boolean> => {
  const rows = await db
    .selectFrom('identity_operator_token')
    .select('group_nos')
    .where('tenant_id', '=', tenantId)
    .where('group_nos', 'is not', null)
    .where('revoked_ms', 'is', null)
    .where('expires_ms', '>', nowMs)
    .execute()
  return rows.some((row) => (JSON.parse(row.group_nos ?? '[]') as number[]).includes(groupNo))
}

export const loadOperatorTokenByNo = (db: Db, tokenNo: number): Promise<OperatorTokenRow | undefined> =>
  db.selectFrom('identity_operator_token').select(columns).where('token_no', '=', tokenNo).executeTakeFirst()

/** Every token that was not revoked, or these ones whatever their state. */
export const loadTokenMemory = (db: Db, tokenNos: readonly number[] | 'all') =>
  db
    .selectFrom('identity_operator_token')
    .select([...columns, 'digest'])
    .$if(tokenNos === 'all', (query) => query.where('revoked_ms', 'is', null))
    .$if(tokenNos !== 'all', (query) => query.where('token_no', 'in', tokenNos as number[]))
    .execute()

export const updateLastUsed = bulkUpdate({
  table: 'identity_operator_token',
  set: { last_used_ms: 'int' },
  where: { token_no: 'int' },
})
