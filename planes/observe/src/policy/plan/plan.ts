// What publishing would change, of a text or of a revision, by the same decisions that publishing takes (fleet-product
// 6.6, 6.7). Nothing is written.
import type { BodyOf, dryRunRevision, PolicyPlan, planPolicy, Rule, RuleTrial } from '@muster/contract'
import { wholeTenant } from '@muster/identity'
import { ok, type Result, refuse } from '@muster/kernel'
import { namesOf } from '../assign.ts'
import { loadAssigned } from '../assignment-store.ts'
import type { Bundle } from '../bundle/bundle.ts'
import { BASE_CAPABILITY } from '../bundle/capability.ts'
import { type CompiledBundle, compileBundle } from '../bundle/compile.ts'
import { type Assigned, decideOwnBundles, decidePublishedTo } from '../decide.ts'
import { loadInForce, loadPublishedNos } from '../generation-store.ts'
import type { AuthorRights, PolicyParts } from '../needs.ts'
import { examineAgainstInForce } from '../save.ts'
import { loadPolicyByName, loadRevision, type PolicyRow } from '../store.ts'
import { compareBundles, type ReachableDevice, setReached } from './decide.ts'
import { unifiedDiff } from './text-diff.ts'

export type Planned = Result<PolicyPlan, 'not_found' | 'policy_invalid'>

/** The fleet as far as a plan looks at it, for whoever asks. */
export interface PlannedFleet {
  readonly devices: readonly (ReachableDevice & { readonly deviceNo: number })[]
  /** What rules would find on these devices in place of those before. */
  tryRules(deviceNos: readonly number[], before: readonly Rule[], after: readonly Rule[]): Promise<RuleTrial>
}

/** Stands for a policy that is not there yet; numbers of policies begin at one. */
const unborn = 0

/** As `publish` would treat this document, for whoever may publish it with these rights. */
export const createPlan =
  (parts: PolicyParts) =>
  async (
    tenantId: string,
    rights: AuthorRights,
    body: BodyOf<typeof planPolicy>,
    fleet: PlannedFleet,
  ): Promise<Planned> => {
    const { document, errors, warnings } = await examineAgainstInForce(parts, tenantId, body.yaml, rights)
    if (document === null) return refuse('policy_invalid', undefined, errors)
    const groups = await parts.groups.resolve(wholeTenant(tenantId), body.groups ?? [])
    if (!groups.ok) return groups
    const policy = await loadPolicyByName(parts.storage.db, tenantId, document.name)
    const compiled = parts.capabilitySets.map((set) => compileBundle(document, set))
    const groupNos = groups.value.map(({ groupNo }) => groupNo)
    const { assigned, assignedTo } = await planTargets(parts, tenantId, policy, groupNos)
    const { reachedNos, before, after, ...planned } = await planBundles(
      parts,
      policy,
      compiled,
      fleet.devices,
      assigned,
    )
    return ok({
      policyName: document.name,
      policyId: policy?.policy_id ?? null,
      version: policy?.version ?? 0,
      publishedRevisionId: policy?.published_revision_id ?? null,
      warnings: [...warnings],
      textDiff: unifiedDiff(await loadPublishedText(parts, tenantId, policy), body.yaml),
      ...planned,
      assignedTo,
      trial: body.tryRules === true ? await fleet.tryRules(reachedNos, before?.rules ?? [], after.rules) : null,
    })
  }

/** As `createPlan`, of a text that was kept, with its rules tried. */
export const createDryRun =
  (parts: PolicyParts) =>
  async (
    tenantId: string,
    rights: AuthorRights,
    revisionId: string,
    body: BodyOf<typeof dryRunRevision>,
    fleet: PlannedFleet,
  ): Promise<Planned> => {
    const revision = await loadRevision(parts.storage.db, tenantId, revisionId)
    return revision === undefined
      ? refuse('not_found')
      : createPlan(parts)(tenantId, rights, { ...body, yaml: revision.yaml, tryRules: true }, fleet)
  }

const loadPublishedText = async (
  { storage }: PolicyParts,
  tenantId: string,
  policy: PolicyRow | undefined,
): Promise<string> => {
  const revisionId = policy?.published_revision_id ?? null
  return revisionId === null ? '' : ((await loadRevision(storage.db, tenantId, revisionId))?.yaml ?? '')
}

/** Where the policy goes now and where it would go; what is assigned then, without policies that reach nobody. */
const planTargets = async (
  parts: PolicyParts,
  tenantId: string,
  policy: PolicyRow | undefined,
  groupNos: readonly number[],
) => {
  const { db } = parts.storage
  const policyNo = policy?.policy_no ?? unborn
  const before = await loadAssigned(db, tenantId)
  const after = decidePublishedTo(before, policyNo, groupNos)
  const published = await loadPublishedNos(db, tenantId)
  return {
    assigned: after.filter((one) => one.policyNo === policyNo || published.has(one.policyNo)),
    assignedTo: {
      before: await namesOf(parts, tenantId, before, policyNo),
      after: await namesOf(parts, tenantId, after, policyNo),
    },
  }
}

const readBundle = (bytes: Uint8Array | string): Bundle =>
  JSON.parse(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8'))

const planBundles = async (
  { storage, capabilitySets }: PolicyParts,
  policy: PolicyRow | undefined,
  compiled: readonly CompiledBundle[],
  devices: PlannedFleet['devices'],
  assigned: readonly Assigned[],
) => {
  const policyNo = policy?.policy_no ?? unborn
  const inForce = await loadInForce(storage.db, policyNo)
  const own = decideOwnBundles(compiled, BASE_CAPABILITY.name, inForce)
  const withBundle = new Set(own.map(({ capabilitySet }) => capabilitySet))
  const reached = devices.map((device) => setReached(device, policyNo, assigned, capabilitySets, withBundle))
  const bundles = own.map(({ capabilitySet, sha256, byteCount, droppedRules }) => ({
    capabilitySet,
    sha256,
    byteCount,
    unchanged: inForce.get(capabilitySet)?.sha256 === sha256,
    devices: reached.filter((set) => set === capabilitySet).length,
    droppedRules: [...droppedRules],
  }))
  // The richest has every rule; a set without bytes of its own follows the base.
  const richest = capabilitySets.map(({ name }) => inForce.get(name)).find((found) => found !== undefined)
  const [first] = compiled
  if (first === undefined) throw new Error('plan a policy: there is no kind of agent')
  const [before, after] = [richest === undefined ? null : readBundle(richest.bundle), readBundle(first.text)]
  return {
    drift: bundles.some(({ unchanged }) => !unchanged),
    changes: compareBundles(before, after),
    bundles,
    reachedNos: devices.flatMap(({ deviceNo }, at) => (reached[at] === null ? [] : deviceNo)),
    before,
    after,
  }
}
