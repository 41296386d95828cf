// Proves which checks a run of `npm test` consists of, and when its counts may be called green.
// Finding files and running checks touch the machine and prove themselves in every run.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDebianLike } from '../debian.mjs'
import { chooseChecks } from './checks.ts'
import { type Counts, faultOf, noTests, summaryOf } from './counts.ts'
import { majorOf } from './system.ts'

const files = ['kernel/src/id.test.ts', 'tests/arch/doors.test.ts', 'tests/flow/enrol.test.ts']

const choices: readonly { patterns: readonly string[]; want: readonly string[]; last?: string }[] = [
  {
    patterns: [],
    want: ['types', 'dashboard types', 'format', 'lint', 'architecture', 'tests'],
    last: 'tests/flow/enrol.test.ts',
  },
  { patterns: ['lint'], want: ['lint'] },
  { patterns: ['arch/doors'], want: ['chosen tests'], last: 'tests/arch/doors.test.ts' },
  { patterns: ['types', 'kernel'], want: ['types', 'chosen tests'], last: 'kernel/src/id.test.ts' },
  { patterns: ['nothing-like-it'], want: [] },
]
for (const { patterns, want, last } of choices)
  test(`npm test -- ${patterns.join(' ')}`, () => {
    const chosen = chooseChecks(files, patterns, 2)
    assert.deepEqual(
      chosen.map((check) => check.name),
      want,
    )
    if (last !== undefined) assert.equal(chosen.at(-1)?.args.at(-1), last)
  })

const green: Counts = { ...noTests, tests: 3, passed: 3 }
const ends: readonly { name: string; counts: Counts; want: string | null }[] = [
  { name: 'all passed', counts: green, want: null },
  { name: 'nothing ran', counts: noTests, want: 'no test ran' },
  { name: 'one failed', counts: { ...green, passed: 2, failed: 1 }, want: '1 failed' },
  {
    name: 'skipped and cancelled',
    counts: { ...green, passed: 1, cancelled: 1, skipped: 1 },
    want: '1 cancelled, 1 skipped',
  },
]
for (const { name, counts, want } of ends)
  test(`${name}: ${want ?? 'green'}`, () => assert.equal(faultOf(counts), want))

test('the summary speaks like the test runner', () => {
  assert.match(summaryOf(green, 1234.5), /^# tests 3\n.*# pass 3\n# fail 0\n/s)
})

const systems: readonly { osRelease: string; want: boolean }[] = [
  { osRelease: 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', want: true },
  { osRelease: 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', want: true },
  { osRelease: 'ID=fedora\nID_LIKE="rhel"\nHOME_URL="https://debian.org"\n', want: false },
  { osRelease: '', want: false },
]
for (const { osRelease, want } of systems)
  test(`${want ? 'Debian' : 'not Debian'}: ${JSON.stringify(osRelease)}`, () =>
    assert.equal(isDebianLike(osRelease), want))

test('the major version is read from what PostgreSQL prints', () => {
  assert.equal(majorOf('postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)'), 15)
  assert.equal(majorOf('postgres: not what was expected'), 0)
})
