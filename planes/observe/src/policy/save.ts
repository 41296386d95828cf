// Judging a document and keeping it as a draft: the first half of a policy's way (fleet-product 6.1).
// Publishing what was kept is publish.ts.
import type { BodyOf, ReplyOf, Rule, savePolicy, validatePolicy } from '@muster/contract'
import { ID_PREFIX } from '@muster/contract'
import { newId, ok, type Result, refuse } from '@muster/kernel'
import type { Bundle } from './bundle/bundle.ts'
import { authoringVocabulary } from './bundle/capability.ts'
import { presentExamination } from './check.ts'
import { adviseOnNewRules } from './document/advise.ts'
import type { Examination } from './document/examine.ts'
import { loadInForce } from './generation-store.ts'
import { type AuthorRights, type By, type PolicyParts, stateAudit } from './needs.ts'
import { beginChange, insertPolicy, insertRevision, loadPolicyByName, loadRevision } from './store.ts'
import { toPolicy, toRevision } from './view.ts'

/** Examines a document as this author may write it. */
export const examineFor = (parts: PolicyParts, yaml: string, rights: AuthorRights): Promise<Examination> =>
  parts.examiner.examine(yaml, {
    mayWidenScan: rights.mayWidenScan,
    vocabulary: authoringVocabulary(parts.capabilitySets),
  })

/** As `examineFor`, with the advice that needs to know which rules the policy of that name has in force. */
export const examineAgainstInForce = async (
  parts: PolicyParts,
  tenantId: string,
  yaml: string,
  rights: AuthorRights,
): Promise<Examination> => {
  const examined = await examineFor(parts, yaml, rights)
  if (examined.document === null) return examined
  const { name, rules, rulesPlace } = examined.document
  const advice = adviseOnNewRules(rules, rulesPlace, await loadRulesInForce(parts, tenantId, name))
  return { ...examined, warnings: [...examined.warnings, ...advice] }
}

/** Those of the richest bundle there is, since no other has all of them. */
const loadRulesInForce = async (
  { storage: { db }, capabilitySets }: PolicyParts,
  tenantId: string,
  name: string,
): Promise<readonly Rule[]> => {
  const policy = await loadPolicyByName(db, tenantId, name)
  if (policy === undefined) return []
  const bySet = await loadInForce(db, policy.policy_no)
  const inForce = capabilitySets.map((set) => bySet.get(set.name)).find((found) => found !== undefined)
  if (inForce === undefined) return []
  const bundle: Bundle = JSON.parse(Buffer.from(inForce.bundle).toString('utf8'))
  return bundle.rules
}

/** Every error and warning at once; what a base agent would receive when there are no errors. */
export const createValidate =
  (parts: PolicyParts) =>
  async (
    tenantId: string,
    rights: AuthorRights,
    body: BodyOf<typeof validatePolicy>,
  ): Promise<Result<ReplyOf<typeof validatePolicy>, never>> => {
    return ok(presentExamination(await examineAgainstInForce(parts, tenantId, body.yaml, rights)))
  }

/** A new revision of the policy that the document names, which is made if it is new. */
export const createSave =
  (parts: PolicyParts) =>
  async (
    by: By,
    tenantId: string,
    rights: AuthorRights,
    body: BodyOf<typeof savePolicy>,
  ): Promise<Result<ReplyOf<typeof savePolicy>, 'policy_invalid'>> => {
    const { document, errors, warnings } = await examineAgainstInForce(parts, tenantId, body.yaml, rights)
    if (document === null) return refuse('policy_invalid', undefined, errors)
    const { storage, clock, audit } = parts
    const [policyId, revisionId] = [newId(ID_PREFIX.policy), newId(ID_PREFIX.revision)]
    const createdMs = clock.nowMs()
    const source = { repository: body.source?.repository ?? null, commit: body.source?.commit ?? null }
    const revision = { tenantId, revisionId, yaml: body.yaml, source, createdBy: by.actor.id, createdMs }
    return storage.write(async (tx) => {
      await beginChange(tx, tenantId)
      const known = await loadPolicyByName(tx, tenantId, document.name)
      const policyNo =
        known?.policy_no ?? (await insertPolicy(tx, { tenantId, policyId, name: document.name, createdMs }))
      await insertRevision(tx, policyNo, document.description, revision)
      const [policy, saved] = [
        await loadPolicyByName(tx, tenantId, document.name),
        await loadRevision(tx, tenantId, revisionId),
      ]
      if (policy === undefined || saved === undefined)
        throw new Error(`save revision ${revisionId}: its rows are missing`)
      const target = { type: 'policy', id: policy.policy_id }
      const details = { name: document.name, revisionId, number: saved.number }
      await audit(tx, [stateAudit(parts, by, tenantId, { action: 'policy.saved', target, details })])
      return ok({ policy: toPolicy(policy), revision: toRevision(saved), warnings: [...warnings] })
    })
  }
