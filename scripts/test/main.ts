// The story of `npm test`: prepare, run every check even when one fails, then say what failed and count the tests.
// Which checks there are is in checks.ts; what this machine must have is in system.ts.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { root } from '../with-node.mjs'
import { type Check, chooseChecks, findTests } from './checks.ts'
import { startPostgres, type TestPostgres } from './postgres.ts'
import { headingOf, reportOf, resultOf } from './report.ts'
import { type Outcome, runCheck } from './run-check.ts'
import { ensureSystem } from './system.ts'

/** The database that the caller names with MUSTER_TEST_POSTGRES, or one made for this run. */
const openPostgres = async (folder: string): Promise<TestPostgres> => {
  const given = process.env['MUSTER_TEST_POSTGRES']
  if (given !== undefined) return { url: given, stop: async () => {} }
  return startPostgres(ensureSystem(), folder)
}

const stopping = new AbortController()
const stopOn = (signal: 'SIGINT' | 'SIGTERM'): NodeJS.Process =>
  process.once(signal, () => {
    process.exitCode = 128 + constants.signals[signal]
    stopping.abort()
  })

const runAll = async (checks: readonly Check[], folder: string): Promise<readonly Outcome[]> => {
  const postgres = checks.some((check) => check.counts) ? await openPostgres(folder) : null
  const environment = {
    ...process.env,
    ...(postgres === null ? {} : { MUSTER_TEST_POSTGRES: postgres.url }),
    // Some checkers colour a log file when CI is set.
    ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }),
  }
  const outcomes: Outcome[] = []
  for (const check of checks) {
    if (stopping.signal.aborted) break
    console.log(headingOf(check.name))
    const outcome = await runCheck(check, { environment, stopping: stopping.signal })
    console.log(resultOf(outcome))
    outcomes.push(outcome)
  }
  await postgres?.stop()
  return outcomes
}

const main = async (patterns: readonly string[]): Promise<void> => {
  const startedMs = performance.now()
  const checks = chooseChecks(await findTests(root), patterns, availableParallelism())
  if (checks.length === 0) throw new Error(`no check and no test file is named like ${patterns.join(', ')}`)
  const folder = await mkdtemp(join(tmpdir(), 'muster-test-'))
  await chmod(folder, 0o711) // PostgreSQL may run as another user, who must be able to pass
  try {
    const outcomes = await runAll(checks, folder)
    console.log(reportOf(outcomes, performance.now() - startedMs))
    if (outcomes.some((outcome) => outcome.fault !== null)) process.exitCode ??= 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

stopOn('SIGINT')
stopOn('SIGTERM')

try {
  await main(process.argv.slice(2))
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault)
  process.exitCode = 1
}
