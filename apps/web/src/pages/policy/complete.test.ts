// What is offered where in a document, as a table.
// That the words are those of the server is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offersAt } from './complete.ts'

const head = 'apiVersion: fleet/v1\nkind: Policy\n'
const rules = `${head}agent:\n  rules:\n`

const cases: readonly (readonly [name: string, text: string, want: readonly string[]])[] = [
  ['the top', '', ['apiVersion', 'kind', 'metadata', 'agent']],
  ['what is there already is not offered again', head, ['metadata', 'agent']],
  ['inside a map', `${head}metadata:\n  na`, ['name', 'description']],
  ['a value with its own words', 'kind: ', ['Policy']],
  ['a flag', 'agent:\n  includeBuiltinRules: ', ['true', 'false']],
  [
    'a list in one line',
    `${rules}    - id: a\n      triggers: [added, mod`,
    ['added', 'modified', 'removed', 'present'],
  ],
  [
    'a list in lines',
    `${rules}    - id: a\n      triggers:\n        - ad`,
    ['added', 'modified', 'removed', 'present'],
  ],
  ['a severity', `${rules}    - id: a\n      severity: c`, ['info', 'notable', 'suspicious', 'critical']],
  ['nothing where anything can stand', `${head}metadata:\n  name: `, []],
  ['nothing in a comment', '# ki', []],
  ['nothing below a key nobody knows', 'odd:\n  a', []],
]
for (const [name, text, want] of cases)
  test(name, () => assert.deepEqual((offersAt(text)?.offers ?? []).map(({ word }) => word).toSorted(), want.toSorted()))

test('a second rule begins anew, and knows what it has', () => {
  const offered = (text: string) => offersAt(text)?.offers.map(({ word }) => word) ?? []
  assert.ok(offered(`${rules}    - id: a\n      match: always\n    - `).includes('id'))
  const within = offered(`${rules}    - id: a\n    - id: b\n      `)
  assert.ok(!within.includes('id') && within.includes('match'))
})

test('the word being typed is replaced', () => assert.equal(offersAt('apiVersion: flee')?.typed, 4))
