// What each device is served, in memory, because every check-in and every sync asks; fresh within a second.
// Publishing writes rows and asks for a look at once; other processes notice the tenant's change number.
import type { Log } from '@muster/kernel'
import { createSharedRun, type Storage } from '@muster/storage'
import type { Kysely } from 'kysely'
import { loadAssigned } from './assignment-store.ts'
import { type CapabilitySet, capabilitySetsOf } from './bundle/capability.ts'
import { type Assigned, decideAssignment } from './decide.ts'
import { type InForceRow, loadAllInForce } from './generation-store.ts'
import { loadChanges } from './store.ts'
import type { PolicyTables } from './tables.ts'

/** A bundle as it goes over the wire. */
export interface ServedBundle {
  readonly generation: string
  readonly policyId: string
  /** Canonical JSON. */
  readonly bytes: Uint8Array
  /** The same bytes in base64, made once for all devices. */
  readonly base64: string
}

export interface BundleDirectory {
  /**
   * The bundle for a device in these groups that calls itself `sensorVersion`; null when no policy reaches it.
   * A policy that was never published reaches nobody, whatever is assigned.
   */
  bundleFor(tenantId: string, groupNos: readonly number[], sensorVersion: string): ServedBundle | null
  /**
   * Reads what changed. A look that is under way may have passed the row already, so everybody who asks meanwhile
   * shares the one after it. When the database cannot be read, what was known stays in force, and the log says so.
   */
  refresh(): Promise<void>
  close(): Promise<void>
}

interface TenantBundles {
  readonly changes: number
  /** Of published policies only. */
  readonly assigned: readonly Assigned[]
  readonly bundles: ReadonlyMap<string, ServedBundle>
}

export interface DirectoryNeeds {
  readonly storage: Pick<Storage<PolicyTables>, 'quick'>
  readonly log: Log
  readonly capabilitySets: readonly CapabilitySet[]
}

/** Well within the second in which a publication has to be noticed. */
const refreshMs = 300

const keyOf = (policyNo: number, capabilitySet: string): string => `${policyNo} ${capabilitySet}`

const toServed = ({ generation, policy_id, bundle }: InForceRow): ServedBundle => ({
  generation,
  policyId: policy_id,
  bytes: bundle,
  base64: Buffer.from(bundle).toString('base64'),
})

const loadTenant = async (db: Kysely<PolicyTables>, tenantId: string, changes: number): Promise<TenantBundles> => {
  // In this order: bundles newer than the assignments still fit them, since nothing published is ever taken back.
  const assigned = await loadAssigned(db, tenantId)
  const rows = await loadAllInForce(db, tenantId)
  const published = new Set(rows.map((row) => row.policy_no))
  return {
    changes,
    assigned: assigned.filter(({ policyNo }) => published.has(policyNo)),
    bundles: new Map(rows.map((row) => [keyOf(row.policy_no, row.capability_set), toServed(row)])),
  }
}

/** Has looked once when it resolves. */
export const createBundleDirectory = async ({
  storage,
  log,
  capabilitySets,
}: DirectoryNeeds): Promise<BundleDirectory> => {
  const db = storage.quick
  const tenants = new Map<string, TenantBundles>()
  // The change number is read before the rows, so a change in between is only looked at twice.
  const look = async (): Promise<void> => {
    for (const { tenant_id, changes } of await loadChanges(db))
      if (tenants.get(tenant_id)?.changes !== changes) tenants.set(tenant_id, await loadTenant(db, tenant_id, changes))
  }
  await look()
  let latest: Promise<void> = Promise.resolve()
  const run = createSharedRun(() =>
    look().catch((err: unknown) => log.warn('policies in force could not be read', { err })),
  )
  const refresh = (): Promise<void> => {
    latest = run()
    return latest
  }
  const timer = setInterval(() => void refresh(), refreshMs)
  timer.unref()
  return {
    bundleFor(tenantId, groupNos, sensorVersion) {
      const tenant = tenants.get(tenantId)
      const policyNo = tenant === undefined ? null : decideAssignment(tenant.assigned, groupNos)
      if (tenant === undefined || policyNo === null) return null
      for (const { name } of capabilitySetsOf(sensorVersion, capabilitySets)) {
        const bundle = tenant.bundles.get(keyOf(policyNo, name))
        // A policy without words of the richer set has no bundle for it, and the base's says the same.
        if (bundle !== undefined) return bundle
      }
      return null
    },
    refresh,
    async close() {
      clearInterval(timer)
      await latest
    },
  }
}
