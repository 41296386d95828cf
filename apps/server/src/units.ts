// The units that run beside the database: what the writer's thread loads.
// What each does is its room's.
import { createObserveUnits } from '@muster/observe'
import type { CreateUnits } from '@muster/storage'
import { createTelemetryUnits } from '@muster/telemetry'

export const createUnits: CreateUnits = async (host) => ({
  ...(await createObserveUnits(host)),
  ...(await createTelemetryUnits(host)),
})
