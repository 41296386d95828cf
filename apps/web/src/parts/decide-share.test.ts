// Shares of a bar, as a table.
// That bars are drawn is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shareOf } from './decide-share.ts'

test('one of a million is still seen', () => {
  assert.deepEqual([shareOf(0, 10), shareOf(5, 10), shareOf(1, 1_000_000), shareOf(0, 0)], [0, 50, 1.5, 0])
})
