// Proves that the rules of form see what they forbid.
// The house itself is checked in house.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDrawers, checkOpenings, checkSizes } from './form.ts'
import { readSource } from './source.ts'

const openings: readonly (readonly [text: string, complaints: number])[] = [
  ['// What it is.\n// What it leaves to others.\n', 0],
  ['#!/usr/bin/env node\n// What it is.\n// What it leaves to others.\n', 0],
  ['// What it is.\nconst a = 1\n', 1],
  ['//\n//\n', 1],
  ['', 1],
]
for (const [text, complaints] of openings)
  test(`opening ${JSON.stringify(text)}`, () => {
    assert.equal(checkOpenings([{ path: 'a.ts', text }]).length, complaints)
  })

const functionOf = (lines: number, inner = ''): string => `const f = () => {\n${inner}${'g()\n'.repeat(lines)}}\n`

test('a function of 51 lines is too long, except in a test', () => {
  assert.deepEqual(checkSizes([readSource('a.ts', functionOf(48))]), [])
  assert.equal(checkSizes([readSource('a.ts', functionOf(49))]).length, 1)
  assert.deepEqual(checkSizes([readSource('a.test.ts', functionOf(49))]), [])
})

test('a function answers for its own lines only', () => {
  assert.deepEqual(checkSizes([readSource('a.ts', functionOf(40, functionOf(40)))]), [])
  assert.equal(checkSizes([readSource('a.ts', functionOf(40, functionOf(49)))]).length, 1)
})

test('a file of 401 lines is too long', () => {
  assert.deepEqual(checkSizes([readSource('a.ts', 'g()\n'.repeat(400))]), [])
  assert.equal(checkSizes([readSource('a.test.ts', 'g()\n'.repeat(401))]).length, 1)
})

test('drawers are known by their name', () => {
  assert.equal(checkDrawers(['a/utils.ts', 'helpers.ts', 'a/types.ts', 'index.ts', 'a/helper.test.ts']).length, 5)
  assert.deepEqual(checkDrawers(['a/sync.ts', 'a/reindex.ts', 'fruits/prototypes.ts']), [])
})
