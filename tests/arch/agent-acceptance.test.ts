// The agent's acceptance list, line by line: a line is as green as the tests that it names are there.
// Whether they pass the runner says; that this check can fail is proved at the end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLine, linesOf, readProof, titlesIn } from './acceptance.ts'
import { AGENT_DOES } from './agent-does.ts'
import { AGENT_SEES } from './agent-sees.ts'

const list = [...AGENT_SEES, ...AGENT_DOES]
for (const [line, proofs] of linesOf(list)) test(line, () => assert.deepEqual(checkLine(proofs, readProof), []))

test('no line of the list has been lost', () =>
  assert.deepEqual(
    list.map(({ area, lines }) => `${area} ${Object.keys(lines).length}`),
    [
      'configuration 10',
      'collectors 6',
      'homebrew 2',
      'claude 7',
      'other coding tools 5',
      'packages 5',
      'changes and rules 6',
      'persistence 5',
      'outbox and sync 8',
      'enrolment and policy 8',
      'engine 10',
    ],
  ))

test('a line without a test, with a test that is not there, or with a file that is not, is seen', () => {
  const source =
    "test('is there', () => {})\nconst rows = [{ name: 'a row' }]\nfor (const { name } of rows) test(`row ${name}`, f)"
  const of = (path: string): string | null => (path === 'a.test.ts' ? source : null)
  assert.deepEqual([...titlesIn('a.test.ts', source)].toSorted(), ['a row', 'is there', 'row ${name}'])
  assert.deepEqual(checkLine({ 'a.test.ts': ['is there', 'a row', 'row ${name}'] }, of), [])
  assert.deepEqual(checkLine({}, of), ['no test proves it'])
  assert.deepEqual(checkLine({ 'a.test.ts': [] }, of), ['no test proves it'])
  assert.match(checkLine({ 'a.test.ts': ['is not'] }, of).join(), /has no test "is not"/)
  assert.match(checkLine({ 'b.test.ts': ['is there'] }, of).join(), /is not there/)
})
