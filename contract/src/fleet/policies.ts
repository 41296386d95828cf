// Policies: YAML in, canonical bundles out, generations, assignment, adoption (fleet-product 6).
// The rules of validation and compilation live in the observe plane.
import { z } from 'zod'
import { declare } from '../route.ts'
import { ById, fleetPrefix, Label, listOf, Paging, Time, TimeOrNull } from './shapes.ts'

export const PolicyFault = z.strictObject({
  /** JSON pointer into the document. */
  path: z.string(),
  line: z.int(),
  column: z.int(),
  code: z.string(),
  message: z.string(),
})
export type PolicyFault = z.infer<typeof PolicyFault>

export const REVISION_STATUSES = ['draft', 'published', 'archived'] as const

export const Revision = z.strictObject({
  id: z.string(),
  policyId: z.string(),
  number: z.int(),
  status: z.enum(REVISION_STATUSES),
  yaml: z.string(),
  source: z.strictObject({ repository: z.string().nullable(), commit: z.string().nullable() }),
  createdBy: z.string(),
  createdAt: Time,
})
export type Revision = z.infer<typeof Revision>

export const Policy = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  latestRevisionId: z.string(),
  publishedRevisionId: z.string().nullable(),
  generation: z.string().nullable(),
  createdAt: Time,
  /** Counts what was put in force, for If-Match; saving a draft leaves it. */
  version: z.int().nonnegative(),
})
export type Policy = z.infer<typeof Policy>

export const Generation = z.strictObject({
  generation: z.string(),
  policyId: z.string(),
  revisionId: z.string(),
  capabilitySet: z.string(),
  sha256: z.string(),
  byteCount: z.int(),
  droppedRules: z.array(z.strictObject({ id: z.string(), surface: z.string(), reason: z.string() })),
  publishedBy: z.string(),
  publishedAt: Time,
})
export type Generation = z.infer<typeof Generation>

const yamlBytes = 1_000_000
export const policyYaml = z.string().max(yamlBytes)
const source = z.strictObject({
  repository: z.string().max(512).nullable().optional(),
  commit: z.string().max(128).nullable().optional(),
})
export const policyLimits = { bodyBytes: 4 * 1024 * 1024 }

export const validatePolicy = declare({
  method: 'POST',
  path: `${fleetPrefix}/policies:validate`,
  summary: 'Every error and warning of a policy document at once; nothing is saved.',
  speaker: 'operator',
  may: 'policies:draft',
  reads: true,
  body: z.strictObject({ yaml: policyYaml }),
  reply: z.strictObject({
    valid: z.boolean(),
    errors: z.array(PolicyFault),
    warnings: z.array(PolicyFault),
    /** The bundle a base agent would receive; null when there are errors. */
    bundle: z.strictObject({ sha256: z.string(), byteCount: z.int() }).nullable(),
  }),
  refusals: [],
  limits: policyLimits,
})

export const savePolicy = declare({
  method: 'POST',
  path: `${fleetPrefix}/policies`,
  summary: 'Save a document as a new revision of the policy its metadata names, creating the policy if new.',
  speaker: 'operator',
  may: 'policies:draft',
  body: z.strictObject({ yaml: policyYaml, source: source.optional() }),
  reply: z.strictObject({ policy: Policy, revision: Revision, warnings: z.array(PolicyFault) }),
  status: 201,
  refusals: ['policy_invalid'],
  limits: policyLimits,
})

export const listPolicies = declare({
  method: 'GET',
  path: `${fleetPrefix}/policies`,
  summary: 'Policies by name.',
  speaker: 'operator',
  may: 'fleet:read',
  query: z.strictObject(Paging),
  reply: listOf(Policy),
  refusals: [],
})

export const readPolicy = declare({
  method: 'GET',
  path: `${fleetPrefix}/policies/{id}`,
  summary: 'One policy, by its id or its name.',
  speaker: 'operator',
  may: 'fleet:read',
  params: ById,
  reply: Policy,
  refusals: ['not_found'],
})

export const listRevisions = declare({
  method: 'GET',
  path: `${fleetPrefix}/policies/{id}/revisions`,
  summary: 'Revisions of a policy, newest first.',
  speaker: 'operator',
  may: 'fleet:read',
  params: ById,
  query: z.strictObject(Paging),
  reply: listOf(Revision),
  refusals: ['not_found'],
})

export const readRevision = declare({
  method: 'GET',
  path: `${fleetPrefix}/revisions/{id}`,
  summary: 'One revision with its document.',
  speaker: 'operator',
  may: 'fleet:read',
  params: ById,
  reply: Revision,
  refusals: ['not_found'],
})

const Published = z.strictObject({
  generation: z.string(),
  policyId: z.string(),
  revisionId: z.string(),
  sha256: z.string(),
  /** True when the bytes equal the generation already in force, so no agent restarts. */
  unchanged: z.boolean(),
  assignedTo: z.array(z.string()),
  droppedRules: Generation.shape.droppedRules,
  /** The version of the policy from now on. */
  version: z.int(),
})

export const publishRevision = declare({
  method: 'POST',
  path: `${fleetPrefix}/revisions/{id}:publish`,
  summary:
    'Compile a revision into a generation and assign it: to the named groups, else to the whole tenant. If-Match names the version of its policy.',
  speaker: 'operator',
  may: 'policies:publish',
  params: ById,
  body: z.strictObject({ groups: z.array(Label).max(64).optional() }),
  reply: Published,
  precondition: 'if-match',
  refusals: ['not_found', 'policy_invalid', 'version_missing', 'version_stale'],
})

export const rollbackPolicy = declare({
  method: 'POST',
  path: `${fleetPrefix}/policies/{id}:rollback`,
  summary: 'Publish the bytes of an earlier generation under a new one.',
  speaker: 'operator',
  may: 'policies:publish',
  params: ById,
  body: z.strictObject({ generation: z.string().min(1).max(128) }),
  reply: Published,
  precondition: 'if-match',
  refusals: ['not_found', 'version_missing', 'version_stale'],
})

export const Assignment = z.strictObject({
  policyId: z.string(),
  /** Null for the tenant default. */
  group: z.string().nullable(),
  /** Higher wins when a device is in several groups; the default has 0. */
  priority: z.int(),
})
export type Assignment = z.infer<typeof Assignment>

/** They change together, so they have one version together; 0 says that nobody assigned anything yet. */
const Assignments = z.strictObject({
  items: z.array(Assignment),
  nextCursor: z.null(),
  version: z.int().nonnegative(),
})

export const listAssignments = declare({
  method: 'GET',
  path: `${fleetPrefix}/assignments`,
  summary: 'Which policy goes to which group, highest priority first.',
  speaker: 'operator',
  may: 'fleet:read',
  query: z.strictObject({}),
  reply: Assignments,
  refusals: [],
})

export const replaceAssignments = declare({
  method: 'PUT',
  path: `${fleetPrefix}/assignments`,
  summary: 'Replace all assignments at once.',
  speaker: 'operator',
  may: 'policies:publish',
  body: z.strictObject({
    items: z
      .array(z.strictObject({ policyId: z.string(), group: z.string().nullable(), priority: z.int().min(0).max(1e6) }))
      .max(500),
  }),
  reply: Assignments,
  precondition: 'if-match',
  refusals: ['not_found', 'priority_taken', 'version_missing', 'version_stale'],
})

export const listGenerations = declare({
  method: 'GET',
  path: `${fleetPrefix}/generations`,
  summary: 'Published generations, newest first.',
  speaker: 'operator',
  may: 'fleet:read',
  query: z.strictObject({ ...Paging, policyId: z.string().max(128).optional() }),
  reply: listOf(Generation),
  refusals: [],
})

export const readGeneration = declare({
  method: 'GET',
  path: `${fleetPrefix}/generations/{generation}`,
  summary: 'One generation with its canonical bytes.',
  speaker: 'operator',
  may: 'fleet:read',
  params: z.strictObject({ generation: z.string().min(1).max(128) }),
  reply: z.strictObject({ ...Generation.shape, bundle: z.string() }),
  refusals: ['not_found'],
})

export const policyAdoption = declare({
  method: 'GET',
  path: `${fleetPrefix}/policies/{id}/adoption`,
  summary: 'How many of the devices it is assigned to have it in force.',
  speaker: 'operator',
  may: 'fleet:read',
  params: ById,
  reply: z.strictObject({
    policyId: z.string(),
    generation: z.string().nullable(),
    devices: z.int(),
    current: z.int(),
    pending: z.int(),
    refused: z.int(),
    unknown: z.int(),
    publishedAt: TimeOrNull,
  }),
  refusals: ['not_found'],
})
