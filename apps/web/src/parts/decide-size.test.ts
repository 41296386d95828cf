// Amounts of bytes as people read them.
// Where they are shown is each page's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { size } from './decide-size.ts'

const cases: readonly (readonly [bytes: number, value: number, unit: string])[] = [
  [0, 0, 'bytes'],
  [1023, 1023, 'bytes'],
  [1024, 1, 'KiB'],
  [1536, 1.5, 'KiB'],
  [16_777_216_000, 15.6, 'GiB'],
  [512_110_190_592, 477, 'GiB'],
]
for (const [bytes, value, unit] of cases)
  test(`${bytes} bytes`, () => assert.equal(size(bytes), `${value.toLocaleString()} ${unit}`))
