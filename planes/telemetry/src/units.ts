// The plane's units: what runs beside the database, in the writer's thread where there is one.
// What each does is its feature's.
import type { CreateUnits } from '@muster/storage'
import { createForget } from './heartbeat/forget.ts'
import { createHeartbeats } from './heartbeat/heartbeat.ts'
import { createHolding } from './heartbeat/holding.ts'
import { createRecent } from './heartbeat/recent.ts'

export const createTelemetryUnits: CreateUnits = (host) => {
  const holding = createHolding(host)
  return {
    heartbeats: createHeartbeats(host, holding),
    forgetHeartbeats: createForget(host, holding),
    ...createRecent(holding),
  }
}
