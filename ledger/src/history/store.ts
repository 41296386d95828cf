// The SQL of the history: extending a chain, reading it in pages, and where it begins and ends.
// What is written and whether it holds together is decided elsewhere.
import { bulkInsert, type Db, type Tx } from '@muster/storage'
import { type Kysely, sql } from 'kysely'
import { type ChainPoint, GENESIS } from '../chain/link.ts'
import type { EntryRow, LedgerTables } from '../tables.ts'
import type { ListPlan } from './decide.ts'

const insertEntries = bulkInsert({
  into: 'ledger_entry',
  columns: {
    tenant_id: 'text',
    seq: 'int',
    occurred_ms: 'int',
    actor_type: 'text',
    actor_id: 'text',
    action: 'text',
    target_type: 'text',
    target_id: 'text',
    outcome: 'text',
    body: 'text',
    prev_hash: 'text',
    hash: 'text',
  },
})

/**
 * Sets aside `count` numbers and answers the place before them. The row it touches stays locked until the transaction
 * ends, so numbers are never handed out twice and never skipped.
 */
export const claimSeqs = async (tx: Tx, tenantId: string, count: number): Promise<ChainPoint> => {
  const { rows } = await sql<ChainPoint>`
    insert into ledger_head (tenant_id, seq, hash) values (${tenantId}, ${count}, ${GENESIS.hash})
    on conflict (tenant_id) do update set seq = ledger_head.seq + excluded.seq
    returning seq, hash`.execute(tx)
  const [claimed] = rows
  if (claimed === undefined) throw new Error('claim audit numbers: the database answered nothing')
  return { seq: claimed.seq - count, hash: claimed.hash }
}

export const insertAfterClaim = async (tx: Tx, rows: readonly EntryRow[], head: ChainPoint): Promise<void> => {
  await insertEntries(tx, rows)
  await sql`update ledger_head set hash = ${head.hash} where tenant_id = ${rows[0]?.tenant_id}`.execute(tx)
}

export const createHistoryStore = (reader: Db) => {
  const db: Kysely<LedgerTables> = reader

  /** The place after which entries are kept: the newest checkpoint, else the place before the first entry. */
  const loadOrigin = async (tenantId: string): Promise<ChainPoint> => {
    const checkpoint = await db
      .selectFrom('ledger_checkpoint')
      .select(['seq', 'hash'])
      .where('tenant_id', '=', tenantId)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    return checkpoint ?? GENESIS
  }

  return {
    loadOrigin,

    /** Entries after `afterSeq` up to `throughSeq`, in order. */
    loadRun: (tenantId: string, afterSeq: number, throughSeq: number, limit: number): Promise<EntryRow[]> =>
      db
        .selectFrom('ledger_entry')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('seq', '>', afterSeq)
        .where('seq', '<=', throughSeq)
        .orderBy('seq')
        .limit(limit)
        .execute(),

    /** Entries newest first, one more than the limit so that the caller sees whether there are others. */
    async loadPage(tenantId: string, plan: ListPlan): Promise<EntryRow[]> {
      const { beforeSeq, targetIds, fromMs, toMs } = plan
      let query = db.selectFrom('ledger_entry').selectAll().where('tenant_id', '=', tenantId)
      // A purge lets go of everything up to its checkpoint at once and deletes it little by little.
      query = query.where('seq', '>', (await loadOrigin(tenantId)).seq)
      for (const [column, value] of Object.entries(plan.columns))
        query = query.where(column as keyof ListPlan['columns'], '=', value)
      // PostgreSQL knows no empty list.
      if (targetIds?.length === 0) return []
      if (targetIds !== null) query = query.where('target_id', 'in', targetIds)
      if (beforeSeq !== null) query = query.where('seq', '<', beforeSeq)
      if (fromMs !== null) query = query.where('occurred_ms', '>=', fromMs)
      if (toMs !== null) query = query.where('occurred_ms', '<=', toMs)
      return query
        .orderBy('seq', 'desc')
        .limit(plan.limit + 1)
        .execute()
    },

    /** The last entry of a chain; the place before the first one when there is none. */
    async loadHead(tenantId: string): Promise<ChainPoint> {
      const head = await db
        .selectFrom('ledger_head')
        .select(['seq', 'hash'])
        .where('tenant_id', '=', tenantId)
        .executeTakeFirst()
      return head ?? GENESIS
    },

    /** An entry's place and hash; undefined when it is not there. */
    loadPoint: (tenantId: string, seq: number): Promise<ChainPoint | undefined> =>
      db
        .selectFrom('ledger_entry')
        .select(['seq', 'hash'])
        .where('tenant_id', '=', tenantId)
        .where('seq', '=', seq)
        .executeTakeFirst(),

    async loadTenantIds(): Promise<readonly string[]> {
      const heads = await db.selectFrom('ledger_head').select('tenant_id').orderBy('tenant_id').execute()
      return heads.map((head) => head.tenant_id)
    },
  }
}

export type HistoryStore = ReturnType<typeof createHistoryStore>
