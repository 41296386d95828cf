// Proves the rules by which requests are put into groups.
// Groups that write are in unit.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createGroup } from './group.ts'

/** A group whose runs are recorded. */
const createRecorded = (maxItems: number, weigh?: (item: number) => number) => {
  const runs: number[][] = []
  const enter = createGroup<number, number>({
    maxItems,
    ...(weigh === undefined ? {} : { weigh }),
    run: async (items) => {
      runs.push([...items])
      await new Promise((resolve) => setImmediate(resolve))
      return items.map((item) => item * 2)
    },
  })
  return { runs, enter }
}

test('who comes in the same moment shares a run', async () => {
  const { runs, enter } = createRecorded(10)
  assert.deepEqual(await Promise.all([1, 2, 3].map(enter)), [2, 4, 6])
  assert.deepEqual(runs, [[1, 2, 3]])
})

test('a group holds no more than it may, and the rest goes in order', async () => {
  const { runs, enter } = createRecorded(2)
  await Promise.all([1, 2, 3, 4, 5].map(enter))
  assert.deepEqual(runs, [[1, 2], [3, 4], [5]])
})

test('weight counts instead of number, and what is too heavy goes alone', async () => {
  const { runs, enter } = createRecorded(10, (item) => item)
  await Promise.all([4, 6, 1, 99, 10, 3].map(enter))
  assert.deepEqual(runs, [[4, 6], [1], [99], [10], [3]])
})

test('who comes during a run goes into the next one', async () => {
  const { runs, enter } = createRecorded(10)
  const first = enter(1)
  await new Promise((resolve) => setImmediate(resolve))
  await Promise.all([first, enter(2), enter(3)])
  assert.deepEqual(runs, [[1], [2, 3]])
})

test('after a failed run the next one is served', async () => {
  let fail = true
  const enter = createGroup<number, number>({
    maxItems: 10,
    run: async (items) => {
      if (fail) throw new Error('no')
      return items
    },
  })
  await assert.rejects(enter(1), /no/)
  fail = false
  assert.equal(await enter(2), 2)
})

test('a run that forgets a verdict is a mistake for all of its items', async () => {
  const enter = createGroup<number, number>({ maxItems: 10, run: async () => [1] })
  const outcomes = await Promise.allSettled([enter(1), enter(2)])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
})

test('a group that gathers takes along who comes after the first', async () => {
  const runs: number[][] = []
  const enter = createGroup<number, number>({
    maxItems: 10,
    gather: { quietMs: 20, mostMs: 1000 },
    run: async (items) => {
      runs.push([...items])
      return items
    },
  })
  const first = enter(1)
  await new Promise((resolve) => setImmediate(resolve))
  await Promise.all([first, enter(2)])
  assert.deepEqual(runs, [[1, 2]])
  assert.equal(await enter(3), 3)
})

test('a group that is full gathers no longer', async () => {
  const enter = createGroup<number, number>({
    maxItems: 2,
    // Nobody would live to see the end of it.
    gather: { quietMs: 2 ** 31 - 1, mostMs: 2 ** 31 - 1 },
    run: async (items) => items,
  })
  assert.deepEqual(await Promise.all([enter(1), enter(2)]), [1, 2])
})

test('every item gets its own verdict exactly once, whatever the limits', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      async (items, maxItems) => {
        const { runs, enter } = createRecorded(maxItems, (item) => item)
        assert.deepEqual(
          await Promise.all(items.map(enter)),
          items.map((item) => item * 2),
        )
        assert.deepEqual(runs.flat(), items)
        for (const run of runs) assert.ok(run.length === 1 || run.reduce((sum, item) => sum + item, 0) <= maxItems)
      },
    ),
    { numRuns: 50 },
  )
})
