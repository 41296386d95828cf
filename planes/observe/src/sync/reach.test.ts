// Proof that a reach answers as a plain set of sequences would.
// What the sync decision makes of it is proved in decide.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { emptyReach, extendReach, isBound, maxIslands, readIslands, writeIslands } from './reach.ts'

const contiguousOf = (stored: ReadonlySet<number>): number => {
  let contiguous = 0
  while (stored.has(contiguous + 1)) contiguous += 1
  return contiguous
}

test('whatever the order and the gaps, the watermark and the bindings are those of a set', () => {
  const batches = fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 }), { maxLength: 12 })
  fc.assert(
    fc.property(batches, (all) => {
      const stored = new Set<number>()
      let reach = emptyReach
      for (const batch of all) {
        for (const sequence of batch) stored.add(sequence)
        reach = extendReach(reach, batch)
        assert.equal(reach.contiguous, contiguousOf(stored))
        for (let sequence = 1; sequence <= 61; sequence += 1)
          assert.equal(isBound(reach, sequence), stored.has(sequence))
      }
    }),
  )
})

test('islands survive being written down', () => {
  const reach = extendReach(emptyReach, [1, 2, 5, 6, 7, 9])
  assert.equal(writeIslands(reach.islands), '5-7,9-9')
  assert.deepEqual(readIslands(writeIslands(reach.islands)), reach.islands)
  assert.deepEqual(readIslands(''), [])
})

test('an assumed beginning counts for the watermark and binds nothing', () => {
  const reach = { contiguous: 41, assumed: 41, islands: [] }
  assert.equal(isBound(reach, 41), false)
  assert.equal(extendReach(reach, [42]).contiguous, 42)
  assert.equal(isBound(extendReach(reach, [42]), 42), true)
})

test('a device that leaves a gap after every event costs a bounded number of islands', () => {
  const even = Array.from({ length: 5000 }, (_, index) => (index + 1) * 2)
  const reach = extendReach(emptyReach, even)
  assert.equal(reach.islands.length, maxIslands)
  assert.equal(reach.contiguous, 0)
  assert.equal(isBound(reach, 10_000), true)
})
