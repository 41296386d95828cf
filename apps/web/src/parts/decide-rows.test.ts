// Where keys lead in a list, as a table.
// That they are pressed in a real browser is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { movedTo } from './decide-rows.ts'

const cases: readonly (readonly [key: string, at: number, count: number, want: number | null])[] = [
  ['j', 0, 3, 1],
  ['ArrowDown', 2, 3, 2],
  ['k', 0, 3, 0],
  ['ArrowUp', 2, 3, 1],
  ['PageDown', 0, 100, 15],
  ['PageUp', 5, 100, 0],
  ['End', 0, 100, 99],
  ['Home', 50, 100, 0],
  ['End', 0, 0, 0],
  ['q', 0, 3, null],
]
for (const [key, at, count, want] of cases)
  test(`${key} at ${at} of ${count}: ${want}`, () => assert.equal(movedTo(key, at, count), want))
