// How rule hits become findings: one finding per device, surface, item and rule, however often it is hit.
// Reviewing findings comes later; the grouping key never changes (fleet-product 8.1).
import type { FindingEvidence, ReportedFinding, Severity } from '@muster/contract'

export interface Finding {
  readonly title: string
  readonly rationale: string
  readonly severity: Severity
  readonly itemName: string
  readonly evidence: FindingEvidence
  readonly count: number
  readonly firstObservedMs: number
  readonly lastObservedMs: number
}

/** The finding after one more hit: counted, and showing the newest observation. */
export const groupHit = (finding: Finding | undefined, hit: ReportedFinding, observedMs: number): Finding => {
  if (finding !== undefined && observedMs < finding.lastObservedMs)
    return {
      ...finding,
      count: finding.count + 1,
      firstObservedMs: Math.min(finding.firstObservedMs, observedMs),
    }
  return {
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
