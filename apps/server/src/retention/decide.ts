// Which days' data has to go, from the settings and the time. Pure.
// Deleting is each room's; when it is done is retention.ts.
import type { Settings } from '../settings/table.ts'

const dayMs = 24 * 3600 * 1000

export interface Cutoffs {
  readonly eventsBeforeMs: number
  readonly deadLettersBeforeMs: number
  readonly intervalsBeforeMs: number
  readonly findingsBeforeMs: number
  readonly auditBeforeMs: number
}

export const decideCutoffs = (settings: Settings, nowMs: number): Cutoffs => ({
  eventsBeforeMs: nowMs - settings['retention.events'] * dayMs,
  deadLettersBeforeMs: nowMs - settings['retention.deadLetters'] * dayMs,
  intervalsBeforeMs: nowMs - settings['retention.intervals'] * dayMs,
  findingsBeforeMs: nowMs - settings['retention.findings'] * dayMs,
  auditBeforeMs: nowMs - settings['retention.audit'] * dayMs,
})

export type PurgeCounts = Readonly<Record<string, number>>

/** What an audit entry says: only what really went. Null when nothing did. */
export const decideReport = (counts: PurgeCounts): PurgeCounts | null => {
  const gone = Object.entries(counts).filter(([, count]) => count > 0)
  return gone.length === 0 ? null : Object.fromEntries(gone)
}
