// A program that fills a data folder with a fleet, for whoever measures on it: one order, one answer, and it ends.
// What the fleet is like is fleet.ts.
import { listFindings, listPolicies } from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { openFleet } from './fleet.ts'
import type { Shown } from './places.ts'

export interface SeedOrder {
  readonly dataDir: string
  readonly devices: number
}

const seed = async ({ dataDir, devices }: SeedOrder): Promise<Shown> => {
  const fleet = await openFleet({ dataDir, devices })
  const { owner } = fleet.server
  const query = { limit: '1' }
  const [finding] = (await value(call(owner, listFindings, { query }))).items
  const [policy] = (await value(call(owner, listPolicies, { query }))).items
  const device = fleet.idOf('ada-macbook')
  await fleet.close()
  return { device, finding: finding?.id ?? '', policy: policy?.id ?? '' }
}

// Whoever started this keeps it waiting for its order.
process.channel?.ref()
process.once('message', (order: SeedOrder) => {
  void seed(order).then((shown) => {
    process.send?.(shown)
    process.channel?.unref()
  })
})
