// Proof that a thread examines as the plain function does, that texts wait for one another, and that none waits for ever.
// What an examination finds is tested where it is found.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BASE_VOCABULARY } from '@muster/contract'
import { examinePolicy } from './examine.ts'
import { createExaminer } from './examine-aside.ts'

const judging = { mayWidenScan: false, vocabulary: BASE_VOCABULARY }
const sound = 'apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: x }\n'

test('the thread answers what the function answers, each text with its own', async (t) => {
  const examiner = createExaminer()
  t.after(() => examiner.close())
  const texts = [sound, 'a: *b', '[', sound.replace('x', 'y')]
  const answers = await Promise.all(texts.map((text) => examiner.examine(text, judging)))
  assert.deepEqual(
    answers,
    texts.map((text) => examinePolicy(text, judging)),
  )
})

test('the event loop turns while a large text is read', async (t) => {
  const examiner = createExaminer()
  t.after(() => examiner.close())
  let turns = 0
  const ticking = setInterval(() => turns++, 1)
  const { errors } = await examiner.examine(`a: [${'b, '.repeat(30_000)}]`, judging)
  clearInterval(ticking)
  assert.ok(errors.length > 0)
  assert.ok(turns > 0)
})

test('a text over the budget is refused, and the next one gets a thread of its own', async (t) => {
  const examiner = createExaminer({ budgetMs: 1 })
  t.after(() => examiner.close())
  const hostile = `[${','.repeat(900_000)}`
  const answers = await Promise.all([examiner.examine(hostile, judging), examiner.examine(hostile, judging)])
  for (const { document, errors } of answers) {
    assert.equal(document, null)
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['too_costly'],
    )
  }
})

test('closing waits for what is being read, and may be done twice', async () => {
  const examiner = createExaminer()
  const answer = examiner.examine(sound, judging)
  await examiner.close()
  assert.equal((await answer).document?.name, 'x')
  await examiner.close()
})
