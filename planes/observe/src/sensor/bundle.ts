// The bundle meant for a device, with the batch limits it carries, because a sync's reply repeats them.
// What is in force for whom is policy/.
import type { KnownDevice } from '@muster/identity'
import type { Bundle } from '../policy/bundle/bundle.ts'
import type { BundleDirectory, ServedBundle } from '../policy/directory.ts'

export interface BundleInForce {
  readonly generation: string
  /** Base64 of the canonical bytes. */
  readonly base64: string
  readonly maxBatchBytes: number
  readonly maxBatchEvents: number
}

export type BundleLookup = (device: KnownDevice) => BundleInForce | undefined

/** Reads each bundle once, however many devices it serves. */
export const createBundleLookup = (directory: Pick<BundleDirectory, 'bundleFor'>): BundleLookup => {
  const read = new WeakMap<ServedBundle, BundleInForce>()
  return ({ tenantId, groupNos, sensorVersion }) => {
    const served = directory.bundleFor(tenantId, groupNos, sensorVersion)
    if (served === null) return undefined
    const known = read.get(served)
    if (known !== undefined) return known
    const { sync } = JSON.parse(Buffer.from(served.bytes).toString()) as Bundle
    const bundle = { generation: served.generation, base64: served.base64, ...sync }
    read.set(served, bundle)
    return bundle
  }
}
