// Lines of assignments as they are typed, as a table.
// That the server takes them is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeLines, type Line, linesOf, nextLine } from './decide.ts'

const line = (group: string, priority: string): Line => ({ policyId: 'p', group, priority })

const cases: readonly (readonly [name: string, lines: readonly Line[], fault: RegExp | null])[] = [
  ['none', [], null],
  ['a default and a group', [line('', '0'), line('pilot', '10')], null],
  ['a priority that is none', [line('pilot', 'high')], /whole number/],
  ['a priority that is too high', [line('pilot', '1000001')], /whole number/],
  ['one group twice', [line('pilot', '1'), line('pilot', '2')], /one policy only/],
  ['two defaults', [line('', '0'), line('', '0')], /Every other device/],
  ['two groups that tie', [line('pilot', '7'), line('web', '07')], /priority 7/],
]
for (const [name, lines, fault] of cases)
  test(`${name}: ${fault === null ? 'good' : 'not'}`, () => {
    const judged = judgeLines(lines)
    assert.equal(judged.ok, fault === null)
    if (!judged.ok && fault !== null) assert.match(judged.fault, fault)
  })

test('what is shown says again what there is', () => {
  const assignments = [
    { policyId: 'p', group: 'pilot', priority: 10 },
    { policyId: 'q', group: null, priority: 0 },
  ]
  assert.deepEqual(judgeLines(linesOf(assignments)), { ok: true, body: { items: assignments } })
})

test('the next line is for a group without one, above the others', () =>
  assert.deepEqual(nextLine([line('pilot', '10')], [], ['pilot', 'web']), {
    policyId: '',
    group: 'web',
    priority: '20',
  }))
