// What `npm test` prints around its checks: a heading before each, and at the end who failed and how many tests ran.
// It turns outcomes into text; nothing is decided here but the words.
import { addCounts, type Counts, noTests, summaryOf } from './counts.ts'
import type { Outcome } from './run-check.ts'

export const spellDuration = (tookMs: number): string => {
  if (tookMs < 60_000) return `${(tookMs / 1000).toFixed(1)} s`
  return `${Math.floor(tookMs / 60_000)} min ${Math.round((tookMs % 60_000) / 1000)} s`
}

export const headingOf = (name: string): string => `\n== ${name} ${'='.repeat(Math.max(3, 76 - name.length))}`

export const resultOf = ({ name, tookMs, fault }: Outcome): string =>
  `${name}: ${fault === null ? 'ok' : `FAILED (${fault})`} in ${spellDuration(tookMs)}`

/** The last lines of a run; the counts close it, in the words of Node's test runner. */
export const reportOf = (outcomes: readonly Outcome[], tookMs: number): string => {
  const counts = outcomes.reduce<Counts>((sum, outcome) => addCounts(sum, outcome.counts ?? noTests), noTests)
  const failed = outcomes.filter((outcome) => outcome.fault !== null).map((outcome) => outcome.name)
  const verdict = failed.length === 0 ? 'Everything passed.' : `FAILED: ${failed.join(', ')}`
  const counted = outcomes.some((outcome) => outcome.counts !== null) ? [summaryOf(counts, tookMs)] : []
  return [headingOf('summary'), ...outcomes.map((outcome) => `  ${resultOf(outcome)}`), '', verdict, ...counted].join(
    '\n',
  )
}
