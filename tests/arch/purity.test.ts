// Proves that the rule of purity sees each thing a decision must not do, also one file further on.
// The house itself is checked in house.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPurity, isDecision } from './purity.ts'
import { readSource } from './source.ts'

const impure: readonly string[] = [
  `import { readFileSync } from 'node:fs'`,
  `import { randomBytes } from 'node:crypto'`,
  `import { newId } from '@muster/kernel'`,
  `import * as kernel from '@muster/kernel'`,
  `import { createApi } from '@muster/http'`,
  'export const decide = () => Date.now()',
  'export const decide = () => new Date()',
  'export const decide = () => Date()',
  'export const decide = () => Math.random()',
  'export const decide = async () => 1',
  'export const decide = () => { throw new Error() }',
  'export const decide = () => process.env',
  'export const decide = () => console.log(1)',
  'export const decide = () => crypto.randomUUID()',
  'export const decide = () => setTimeout(() => {}, 1)',
  'export const decide = () => fetch("")',
  'for await (const x of y) decide(x)',
  'const clock = await import("./clock.ts")',
]
for (const code of impure)
  test(`not pure: ${code}`, () => {
    assert.ok(checkPurity([readSource('planes/observe/src/sync/decide.ts', code)]).length > 0)
  })

const pure: readonly string[] = [
  `import { hash } from 'node:crypto'`,
  `import { ok, refuse, type Clock } from '@muster/kernel'`,
  `import type { Stats } from 'node:fs'`,
  `import { satisfies } from 'semver'`,
  'export const decide = (atMs: number) => new Date(atMs).toISOString()',
  'export const decide = (facts: { process: string }) => facts.process',
  'export const decide = () => Math.max(1, Date.UTC(2026, 1))',
]
for (const code of pure)
  test(`pure: ${code}`, () => {
    assert.deepEqual(checkPurity([readSource('planes/observe/src/sync/decide.ts', code)]), [])
  })

test('what a decision runs is held to the same, what it only names is not', () => {
  const clock = readSource('p/src/clock.ts', 'export const now = () => Date.now()')
  const complaints = (code: string): number => checkPurity([readSource('p/src/decide.ts', code), clock]).length
  assert.equal(complaints(`import { now } from './clock.ts'`), 1)
  assert.equal(complaints(`import type { now } from './clock.ts'`), 0)
})

test('decisions are known by their name', () => {
  assert.ok(isDecision('a/decide.ts') && isDecision('a/decide-enrol.ts'))
  assert.ok(!isDecision('a/decide.test.ts') && !isDecision('a/undecide.ts'))
})
