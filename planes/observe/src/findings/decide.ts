// How rule hits become findings: one finding per device, surface, item and rule, however often it is hit.
// Reviewing findings comes later; the grouping key never changes (fleet-product 8.1).
import type { FindingEvidence, FindingState, ReportedFinding, Resolution, Severity } from '@muster/contract'

/** Where a finding stands in its review. */
export interface Standing {
  readonly state: FindingState
  readonly resolution: Resolution | null
  readonly resolvedMs: number | null
  readonly resolvedBy: string | null
  readonly reopenCount: number
  /** How often its state changed; with its hits this makes its version. */
  readonly transitions: number
}

export interface Finding extends Standing {
  readonly title: string
  readonly rationale: string
  readonly severity: Severity
  readonly itemName: string
  readonly evidence: FindingEvidence
  readonly count: number
  readonly firstObservedMs: number
  readonly lastObservedMs: number
}

const opened: Standing = {
  state: 'open',
  resolution: null,
  resolvedMs: null,
  resolvedBy: null,
  reopenCount: 0,
  transitions: 0,
}

/**
 * What a hit does to a finding that was resolved: its device was gone in between, and with it the item, so it is open
 * again (fleet-product 8.3).
 */
const reopen = (standing: Standing): Standing =>
  standing.state === 'open'
    ? standing
    : { ...opened, reopenCount: standing.reopenCount + 1, transitions: standing.transitions + 1 }

const standingOf = ({ state, resolution, resolvedMs, resolvedBy, reopenCount, transitions }: Standing): Standing => ({
  state,
  resolution,
  resolvedMs,
  resolvedBy,
  reopenCount,
  transitions,
})

/** The finding after one more hit: counted, and showing the newest observation. */
export const groupHit = (finding: Finding | undefined, hit: ReportedFinding, observedMs: number): Finding => {
  const standing = finding === undefined ? opened : reopen(standingOf(finding))
  if (finding !== undefined && observedMs < finding.lastObservedMs)
    return {
      ...finding,
      ...standing,
      count: finding.count + 1,
      firstObservedMs: Math.min(finding.firstObservedMs, observedMs),
    }
  return {
    ...standing,
    title: hit.title,
    rationale: hit.rationale,
    severity: hit.severity,
    itemName: hit.itemName,
    evidence: hit.evidence,
    count: (finding?.count ?? 0) + 1,
    firstObservedMs: finding?.firstObservedMs ?? observedMs,
    lastObservedMs: observedMs,
  }
}

/** What makes two hits the same finding, within one device. */
export const groupTextOf = (hit: Pick<ReportedFinding, 'surface' | 'itemId' | 'ruleId'>, source: 'agent'): string =>
  JSON.stringify([hit.surface, hit.itemId, hit.ruleId, source])
