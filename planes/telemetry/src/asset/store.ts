// The rows of an asset's timeline: turns in the lives of its agents, changes of its face, and where runs of heartbeats begin.
// How many heartbeats a run holds follows from where the next one begins; that is decide.ts.
import { bulkInsert, type Db, type Tx } from '@muster/storage'
import type { Bound } from '../heartbeat/decide.ts'
import { runKind } from './decide.ts'

/** A heartbeat with which a run begins: the first of all, or the first after a change or a turn. */
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

/** Something that happened once. */
export interface TimelineMoment {
  readonly tenantId: string
  readonly assetId: string
  readonly agentId: string
  readonly atMs: number
  readonly kind: string
  /** For people. */
  readonly text: string
}

const columns = {
  tenant_id: 'text',
  asset_id: 'text',
  agent_id: 'text',
  at_ms: 'int',
  kind: 'text',
  detail: 'text',
  device_no: 'int?',
  heartbeats_before: 'int?',
  last_before_ms: 'int?',
} as const

const insertRuns = bulkInsert({
  into: 'telemetry_timeline',
  columns,
  cells: ({ bound, deviceNo, receivedMs, changed, heartbeatsBefore, lastBeforeMs }: HeartbeatTurn) => [
    bound.tenantId,
    bound.assetId,
    bound.agentId,
    receivedMs,
    runKind,
    changed.join(' '),
    deviceNo,
    heartbeatsBefore,
    lastBeforeMs,
  ],
})

export const storeRuns = (tx: Tx, turns: readonly HeartbeatTurn[]): Promise<number> => insertRuns(tx, turns)

const insertMoments = bulkInsert({
  into: 'telemetry_timeline',
  columns,
  cells: (moment: TimelineMoment) => [
    moment.tenantId,
    moment.assetId,
    moment.agentId,
    moment.atMs,
    moment.kind,
    moment.text,
    null,
    null,
    null,
  ],
})

export const storeMoments = (tx: Tx, moments: readonly TimelineMoment[]): Promise<number> => insertMoments(tx, moments)

export interface TimelineRow {
  readonly entryNo: number
  readonly agentId: string
  readonly atMs: number
  readonly kind: string
  readonly detail: string
  readonly deviceNo: number | null
  readonly heartbeatsBefore: number | null
  readonly lastBeforeMs: number | null
}

/** Everything there is of an asset, in the order in which it happened. */
export const loadTimeline = async (db: Db, tenantId: string, assetId: string): Promise<readonly TimelineRow[]> => {
  const rows = await db
    .selectFrom('telemetry_timeline')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('asset_id', '=', assetId)
    .orderBy('entry_no')
    .execute()
  return rows.map((row) => ({
    entryNo: row['entry_no'] as number,
    agentId: row['agent_id'] as string,
    atMs: row['at_ms'] as number,
    kind: row['kind'] as string,
    detail: row['detail'] as string,
    deviceNo: row['device_no'] as number | null,
    heartbeatsBefore: row['heartbeats_before'] as number | null,
    lastBeforeMs: row['last_before_ms'] as number | null,
  }))
}
