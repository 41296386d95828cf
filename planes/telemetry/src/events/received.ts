// `asset.telemetry.received`, one for each heartbeat of a range that the outbox names: the log stands for them (ADR 18).
// A reader that was cut off asks again and gets the same events under the same ids; rows of the log are there for six hours.
import type { TelemetryEvent } from '@muster/contract'
import { toIso } from '@muster/kernel'
import type { Db } from '@muster/storage'
import { NO_KEY, readSamples } from '../heartbeat/sample.ts'
import { loadRange, type RangedHeartbeat } from '../heartbeat/store.ts'
import { createEvent } from './event.ts'

/** As an announcement of `telemetry.heartbeats_stored` names it; heartbeats of other tenants may lie in it. */
export interface HeartbeatRange {
  readonly tenantId: string
  readonly fromNo: number
  readonly throughNo: number
}

type Received = TelemetryEvent<'asset.telemetry.received'>

const rowsAtOnce = 1000

const asUuid = (key: string): string => key.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

const eventOf = (tenantId: string, { no, bound, sample, receivedMs, requestId }: RangedHeartbeat): Received => {
  const [read] = readSamples(sample)
  if (read === undefined) throw new Error(`heartbeat ${no} holds no sample`)
  const isNamed = read.key !== NO_KEY
  return createEvent({
    type: 'asset.telemetry.received',
    tenantId,
    agentId: bound.agentId,
    heartbeatKey: isNamed ? read.key : String(no),
    atMs: receivedMs,
    requestId,
    causationId: null,
    payload: {
      agent_id: bound.agentId,
      site_id: bound.siteId,
      collector_id: bound.collectorId,
      asset_id: bound.assetId,
      heartbeat_id: isNamed ? asUuid(read.key) : null,
      observed_at: toIso(read.observedMs),
    },
  })
}

/** In the order in which they were stored. */
export async function* readReceived(db: Db, { tenantId, fromNo, throughNo }: HeartbeatRange): AsyncGenerator<Received> {
  for (let afterNo = fromNo - 1; afterNo < throughNo; ) {
    const rows = await loadRange(db, tenantId, { fromNo: afterNo + 1, throughNo }, rowsAtOnce)
    for (const row of rows) yield eventOf(tenantId, row)
    if (rows.length < rowsAtOnce) return
    afterNo = rows.at(-1)?.no ?? throughNo
  }
}
