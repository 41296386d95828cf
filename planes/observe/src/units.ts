// The plane's units: what runs beside the database, in the writer's thread where there is one.
// What each does is its feature's.
import type { UnitHost } from '@muster/storage'
import { createHoldings } from './holdings/holdings.ts'
import type { OnScanned } from './sync/round.ts'
import { createSync } from './sync/sync.ts'

export const createObserveUnits = (host: UnitHost, onScanned?: OnScanned) => {
  const holdings = createHoldings(host)
  return { sync: createSync(host, holdings, onScanned), settleHoldings: () => holdings.settle() }
}
