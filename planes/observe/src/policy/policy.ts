// The policy feature: documents in, bundles out, and who gets which (fleet-product 6).
// Handing a bundle to a device, and judging whether the device took it, is the device feature's.

import { createListAssignments, createReplaceAssignments } from './assign.ts'
import { CAPABILITY_SETS } from './bundle/capability.ts'
import { createBundleDirectory } from './directory.ts'
import { createExaminer } from './document/examine-aside.ts'
import type { PolicyNeeds, PolicyParts } from './needs.ts'
import { createDryRun, createPlan } from './plan/plan.ts'
import { createPublish, createRollback } from './publish.ts'
import { createReads } from './read.ts'
import { createSave, createValidate } from './save.ts'

export type Policies = Awaited<ReturnType<typeof createPolicies>>

/** Has read what is in force when it resolves, so that the first device to ask gets its bundle. */
export const createPolicies = async (needs: PolicyNeeds) => {
  const known = { capabilitySets: CAPABILITY_SETS, ...needs }
  const parts: PolicyParts = { ...known, examiner: createExaminer(), bundles: await createBundleDirectory(known) }
  return {
    validate: createValidate(parts),
    plan: createPlan(parts),
    dryRun: createDryRun(parts),
    save: createSave(parts),
    publish: createPublish(parts),
    rollback: createRollback(parts),
    listAssignments: createListAssignments(parts),
    replaceAssignments: createReplaceAssignments(parts),
    ...createReads(parts),
    bundles: parts.bundles,
    async close(): Promise<void> {
      await parts.examiner.close()
      await parts.bundles.close()
    },
  }
}
