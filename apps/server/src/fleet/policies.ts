// Policies for operators: judge, save, publish, roll back, assign, and see who has taken them.
// What a document means and who gets which bundle is the observe plane's.
import {
  credentialMay,
  dryRunRevision,
  listAssignments,
  listGenerations,
  listPolicies,
  listRevisions,
  planPolicy,
  policyAdoption,
  publishRevision,
  readGeneration,
  readPolicy,
  readRevision,
  replaceAssignments,
  rollbackPolicy,
  savePolicy,
  validatePolicy,
} from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Bounds, KnownOperator } from '@muster/identity'
import type { AdoptingDevice, PlannedFleet, Policies } from '@muster/observe'
import { by, versionOf } from './operator.ts'

export interface PolicyNeeds {
  readonly policies: Policies
  /** The fleet as a plan sees it, for this operator. */
  readonly planned: (operator: KnownOperator) => Promise<PlannedFleet>
  /** Every active device within the bounds, as far as policies go. */
  readonly adopters: (bounds: Bounds) => Promise<readonly AdoptingDevice[]>
}

const rightsOf = (speaker: KnownOperator) => ({ mayWidenScan: credentialMay(speaker, 'policy:scan-scope') })

export const servePolicies = (needs: PolicyNeeds): readonly Served<KnownOperator>[] => [
  ...servePlanning(needs),
  ...serveWriting(needs),
  ...serveReading(needs),
]

const servePlanning = ({ policies, planned }: PolicyNeeds): readonly Served<KnownOperator>[] => [
  serve<typeof planPolicy, KnownOperator>(planPolicy, async ({ speaker, body }) =>
    policies.plan(speaker.tenantId, rightsOf(speaker), body, await planned(speaker)),
  ),
  serve<typeof dryRunRevision, KnownOperator>(dryRunRevision, async ({ speaker, params, body }) =>
    policies.dryRun(speaker.tenantId, rightsOf(speaker), params.id, body, await planned(speaker)),
  ),
]

const serveWriting = ({ policies }: PolicyNeeds): readonly Served<KnownOperator>[] => [
  serve<typeof validatePolicy, KnownOperator>(validatePolicy, ({ speaker, body }) =>
    policies.validate(speaker.tenantId, rightsOf(speaker), body),
  ),
  serve<typeof savePolicy, KnownOperator>(savePolicy, (said) =>
    policies.save(by(said), said.speaker.tenantId, rightsOf(said.speaker), said.body),
  ),
  serve<typeof publishRevision, KnownOperator>(publishRevision, async (said) => {
    const { speaker, params, body } = said
    const version = versionOf(said)
    if (!version.ok) return version
    return policies.publish(by(said), speaker.tenantId, rightsOf(speaker), params.id, version.value, body)
  }),
  serve<typeof rollbackPolicy, KnownOperator>(rollbackPolicy, async (said) => {
    const version = versionOf(said)
    if (!version.ok) return version
    return policies.rollback(by(said), said.speaker.tenantId, said.params.id, version.value, said.body)
  }),
  serve<typeof replaceAssignments, KnownOperator>(replaceAssignments, async (said) => {
    const version = versionOf(said)
    if (!version.ok) return version
    return policies.replaceAssignments(by(said), said.speaker.tenantId, version.value, said.body)
  }),
]

const serveReading = ({ policies, adopters }: PolicyNeeds): readonly Served<KnownOperator>[] => [
  serve<typeof listPolicies, KnownOperator>(listPolicies, ({ speaker, query }) =>
    policies.list(speaker.tenantId, query),
  ),
  serve<typeof readPolicy, KnownOperator>(readPolicy, ({ speaker, params }) =>
    policies.read(speaker.tenantId, params.id),
  ),
  serve<typeof listRevisions, KnownOperator>(listRevisions, ({ speaker, params, query }) =>
    policies.listRevisions(speaker.tenantId, params.id, query),
  ),
  serve<typeof readRevision, KnownOperator>(readRevision, ({ speaker, params }) =>
    policies.readRevision(speaker.tenantId, params.id),
  ),
  serve<typeof listAssignments, KnownOperator>(listAssignments, ({ speaker }) => policies.listAssignments(speaker)),
  serve<typeof listGenerations, KnownOperator>(listGenerations, ({ speaker, query }) =>
    policies.listGenerations(speaker.tenantId, query),
  ),
  serve<typeof readGeneration, KnownOperator>(readGeneration, ({ speaker, params }) =>
    policies.readGeneration(speaker.tenantId, params.generation),
  ),
  serve<typeof policyAdoption, KnownOperator>(policyAdoption, async ({ speaker, params }) =>
    policies.adoption(speaker.tenantId, params.id, await adopters(speaker)),
  ),
]
