// Findings: rule hits grouped by device, surface, item and rule (fleet-product 8.1).
// Reviewing them comes later; here they are read.
import { z } from 'zod'
import { declare } from '../route.ts'
import { SEVERITIES } from '../severity.ts'
import { ById, fleetPrefix, listOf, Paging, Time, TimeOrNull } from './shapes.ts'

export const FINDING_STATES = ['open', 'resolved'] as const
export type FindingState = (typeof FINDING_STATES)[number]
/** Why a finding was resolved (fleet-product 8.2); those an operator chooses come with the review actions. */
export const RESOLUTIONS = ['device_retired'] as const
export type Resolution = (typeof RESOLUTIONS)[number]

export const Finding = z.strictObject({
  id: z.string(),
  deviceId: z.string(),
  hostname: z.string(),
  surface: z.string(),
  itemId: z.string(),
  itemName: z.string(),
  ruleId: z.string(),
  source: z.enum(['agent']),
  title: z.string(),
  rationale: z.string(),
  severity: z.enum(SEVERITIES),
  evidence: z.strictObject({
    path: z.string().nullable(),
    detail: z.string().nullable(),
    matchedField: z.string().nullable(),
    matchedValue: z.string().nullable(),
  }),
  count: z.int(),
  state: z.enum(FINDING_STATES),
  resolution: z.enum(RESOLUTIONS).nullable(),
  resolvedAt: TimeOrNull,
  resolvedBy: z.string().nullable(),
  /** How often it was resolved and then hit again. */
  reopenCount: z.int(),
  itemPresent: z.boolean(),
  firstObservedAt: Time,
  lastObservedAt: Time,
  version: z.int(),
})
export type Finding = z.infer<typeof Finding>

export const listFindings = declare({
  method: 'GET',
  path: `${fleetPrefix}/findings`,
  summary: 'Findings, newest observation first.',
  speaker: 'operator',
  may: 'fleet:read',
  query: z.strictObject({
    ...Paging,
    deviceId: z.string().max(128).optional(),
    state: z.enum(FINDING_STATES).optional(),
    severity: z.enum(SEVERITIES).optional(),
    ruleId: z.string().max(128).optional(),
    surface: z.string().max(128).optional(),
  }),
  reply: listOf(Finding),
  refusals: [],
})

export const readFinding = declare({
  method: 'GET',
  path: `${fleetPrefix}/findings/{id}`,
  summary: 'One finding.',
  speaker: 'operator',
  may: 'fleet:read',
  params: ById,
  reply: Finding,
  refusals: ['not_found'],
})
