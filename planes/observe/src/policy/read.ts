// Policies, revisions and generations for operators, and how far a policy has come on its devices.
// Everything is read within one tenant: what belongs to another is not found.
import type {
  listGenerations,
  listPolicies,
  listRevisions,
  Policy,
  PolicyStatus,
  policyAdoption,
  QueryOf,
  ReplyOf,
  Revision,
  readGeneration,
} from '@muster/contract'
import { ok, type Result, refuse, toIso } from '@muster/kernel'
import { loadGeneration, loadGenerations, numberOf } from './generation-store.ts'
import type { PolicyParts } from './needs.ts'
import { planPage, toPage } from './page.ts'
import { loadPolicies, loadPolicy, loadPolicyByName, loadRevision, loadRevisions } from './store.ts'
import { toGeneration, toPolicy, toRevision } from './view.ts'

/** A device as adoption counts it. */
export interface AdoptingDevice {
  readonly groupNos: readonly number[]
  readonly sensorVersion: string
  readonly status: PolicyStatus
}

export const createReads = ({ storage, bundles }: PolicyParts) => {
  const { db } = storage
  return {
    /** By name. */
    async list(
      tenantId: string,
      query: QueryOf<typeof listPolicies>,
    ): Promise<Result<ReplyOf<typeof listPolicies>, 'request_malformed'>> {
      const plan = planPage(query, 'name')
      if (!plan.ok) return plan
      const { limit, after } = plan.value
      return ok(toPage(await loadPolicies(db, tenantId, limit, after), limit, ({ name }) => name, toPolicy))
    },

    /** By its id, or else by its name. */
    async read(tenantId: string, idOrName: string): Promise<Result<Policy, 'not_found'>> {
      const row = (await loadPolicy(db, tenantId, idOrName)) ?? (await loadPolicyByName(db, tenantId, idOrName))
      return row === undefined ? refuse('not_found') : ok(toPolicy(row))
    },

    /** Newest first. */
    async listRevisions(
      tenantId: string,
      policyId: string,
      query: QueryOf<typeof listRevisions>,
    ): Promise<Result<ReplyOf<typeof listRevisions>, 'not_found' | 'request_malformed'>> {
      const plan = planPage(query, 'number')
      if (!plan.ok) return plan
      const policy = await loadPolicy(db, tenantId, policyId)
      if (policy === undefined) return refuse('not_found')
      const { limit, after } = plan.value
      const rows = await loadRevisions(db, tenantId, policy.policy_no, limit, after)
      return ok(toPage(rows, limit, ({ number }) => number, toRevision))
    },

    async readRevision(tenantId: string, revisionId: string): Promise<Result<Revision, 'not_found'>> {
      const row = await loadRevision(db, tenantId, revisionId)
      return row === undefined ? refuse('not_found') : ok(toRevision(row))
    },

    /** Newest first. */
    async listGenerations(
      tenantId: string,
      query: QueryOf<typeof listGenerations>,
    ): Promise<Result<ReplyOf<typeof listGenerations>, 'request_malformed'>> {
      const plan = planPage(query, 'number')
      if (!plan.ok) return plan
      const { limit, after } = plan.value
      const rows = await loadGenerations(db, tenantId, query.policyId, limit, after)
      return ok(toPage(rows, limit, ({ number }) => number, toGeneration))
    },

    /** With its canonical bytes. */
    async readGeneration(
      tenantId: string,
      generation: string,
    ): Promise<Result<ReplyOf<typeof readGeneration>, 'not_found'>> {
      const row = await loadGeneration(db, tenantId, numberOf(generation), generation)
      if (row === undefined) return refuse('not_found')
      return ok({ ...toGeneration(row), bundle: Buffer.from(row.bundle).toString('utf8') })
    },

    /** Counts, among these devices, those the policy reaches. */
    async adoption(
      tenantId: string,
      policyId: string,
      devices: Iterable<AdoptingDevice>,
    ): Promise<Result<ReplyOf<typeof policyAdoption>, 'not_found'>> {
      const policy = await loadPolicy(db, tenantId, policyId)
      if (policy === undefined) return refuse('not_found')
      const counts = { current: 0, pending: 0, refused: 0, unknown: 0 }
      for (const { groupNos, sensorVersion, status } of devices) {
        if (bundles.bundleFor(tenantId, groupNos, sensorVersion)?.policyId !== policyId) continue
        counts[status === 'local' ? 'unknown' : status] += 1
      }
      const { generation } = policy
      const published =
        generation === null ? undefined : await loadGeneration(db, tenantId, numberOf(generation), generation)
      return ok({
        policyId,
        generation,
        devices: counts.current + counts.pending + counts.refused + counts.unknown,
        ...counts,
        publishedAt: published === undefined ? null : toIso(published.published_ms),
      })
    },
  }
}
