// Proof of percentiles.
// What is measured is the cases' business.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { percentile } from './latency.ts'

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
const cases = [
  { name: 'the 99th of a hundred', values: hundred, share: 0.99, want: 99 },
  { name: 'the median', values: [3, 1, 2], share: 0.5, want: 2 },
  { name: 'the whole is the largest', values: [5, 7, 6], share: 1, want: 7 },
  { name: 'one value is every percentile', values: [4], share: 0.01, want: 4 },
  { name: 'ten sorts after nine', values: [10, 9], share: 1, want: 10 },
  { name: 'nothing has none', values: [], share: 0.5, want: Number.NaN },
]
for (const { name, values, share, want } of cases) test(name, () => assert.equal(percentile(values, share), want))
