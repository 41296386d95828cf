// The tables of policies as Kysely sees them; only this folder writes them.
// Their definitions in SQL are in migrations.ts.
import type { REVISION_STATUSES } from '@muster/contract'
import type { Generated } from 'kysely'

export interface PolicyTables {
  observe_policy_tenant: PolicyTenantTable
  observe_policy: PolicyTable
  observe_revision: RevisionTable
  observe_generation: GenerationTable
  observe_bundle: BundleTable
  observe_assignment: AssignmentTable
}

interface PolicyTenantTable {
  tenant_id: string
  /** Number of the last generation; numbers are never used twice. */
  last_number: number
  /** Grows with everything that can change what a device is served; what readers in memory look at. */
  changes: number
  /** Grows with every change of who gets which policy; what operators name with If-Match. */
  assignments_version: Generated<number>
}

interface PolicyTable {
  policy_no: Generated<number>
  policy_id: string
  tenant_id: string
  name: string
  description: string
  created_ms: number
  /** Number of the latest revision. */
  revision_count: number
  published_revision_no: number | null
  /** Counts what was put in force; what operators name with If-Match. */
  version: Generated<number>
}

export type RevisionStatus = (typeof REVISION_STATUSES)[number]

interface RevisionTable {
  revision_no: Generated<number>
  revision_id: string
  tenant_id: string
  policy_no: number
  number: number
  status: RevisionStatus
  yaml: string
  source_repository: string | null
  source_commit: string | null
  created_by: string
  created_ms: number
}

interface GenerationTable {
  tenant_id: string
  number: number
  generation: string
  policy_no: number
  revision_no: number
  /** The value of `changes` at which it was published; bundles published together share it. */
  published_at_change: number
  capability_set: string
  sha256: string
  bundle: Uint8Array
  /** JSON list of dropped rules. */
  dropped_rules: string
  published_by: string
  published_ms: number
}

/** Which generation is in force, for each policy and capability set. */
interface BundleTable {
  policy_no: number
  capability_set: string
  tenant_id: string
  number: number
}

interface AssignmentTable {
  tenant_id: string
  /** Identity's number of the group, which start at one; 0 is the tenant default. */
  group_no: number
  policy_no: number
  priority: number
}
