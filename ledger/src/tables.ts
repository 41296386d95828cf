// The ledger's tables as Kysely sees them.
// How they are made, and what guards them, is in migrations.ts.

export interface EntryRow {
  tenant_id: string
  seq: number
  occurred_ms: number
  actor_type: string
  actor_id: string
  action: string
  target_type: string
  target_id: string
  outcome: string
  /** RFC 8785 text of the entry without prevHash and hash; the columns before it repeat parts of it for filters. */
  body: string
  prev_hash: string
  hash: string
}

/** Where a tenant's chain stands. Whoever extends it holds this row until the end of the transaction. */
export interface HeadRow {
  tenant_id: string
  seq: number
  hash: string
}

/** Entries up to this one may be gone; the chain goes on from its hash. */
export interface CheckpointRow {
  tenant_id: string
  seq: number
  hash: string
  occurred_ms: number
  made_ms: number
}

export interface LedgerTables {
  ledger_entry: EntryRow
  ledger_head: HeadRow
  ledger_checkpoint: CheckpointRow
}
