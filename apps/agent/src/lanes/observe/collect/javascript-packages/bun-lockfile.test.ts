// What a `bun.lock` says, as tables. One written by Bun itself is in fixtures.test.ts.
// Which files are read at all is javascript-packages.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { toldBy } from '../testing/ground.ts'
import { readBunLockfile } from './bun-lockfile.ts'

const lock = (entries: string): string => `{ "lockfileVersion": 1, // text\n "packages": { ${entries} }, }`

const cases: readonly { readonly name: string; readonly text: string; readonly want: readonly string[] }[] = [
  { name: 'a package', text: lock('"a": ["a@1.0.0", "", {}, "sha512-x"],'), want: ['a@1.0.0'] },
  { name: 'a scope', text: lock('"@s/a": ["@s/a@1.0.0", "", {}, "x"]'), want: ['@s/a@1.0.0'] },
  { name: 'a nested package', text: lock('"p/@s/a": ["@s/a@2.0.0", "", {}, "x"]'), want: ['p/@s/a@2.0.0'] },
  { name: 'an alias', text: lock('"b": ["a@1.0.0", "", {}, "x"]'), want: ['b@1.0.0'] },
  {
    name: 'what lies in the checkout is no package',
    text: lock('"w": ["w@workspace:packages/@x/w"], "r": ["@s/r@root:", {}], "l": ["l@link:../l"]'),
    want: [],
  },
  { name: 'a repository', text: lock('"a": ["a@github:o/a#1234", {}, "o-a-1234"]'), want: ['a@github:o/a#1234'] },
  {
    name: 'odd entries cost themselves only',
    text: lock('"a": 1, "b": [], "c": ["c"], "d": ["d@1"]'),
    want: ['d@1', '! 3 odd'],
  },
  { name: 'no packages', text: '{}', want: [] },
  { name: 'another top level', text: '[1]', want: [] },
  { name: 'half a file', text: '{"packages": {', want: ['! is not JSON'] },
]
for (const { name, text, want } of cases)
  test(`bun lockfile: ${name}`, () => assert.deepEqual(toldBy(readBunLockfile(text)), want))

test('bun lockfile: no text makes the reader throw', () => {
  const entry = fc.array(
    fc.oneof(
      fc.string(),
      fc.json().map((text): unknown => JSON.parse(text)),
    ),
  )
  const packages = fc.dictionary(fc.string(), entry).map((entries) => JSON.stringify({ packages: entries }))
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), packages), (text) => void readBunLockfile(text)),
    { numRuns: 1000 },
  )
})
