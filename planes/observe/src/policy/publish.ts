// Putting bytes in force: publishing a revision, and going back to what was in force before (fleet-product 6.4, 6.7).
// Who gets them is assign.ts; devices learn of them through the directory.
import type { BodyOf, publishRevision, ReplyOf, rollbackPolicy } from '@muster/contract'
import { wholeTenant } from '@muster/identity'
import { ok, type Result, refuse } from '@muster/kernel'
import { loadTargetNames, publishTo } from './assign.ts'
import { BASE_CAPABILITY } from './bundle/capability.ts'
import { compileBundle } from './bundle/compile.ts'
import {
  decideGenerations,
  decideOwnBundles,
  decideRestored,
  type GenerationInForce,
  type GenerationVerdict,
} from './decide.ts'
import { widensScan } from './document/read-watch.ts'
import {
  insertGeneration,
  loadBundlesAt,
  loadGeneration,
  loadInForce,
  numberOf,
  type PublishedBundle,
} from './generation-store.ts'
import { type AuthorRights, type By, type PolicyParts, stateAudit } from './needs.ts'
import { examineFor } from './save.ts'
import { beginChange, loadRevision, loadVersion, markPublished, type PolicyTx, type TenantState } from './store.ts'
import { readDroppedRules } from './view.ts'

type Published = ReplyOf<typeof publishRevision>

/** What is put in force, for whichever reason. */
interface Publication {
  readonly by: By
  readonly tenantId: string
  readonly policyNo: number
  readonly policyId: string
  readonly revisionNo: number
  readonly revisionId: string
}

/** The bundles of a publication, each beside what it was put in force as, and the version that this made of the policy. */
interface Outcome {
  readonly version: number
  readonly bundles: readonly PublishedBundle[]
  readonly verdicts: readonly GenerationVerdict[]
}

const nothingInForce: ReadonlyMap<string, GenerationInForce> = new Map()

/**
 * Validates the revision once more with the rights of whoever publishes it, compiles it, and puts it in force, if the
 * policy still has this version.
 */
export const createPublish =
  (parts: PolicyParts) =>
  async (
    by: By,
    tenantId: string,
    rights: AuthorRights,
    revisionId: string,
    version: number,
    body: BodyOf<typeof publishRevision>,
  ): Promise<Result<Published, 'not_found' | 'policy_invalid' | 'version_stale'>> => {
    const { db } = parts.storage
    const revision = await loadRevision(db, tenantId, revisionId)
    if (revision === undefined) return refuse('not_found')
    const { document, errors } = await examineFor(parts, revision.yaml, rights)
    if (document === null) return refuse('policy_invalid', undefined, errors)
    const groups = await parts.groups.resolve(wholeTenant(tenantId), body.groups ?? [])
    if (!groups.ok) return groups
    const { policy_no: policyNo, policy_id: policyId, revision_no: revisionNo } = revision
    const publication = { by, tenantId, policyNo, policyId, revisionNo, revisionId }
    const compiled = parts.capabilitySets.map((set) => toPublished(compileBundle(document, set)))
    const outcome = await parts.storage.write(async (tx) => {
      const state = await beginChange(tx, tenantId)
      if ((await loadVersion(tx, policyNo)) !== version) return refuse('version_stale')
      const inForce = await loadInForce(tx, policyNo)
      const bundles = decideOwnBundles(compiled, BASE_CAPABILITY.name, inForce)
      const decided = {
        bundles,
        verdicts: decideGenerations(bundles, inForce, state.lastNumber),
        version: version + 1,
      }
      await storePublication(parts, tx, publication, state, decided)
      const groupNos = groups.value.map(({ groupNo }) => groupNo)
      await publishTo(tx, tenantId, policyNo, groupNos)
      const groupIds = groups.value.map(({ id }) => id)
      const details = { groupIds, scanScope: widensScan(document.watch) }
      await recordPublication(parts, tx, 'policy.published', publication, decided, details)
      return ok(decided)
    })
    return outcome.ok ? conclude(parts, publication, outcome.value) : outcome
  }

/** Publishes the bytes that were in force with an earlier generation under new ones; assignments stay as they are. */
export const createRollback =
  (parts: PolicyParts) =>
  async (
    by: By,
    tenantId: string,
    policyId: string,
    version: number,
    body: BodyOf<typeof rollbackPolicy>,
  ): Promise<Result<Published, 'not_found' | 'version_stale'>> => {
    const { db } = parts.storage
    const row = await loadGeneration(db, tenantId, numberOf(body.generation), body.generation)
    if (row === undefined || row.policy_id !== policyId) return refuse('not_found')
    const { policy_no: policyNo, revision_no: revisionNo, revision_id: revisionId } = row
    const earlier = await loadBundlesAt(db, tenantId, policyNo, row.published_at_change)
    const restored = earlier.map((bundle) => ({
      capabilitySet: bundle.capability_set,
      sha256: bundle.sha256,
      bytes: bundle.bundle,
      droppedRules: readDroppedRules(bundle),
    }))
    const publication = { by, tenantId, policyNo, policyId, revisionNo, revisionId }
    const outcome = await parts.storage.write(async (tx) => {
      const state = await beginChange(tx, tenantId)
      if ((await loadVersion(tx, policyNo)) !== version) return refuse('version_stale')
      const bundles = decideRestored(restored, BASE_CAPABILITY.name, await loadInForce(tx, policyNo))
      const decided = {
        bundles,
        verdicts: decideGenerations(bundles, nothingInForce, state.lastNumber),
        version: version + 1,
      }
      await storePublication(parts, tx, publication, state, decided)
      const details = { rolledBackTo: body.generation }
      await recordPublication(parts, tx, 'policy.rolled_back', publication, decided, details)
      return ok(decided)
    })
    return outcome.ok ? conclude(parts, publication, outcome.value) : outcome
  }

const toPublished = ({ capabilitySet, sha256, text, droppedRules }: ReturnType<typeof compileBundle>) => ({
  capabilitySet,
  sha256,
  bytes: Buffer.from(text),
  droppedRules,
})

const storePublication = async (
  { clock }: PolicyParts,
  tx: PolicyTx,
  { tenantId, policyNo, revisionNo, by }: Publication,
  { change }: TenantState,
  { bundles, verdicts }: Outcome,
): Promise<void> => {
  const [publishedBy, publishedMs] = [by.actor.id, clock.nowMs()]
  for (const [at, bundle] of bundles.entries()) {
    const verdict = verdicts[at]
    if (verdict?.kind !== 'new') continue
    const { number, generation } = verdict
    const row = { tenantId, policyNo, revisionNo, change, number, generation, bundle, publishedBy, publishedMs }
    await insertGeneration(tx, row)
  }
  await markPublished(tx, policyNo, revisionNo)
}

const recordPublication = (
  parts: PolicyParts,
  tx: PolicyTx,
  action: string,
  { by, tenantId, policyId, revisionId }: Publication,
  { bundles, verdicts }: Outcome,
  more: Readonly<Record<string, unknown>>,
): Promise<unknown> => {
  const generations = verdicts.map(({ generation, kind, capabilitySet }, at) => ({
    capabilitySet,
    generation,
    sha256: bundles[at]?.sha256,
    unchanged: kind === 'kept',
  }))
  const target = { type: 'policy', id: policyId }
  return parts.audit(tx, [
    stateAudit(parts, by, tenantId, { action, target, details: { revisionId, generations, ...more } }),
  ])
}

/** Every process hears of it by looking; this one looks at once. */
const conclude = async (
  parts: PolicyParts,
  { tenantId, policyNo, policyId, revisionId }: Publication,
  { bundles, verdicts, version }: Outcome,
): Promise<Result<Published, never>> => {
  await parts.bundles.refresh()
  const at = bundles.findIndex(({ capabilitySet }) => capabilitySet === BASE_CAPABILITY.name)
  const [bundle, verdict] = [bundles[at], verdicts[at]]
  if (bundle === undefined || verdict === undefined) throw new Error(`publish ${revisionId}: no bundle for base agents`)
  parts.log.info('policy published', {
    'tenant.id': tenantId,
    'policy.id': policyId,
    'policy.generation': verdict.generation,
  })
  return ok({
    generation: verdict.generation,
    policyId,
    revisionId,
    sha256: bundle.sha256,
    unchanged: verdicts.every(({ kind }) => kind === 'kept'),
    assignedTo: await loadTargetNames(parts, tenantId, policyNo),
    droppedRules: [...bundle.droppedRules],
    version,
  })
}
