// The rows of retention: what each tenant set, and what the installation was told at its last start.
// What a term means is decide.ts.
import type { Storage } from '@muster/storage'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { OwnTerms } from './decide.ts'

export interface RetentionTables {
  server_retention: {
    /** Empty for the installation. */
    tenant_id: string
    version: number
    /** JSON object: kind to term. */
    terms: string
  }
}

export const INSTALLATION = ''

export interface StoredTerms {
  readonly version: number
  readonly terms: OwnTerms
}

export const loadTerms = async (db: Kysely<RetentionTables>, tenantId: string): Promise<StoredTerms> => {
  const row = await db
    .selectFrom('server_retention')
    .select(['version', 'terms'])
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst()
  return row === undefined
    ? { version: 0, terms: {} }
    : { version: row.version, terms: JSON.parse(row.terms) as OwnTerms }
}

export const loadAllTerms = async (db: Storage<RetentionTables>['db']): Promise<ReadonlyMap<string, OwnTerms>> => {
  const rows = await db.selectFrom('server_retention').select(['tenant_id', 'terms']).execute()
  return new Map(rows.map((row) => [row.tenant_id, JSON.parse(row.terms) as OwnTerms]))
}

export const putTerms = async (
  tx: Transaction<RetentionTables>,
  tenantId: string,
  { version, terms }: StoredTerms,
): Promise<void> => {
  const row = { version, terms: JSON.stringify(terms) }
  await tx
    .insertInto('server_retention')
    .values({ tenant_id: tenantId, ...row })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet(row))
    .execute()
}

/** Changes whenever a term is changed or a hold is placed; what a purge may delete is known by it. */
export const readPlanMark = async (db: Kysely<any>): Promise<string> => {
  const { rows } = await sql<{ versions: number; holds: number }>`select
    (select coalesce(sum(version), 0) from server_retention) as versions,
    (select coalesce(max(hold_no), 0) from server_legal_hold) as holds`.execute(db)
  return `${rows[0]?.versions} ${rows[0]?.holds}`
}
