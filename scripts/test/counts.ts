// How many tests ran and how they ended, summed over runs, and whether that may be called green.
// The numbers are the test runner's own; this neither runs nor prints anything.

export interface Counts {
  readonly tests: number
  readonly suites: number
  readonly passed: number
  readonly failed: number
  readonly cancelled: number
  readonly skipped: number
  readonly todo: number
}

export const noTests: Counts = { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 }

export const addCounts = (left: Counts, right: Counts): Counts => ({
  tests: left.tests + right.tests,
  suites: left.suites + right.suites,
  passed: left.passed + right.passed,
  failed: left.failed + right.failed,
  cancelled: left.cancelled + right.cancelled,
  skipped: left.skipped + right.skipped,
  todo: left.todo + right.todo,
})

/** Green means that something ran and that all of it passed: a skipped test proves nothing. */
export const faultOf = (counts: Counts): string | null => {
  if (counts.tests === 0) return 'no test ran'
  const { failed, cancelled, skipped, todo } = counts
  const bad = Object.entries({ failed, cancelled, skipped, todo }).filter(([, count]) => count > 0)
  return bad.length === 0 ? null : bad.map(([name, count]) => `${count} ${name}`).join(', ')
}

/** The summary in the words of Node's test runner. */
export const summaryOf = (counts: Counts, tookMs: number): string =>
  [
    `# tests ${counts.tests}`,
    `# suites ${counts.suites}`,
    `# pass ${counts.passed}`,
    `# fail ${counts.failed}`,
    `# cancelled ${counts.cancelled}`,
    `# skipped ${counts.skipped}`,
    `# todo ${counts.todo}`,
    `# duration_ms ${Math.round(tookMs)}`,
  ].join('\n')
