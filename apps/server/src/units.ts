// The units that run beside the database: what the writer's thread loads.
// What each does is its room's.
import { noteScanned } from '@muster/identity/scanned'
import { createObserveUnits } from '@muster/observe'
import type { CreateUnits } from '@muster/storage'
import { createTelemetryUnits } from '@muster/telemetry'

export const createUnits: CreateUnits = async (host) => ({
  ...createObserveUnits(host, noteScanned),
  ...(await createTelemetryUnits(host)),
})
