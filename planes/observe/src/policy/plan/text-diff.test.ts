// Proof that a diff leads from one text to the other, and shows no more than what stands around the changes.
// A small reader of diffs applies them here.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { unifiedDiff } from './text-diff.ts'

/** What the diff makes of a text; fails where the text is not what the diff says it is. */
const applied = (text: readonly string[], diff: string): readonly string[] => {
  if (diff === '') return text
  const [from, to, ...lines] = diff.split('\n').slice(0, -1)
  assert.deepEqual([from, to], ['--- published', '+++ planned'])
  const made: string[] = []
  let at = 0
  for (const line of lines) {
    const hunk = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$/.exec(line)
    if (hunk === null) {
      const [sign, said] = [line[0], line.slice(1)]
      if (sign !== '+') assert.equal(text[at++], said)
      if (sign !== '-') made.push(said)
      continue
    }
    const [start, count, madeStart, madeCount] = hunk.slice(1).map(Number) as [number, number, number, number]
    while (at < (count === 0 ? start : start - 1)) made.push(text[at++] ?? '')
    assert.equal(made.length, madeCount === 0 ? madeStart : madeStart - 1)
  }
  return [...made, ...text.slice(at)]
}

test('equal texts have no diff, with or without a newline at the end', () => {
  assert.equal(unifiedDiff('a\nb\n', 'a\nb'), '')
  assert.equal(unifiedDiff('', ''), '')
})

test('a change stands between three lines of what is around it', () => {
  const lines = ['1', '2', '3', '4', '5', '6', '7', '8', '9']
  const after = lines.map((line) => (line === '5' ? 'five' : line))
  assert.equal(
    unifiedDiff(`${lines.join('\n')}\n`, `${after.join('\n')}\n`),
    '--- published\n+++ planned\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
  )
})

test('out of nothing every line is new', () => {
  assert.equal(unifiedDiff('', 'a\nb\n'), '--- published\n+++ planned\n@@ -0,0 +1,2 @@\n+a\n+b\n')
})

const text = fc.array(fc.constantFrom('a', 'b', 'c', '', '-x', '+y'), { maxLength: 40 })

test('a diff leads from any text to any other', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const written = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')
      assert.deepEqual(applied(before, unifiedDiff(written(before), written(after))), after)
    }),
  )
})

test('texts too different to align are replaced as a whole', () => {
  const many = (word: string) => Array.from({ length: 2500 }, (_, at) => `${word}${at}`)
  const diff = unifiedDiff(many('a').join('\n'), many('b').join('\n'))
  assert.deepEqual(applied(many('a'), diff), many('b'))
})
