// What the policy feature needs from the rest of the house, and on whose behalf it acts.
// Put together once, in an app.
import type { AuditStatement } from '@muster/contract'
import type { Bounds } from '@muster/identity'
import { type Clock, type Log, type Result, toIso } from '@muster/kernel'
import type { Storage, Tx } from '@muster/storage'
import type { CapabilitySet } from './bundle/capability.ts'
import type { BundleDirectory } from './directory.ts'
import type { Examiner } from './document/examine-aside.ts'
import type { PolicyTables } from './tables.ts'

/** On whose behalf, and within which request; goes into the audit history as it is. */
export interface By {
  readonly actor: AuditStatement['actor']
  readonly requestId: string
}

/** What the author's role allows beyond the route itself. */
export interface AuthorRights {
  /** The capability `policy:scan-scope` (sensor-protocol D27). */
  readonly mayWidenScan: boolean
}

export interface GroupName {
  readonly groupNo: number
  readonly id: string
  readonly name: string
}

/** Identity's groups, as far as assigning to them needs. */
export interface GroupBook {
  /** By id or name, in the order asked for; one that is missing refuses them all. */
  resolve(bounds: Bounds, idsOrNames: readonly string[]): Promise<Result<readonly GroupName[], 'not_found'>>
  named(tenantId: string, groupNos: readonly number[]): Promise<readonly GroupName[]>
}

export interface PolicyNeeds {
  readonly storage: Pick<Storage<PolicyTables>, 'db' | 'quick' | 'write'>
  /** Appends to the audit history in the same transaction as what is recorded; always the last step of it. */
  readonly audit: (tx: Tx, statements: readonly AuditStatement[]) => Promise<unknown>
  readonly groups: GroupBook
  readonly clock: Clock
  readonly log: Log
  /** From the richest to the base; those of this version unless told. */
  readonly capabilitySets?: readonly CapabilitySet[]
}

/** The needs with what the feature adds to them for its own parts. */
export interface PolicyParts extends Required<PolicyNeeds> {
  readonly examiner: Examiner
  readonly bundles: BundleDirectory
}

export const stateAudit = (
  { clock }: Pick<PolicyNeeds, 'clock'>,
  by: By,
  tenantId: string,
  said: Pick<AuditStatement, 'action' | 'target' | 'details'>,
): AuditStatement => ({
  tenantId,
  occurredAt: toIso(clock.nowMs()),
  actor: by.actor,
  requestId: by.requestId,
  outcome: 'success',
  ...said,
})
