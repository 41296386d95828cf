// Which checks `npm test` runs, in order, and which of them a pattern selects.
// Running them is run-check.ts's work; finding the test files reads the disk and nothing else.
import { glob } from 'node:fs/promises'

export interface Check {
  readonly name: string
  /** A program of this checkout and its arguments, for Node to run. */
  readonly args: readonly string[]
  /** Whether it is a run of the test runner, whose tests are counted. */
  readonly counts: boolean
}

const program = (name: string, ...args: readonly string[]): Check => ({ name, args, counts: false })

const staticChecks: readonly Check[] = [
  program('types', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'),
  program('dashboard types', 'node_modules/typescript/bin/tsc', '-p', 'apps/web'),
  program('format', 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'),
  program('lint', 'node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings', '--format=stylish'),
]

// A test file that hangs must not hang the run; the slowest one needs a fraction of this.
const fileTimeoutMs = 300_000

const testRun = (name: string, files: readonly string[], concurrency: number): Check => ({
  name,
  args: ['scripts/test/runner.ts', `--timeoutMs=${fileTimeoutMs}`, `--concurrency=${concurrency}`, '--', ...files],
  counts: true,
})

const isArchitecture = (file: string): boolean => file.startsWith('tests/arch/')

const isOutside = (name: string): boolean => /(^|[\\/])(node_modules|fixtures|\.[^\\/]+)$/.test(name)

/** Every test file below `root`, sorted, with forward slashes. */
export const findTests = async (root: string): Promise<readonly string[]> => {
  const found: string[] = []
  for await (const file of glob('**/*.test.ts', { cwd: root, exclude: isOutside }))
    found.push(file.replaceAll('\\', '/'))
  return found.toSorted()
}

/**
 * Without patterns: everything. With patterns: the checks of exactly that name, and the test files whose path contains
 * one. The empty list means that the patterns match nothing.
 */
export const chooseChecks = (
  files: readonly string[],
  patterns: readonly string[],
  concurrency: number,
): readonly Check[] => {
  const whole = [
    ...staticChecks,
    testRun('architecture', files.filter(isArchitecture), concurrency),
    testRun(
      'tests',
      files.filter((file) => !isArchitecture(file)),
      concurrency,
    ),
  ]
  if (patterns.length === 0) return whole
  const named = whole.filter((check) => patterns.includes(check.name))
  const paths = patterns.filter((pattern) => named.every((check) => check.name !== pattern))
  const matching = files.filter((file) => paths.some((pattern) => file.includes(pattern)))
  return matching.length === 0 ? named : [...named, testRun('chosen tests', matching, concurrency)]
}
