// Half an hour of heartbeats behind every agent, told to the very unit that hears them, without a wire between.
// With it, agents are packed during a measurement as often as after a year: each beat fills the pack of one in thirty-two.
import type { Storage } from '@muster/storage'
import { type HeartbeatBatch, type ToldHeartbeat, toBatch } from '@muster/telemetry'
import { inventHeartbeat } from './heartbeats.ts'

/** As many as make every pack but the first be of full length, and spread the ends of packs evenly. */
const beats = 31
const beatMs = 60_000
const agentsAtOnce = 1000

interface Row {
  readonly agent_id: string
  readonly tenant_id: string
  readonly site_id: string
  readonly collector_id: string
  readonly asset_id: string
  readonly device_no: number
}

const beatOf = (row: Row, receivedMs: number): ToldHeartbeat => ({
  call: {
    bound: {
      agentId: row.agent_id,
      tenantId: row.tenant_id,
      siteId: row.site_id,
      collectorId: row.collector_id,
      assetId: row.asset_id,
    },
    deviceNo: row.device_no,
    receivedMs,
    requestId: 'req_past',
    idempotencyKey: null,
    isLenient: false,
    beginsRun: false,
  },
  body: Buffer.from(inventHeartbeat(receivedMs)),
})

/** Until a minute before now, one a minute. */
export const givePast = async (storage: Storage, nowMs: number): Promise<void> => {
  const hear = storage.unit<HeartbeatBatch, unknown>('heartbeats')
  const rows = (await storage.db.selectFrom('identity_agent').selectAll().orderBy('device_no').execute()) as Row[]
  for (let beat = beats; beat >= 1; beat -= 1) {
    const receivedMs = nowMs - beat * beatMs
    for (let from = 0; from < rows.length; from += agentsAtOnce)
      await hear(
        toBatch(
          rows.slice(from, from + agentsAtOnce).map((row) => beatOf(row, receivedMs)),
          receivedMs,
        ),
      )
  }
  await hear(toBatch([], nowMs, true))
}
