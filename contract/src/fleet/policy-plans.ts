// What publishing a document would change, said before anybody publishes it (fleet-product 6.6, policy as code in 6.7).
// Documents, revisions and publishing itself are policies.ts.
import { z } from 'zod'
import { declare } from '../route.ts'
import { Generation, PolicyFault, policyLimits, policyYaml } from './policies.ts'
import { ById, fleetPrefix, Label, Time } from './shapes.ts'

const RuleNamed = z.strictObject({ id: z.string(), surface: z.string() })

const SettingValue = z.union([z.number(), z.boolean(), z.string(), z.array(z.string())])

/** Of what agents are given, whatever the text around it looks like. */
export const PolicyChanges = z.strictObject({
  rules: z.strictObject({
    added: z.array(RuleNamed),
    removed: z.array(RuleNamed),
    /** With the parts that differ, such as `severity`. */
    changed: z.array(z.strictObject({ ...RuleNamed.shape, parts: z.array(z.string()) })),
    /** The rules that stay come in another order. */
    reordered: z.boolean(),
  }),
  /** How agents look and send, by the place in the bundle, such as `/watch/maxDepth`. */
  settings: z.array(z.strictObject({ path: z.string(), before: SettingValue, after: SettingValue })),
})
export type PolicyChanges = z.infer<typeof PolicyChanges>

const SampleFound = z.strictObject({
  deviceId: z.string(),
  hostname: z.string(),
  itemName: z.string(),
  version: z.string().nullable(),
  path: z.string(),
})

/** A rule that finds anything. */
const RuleFound = z.strictObject({
  ...RuleNamed.shape,
  severity: z.string(),
  matches: z.int(),
  devices: z.int(),
  /** Up to ten. */
  samples: z.array(SampleFound),
})

const FindingsLeft = z.strictObject({
  findings: z.int(),
  rules: z.array(z.strictObject({ ...RuleNamed.shape, findings: z.int() })),
  /** Ids of the ten newest. */
  samples: z.array(z.string()),
})
export type FindingsLeft = z.infer<typeof FindingsLeft>

/** The last 30 days told again under these rules; what a first scan brought is no change. */
export const RecentTrial = z.strictObject({
  since: Time,
  /** Findings that the changes of that time would have made: each item once for each rule. */
  matches: z.int(),
  /** There were more changes, or more findings, than were looked at. */
  isCut: z.boolean(),
  /** Most matches first. */
  rules: z.array(RuleFound),
  /** Findings of that time that these rules would not have made: their rule is gone or off, or matches the item no more. */
  notMade: FindingsLeft,
})
export type RecentTrial = z.infer<typeof RecentTrial>

export const RuleTrial = z.strictObject({
  /** How often rules for what is present match what is stored of the devices reached; all others wait for a change. */
  matches: z.int(),
  /** There is more than was counted. */
  isCut: z.boolean(),
  /** Those that match anything, most matches first. */
  rules: z.array(RuleFound),
  /** The ten with the most matches, each with up to ten of them. */
  devices: z.array(
    z.strictObject({ deviceId: z.string(), hostname: z.string(), matches: z.int(), samples: z.array(SampleFound) }),
  ),
  /** Open findings of rules that would be gone or off: nothing would tell any more that they are over. */
  orphaned: FindingsLeft,
  recent: RecentTrial,
})
export type RuleTrial = z.infer<typeof RuleTrial>

export const PolicyPlan = z.strictObject({
  policyName: z.string(),
  /** Null for a policy that is not there yet. */
  policyId: z.string().nullable(),
  /** Of the policy, for publishing with If-Match; 0 when nothing was put in force yet. */
  version: z.int().nonnegative(),
  publishedRevisionId: z.string().nullable(),
  /** Whether any agent would be given other bytes than now. */
  drift: z.boolean(),
  warnings: z.array(PolicyFault),
  changes: PolicyChanges,
  /** From the published text to this one, as a unified diff; empty when they are the same. */
  textDiff: z.string(),
  /** One for each kind of agent that gets bytes of its own. */
  bundles: z.array(
    z.strictObject({
      capabilitySet: z.string(),
      sha256: z.string(),
      byteCount: z.int(),
      /** The bytes are those in force already. */
      unchanged: z.boolean(),
      /** Active devices of this kind that it would reach. */
      devices: z.int(),
      droppedRules: Generation.shape.droppedRules,
    }),
  ),
  /** The groups it goes to, `default` for every device that no group's policy is for: now, and once it is published. */
  assignedTo: z.strictObject({ before: z.array(z.string()), after: z.array(z.string()) }),
  /** What its rules would find now; null unless asked for. */
  trial: RuleTrial.nullable(),
})
export type PolicyPlan = z.infer<typeof PolicyPlan>

const groups = z.array(Label).max(64).optional()

export const planPolicy = declare({
  method: 'POST',
  path: `${fleetPrefix}/policies:plan`,
  summary: 'What publishing a document, to these groups or to the whole tenant, would change; nothing is saved.',
  speaker: 'operator',
  may: 'policies:draft',
  reads: true,
  body: z.strictObject({ yaml: policyYaml, groups, tryRules: z.boolean().optional() }),
  reply: PolicyPlan,
  refusals: ['not_found', 'policy_invalid'],
  limits: policyLimits,
})

export const dryRunRevision = declare({
  method: 'POST',
  path: `${fleetPrefix}/revisions/{id}:dryRun`,
  summary:
    'What publishing a revision, to these groups or to the whole tenant, would change, and what its rules would find now; nothing is published.',
  speaker: 'operator',
  may: 'policies:draft',
  reads: true,
  params: ById,
  body: z.strictObject({ groups }),
  reply: PolicyPlan,
  refusals: ['not_found', 'policy_invalid'],
})
