// Putting bytes in force: publishing a revision, and going back to what was in force before (fleet-product 6.4, 6.7).
// Who gets them once they are in force is assign.ts; devices are told by the directory.
import type { BodyOf, publishRevision, ReplyOf, rollbackPolicy } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'
import type { Tx } from '@muster/storage'
import { namesOfTargets, storePublishedTo } from './assign.ts'
import { BASE_CAPABILITY } from './bundle/capability.ts'
import { compileBundle, type DroppedRule } from './bundle/compile.ts'
import { decideGenerations, type GenerationInForce } from './decide.ts'
import { widensScan } from './document/read-watch.ts'
import {
  findGeneration,
  insertGeneration,
  loadBundlesAt,
  loadInForce,
  type PublishedBundle,
} from './generation-store.ts'
import { type AuthorRights, type By, type PolicyParts, stateAudit } from './needs.ts'
import { examineFor } from './save.ts'
import { beginChange, loadRevision, markPublished, type PolicyDb } from './store.ts'
import { readDroppedRules } from './view.ts'

type Published = ReplyOf<typeof publishRevision>

interface Publication {
  readonly by: By
  readonly tenantId: string
  readonly policyNo: number
  readonly policyId: string
  readonly revisionNo: number
  readonly revisionId: string
  readonly bundles: readonly PublishedBundle[]
}

const nothingInForce: ReadonlyMap<string, GenerationInForce> = new Map()

/** Validates the revision once more with the rights of whoever publishes it, compiles it, and puts it in force. */
export const createPublish =
  (parts: PolicyParts) =>
  async (
    by: By,
    tenantId: string,
    rights: AuthorRights,
    revisionId: string,
    body: BodyOf<typeof publishRevision>,
  ): Promise<Result<Published, 'not_found' | 'policy_invalid'>> => {
    const db: PolicyDb = parts.storage.db
    const revision = await loadRevision(db, tenantId, revisionId)
    if (revision === undefined) return refuse('not_found')
    const { document, errors } = await examineFor(parts, revision.yaml, rights)
    if (document === null) return refuse('policy_invalid', undefined, errors)
    const groups = await parts.groups.resolve(tenantId, body.groups ?? [])
    if (!groups.ok) return groups
    const { policy_no: policyNo, policy_id: policyId, revision_no: revisionNo } = revision
    const bundles = parts.capabilitySets.map((set) => compileBundle(document, set))
    const publication = { by, tenantId, policyNo, policyId, revisionNo, revisionId, bundles: bundles.map(toPublished) }
    const groupNos = groups.value.map(({ groupNo }) => groupNo)
    const published = await parts.storage.write(async (tx) => {
      const inForce = await loadInForceInTurn(tx, publication)
      const stored = await storePublication(parts, tx, publication, inForce)
      const targets = await storePublishedTo(tx, tenantId, policyNo, groupNos)
      const reply = { ...stored, assignedTo: await namesOfTargets(parts, tenantId, targets) }
      await recordPublication(parts, tx, 'policy.published', publication, reply, {
        scanScope: widensScan(document.watch),
      })
      return reply
    })
    await parts.bundles.refresh()
    return ok(published)
  }
