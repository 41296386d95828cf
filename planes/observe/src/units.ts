// The plane's units: what runs beside the database, in the writer's thread where there is one.
// What each does is its feature's.
import type { CreateUnits } from '@muster/storage'
import { createHoldings } from './holdings/holdings.ts'
import { createSync } from './sync/sync.ts'

export const createObserveUnits: CreateUnits = (host) => {
  const holdings = createHoldings(host)
  return { sync: createSync(host, holdings), settleHoldings: () => holdings.settle() }
}
