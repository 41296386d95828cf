// What a pattern with stars matches, as a table.
// Where patterns are used is tested with the collectors.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { matchesGlob } from './glob.ts'

const cases = [
  { pattern: 'requirements*.txt', name: 'requirements.txt', want: true },
  { pattern: 'requirements*.txt', name: 'requirements-dev.txt', want: true },
  { pattern: 'requirements*.txt', name: 'Requirements.txt', want: false },
  { pattern: 'requirements*.txt', name: 'requirements.txt.bak', want: false },
  { pattern: '*.rules', name: '.rules', want: true },
  { pattern: '*.rules', name: 'a.rules', want: true },
  { pattern: 'exact', name: 'exact', want: true },
  { pattern: 'exact', name: 'exactly', want: false },
  { pattern: '*', name: '', want: true },
  { pattern: 'a*a', name: 'a', want: false },
  { pattern: 'a*a', name: 'aa', want: true },
  { pattern: 'a*b*c', name: 'a-b-c', want: true },
  { pattern: 'a*b*c', name: 'a-c-b', want: false },
  { pattern: 'a*bc*c', name: 'abc', want: false },
  { pattern: 'a?c', name: 'abc', want: false },
  { pattern: '[ab]*', name: 'a', want: false },
  { pattern: '**.md', name: 'x.md', want: true },
]
for (const { pattern, name, want } of cases)
  test(`${pattern} ${want ? 'matches' : 'does not match'} "${name}"`, () =>
    assert.equal(matchesGlob(pattern, name), want))

test('a pattern matches what a regular expression of the same meaning matches', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 })
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 10 })
  fc.assert(
    fc.property(text, name, (pattern, named) => {
      const escaped = pattern.split('*').map((part) => part.replaceAll('.', '\\.'))
      assert.equal(matchesGlob(pattern, named), new RegExp(`^${escaped.join('.*')}$`).test(named))
    }),
    { numRuns: 2000 },
  )
})
