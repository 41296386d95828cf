// Proves that no more of a file is read than was asked for, also where it says nothing of its size.
// What a configuration makes of a longer one is configuration.test.ts.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { beginningOf } from './beginning-of.ts'
import { readConfigText } from './import.ts'

test('a file is read to its end or to the limit, whichever comes first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-beginning-'))
  const path = join(folder, 'text')
  writeFileSync(path, 'abcdef')
  assert.deepEqual(
    [3, 6, 100].map((most) => beginningOf(path, most).toString()),
    ['abc', 'abcdef', 'abcdef'],
  )
  rmSync(folder, { recursive: true })
})

test('what never ends is refused as a configuration', () => {
  assert.throws(() => readConfigText('/dev/zero'), /\/dev\/zero: has more than 1000000 bytes/)
})
