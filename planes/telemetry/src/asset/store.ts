// The rows of an asset's timeline: where a run of heartbeats began, and what changed.
// How many a run holds follows from where the next one begins; presenting it is timeline.ts.
import { bulkInsert, type Db, type Tx } from '@muster/storage'
import type { Bound } from '../heartbeat/decide.ts'

/** A heartbeat with which a run begins: the first of all, or the first after a change. */
export interface HeartbeatTurn {
  readonly bound: Bound
  readonly deviceNo: number
  readonly receivedMs: number
  readonly isFirst: boolean
  readonly changed: readonly string[]
  /** How many heartbeats the device had sent until then, and when the last of them came. */
  readonly heartbeatsBefore: number
  readonly lastBeforeMs: number | null
}

const insertEntries = bulkInsert({
  into: 'telemetry_timeline',
  columns: {
    tenant_id: 'text',
    asset_id: 'text',
    agent_id: 'text',
    device_no: 'int',
    at_ms: 'int',
    changed: 'text',
    heartbeats_before: 'int',
    last_before_ms: 'int?',
  },
  cells: ({ bound, deviceNo, receivedMs, changed, heartbeatsBefore, lastBeforeMs }: HeartbeatTurn) => [
    bound.tenantId,
    bound.assetId,
    bound.agentId,
    deviceNo,
    receivedMs,
    changed.join(' '),
    heartbeatsBefore,
    lastBeforeMs,
  ],
})

export const storeTimeline = (tx: Tx, turns: readonly HeartbeatTurn[]): Promise<number> => insertEntries(tx, turns)

export interface TimelineRow {
  readonly entryNo: number
  readonly agentId: string
  readonly deviceNo: number
  readonly atMs: number
  readonly changed: readonly string[]
  readonly heartbeatsBefore: number
  readonly lastBeforeMs: number | null
}

/** Newest first. */
export const loadTimeline = async (db: Db, tenantId: string, assetId: string): Promise<readonly TimelineRow[]> => {
  const rows = await db
    .selectFrom('telemetry_timeline')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('asset_id', '=', assetId)
    .orderBy('entry_no', 'desc')
    .execute()
  return rows.map((row) => ({
    entryNo: row['entry_no'] as number,
    agentId: row['agent_id'] as string,
    deviceNo: row['device_no'] as number,
    atMs: row['at_ms'] as number,
    changed: (row['changed'] as string).split(' ').filter((name) => name !== ''),
    heartbeatsBefore: row['heartbeats_before'] as number,
    lastBeforeMs: row['last_before_ms'] as number | null,
  }))
}
