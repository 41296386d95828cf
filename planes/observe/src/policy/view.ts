// Rows of policies as operators see them.
// Which rows are read is the stores' business.
import type { Generation, Policy, Revision } from '@muster/contract'
import { toIso } from '@muster/kernel'
import type { DroppedRule } from './bundle/compile.ts'
import type { GenerationRow } from './generation-store.ts'
import type { PolicyRow, RevisionRow } from './store.ts'

export const toPolicy = (row: PolicyRow): Policy => ({
  id: row.policy_id,
  name: row.name,
  description: row.description,
  latestRevisionId: row.latest_revision_id,
  publishedRevisionId: row.published_revision_id,
  generation: row.generation,
  createdAt: toIso(row.created_ms),
  version: row.version,
})

export const toRevision = (row: RevisionRow): Revision => ({
  id: row.revision_id,
  policyId: row.policy_id,
  number: row.number,
  status: row.status,
  yaml: row.yaml,
  source: { repository: row.source_repository, commit: row.source_commit },
  createdBy: row.created_by,
  createdAt: toIso(row.created_ms),
})

export const readDroppedRules = (row: Pick<GenerationRow, 'dropped_rules'>): DroppedRule[] =>
  JSON.parse(row.dropped_rules)

export const toGeneration = (row: GenerationRow): Generation => ({
  generation: row.generation,
  policyId: row.policy_id,
  revisionId: row.revision_id,
  capabilitySet: row.capability_set,
  sha256: row.sha256,
  byteCount: row.byte_count,
  droppedRules: readDroppedRules(row),
  publishedBy: row.published_by,
  publishedAt: toIso(row.published_ms),
})
