// What addresses say about the queue of findings, as a table.
// That the queue follows the address is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFiltered, queryOfView, readFindingsView } from './decide.ts'

const cases: readonly (readonly [name: string, words: Record<string, unknown>, query: object])[] = [
  ['nothing asks for what is open', {}, { state: 'open' }],
  ['open is not said, because it goes without saying', { state: 'open' }, { state: 'open' }],
  ['resolved', { state: 'resolved' }, { state: 'resolved' }],
  ['any state', { state: 'any' }, {}],
  [
    'filters',
    { severity: 'critical', rule: ' acme.denied ', device: 'dev_1', surface: 's' },
    { state: 'open', severity: 'critical', ruleId: 'acme.denied', deviceId: 'dev_1', surface: 's' },
  ],
  ['words that are none', { severity: 'bad', state: 'lost' }, { state: 'open' }],
]
for (const [name, words, query] of cases)
  test(name, () => assert.deepEqual(queryOfView(readFindingsView(words)), query))

test('what is open beside the list filters nothing', () => {
  assert.equal(isFiltered(readFindingsView({ finding: 'fin_1' })), false)
  assert.equal(isFiltered(readFindingsView({ severity: 'info' })), true)
})
