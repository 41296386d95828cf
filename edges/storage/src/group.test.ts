// Proves the rules by which requests are put into groups.
// Groups that write are in unit.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createGroup, type GroupSettings } from './group.ts'

/** A group whose runs are recorded. */
const createRecorded = (limits: Pick<GroupSettings<number, number>, 'maxItems' | 'weigh' | 'paceMs'>) => {
  const runs: number[][] = []
  const enter = createGroup<number, number>({
    ...limits,
    run: async (items) => {
      runs.push([...items])
      await new Promise((resolve) => setImmediate(resolve))
      return items.map((item) => item * 2)
    },
  })
  return { runs, enter }
}

test('who comes in the same moment shares a run', async () => {
  const { runs, enter } = createRecorded({ maxItems: 10 })
  assert.deepEqual(await Promise.all([1, 2, 3].map(enter)), [2, 4, 6])
  assert.deepEqual(runs, [[1, 2, 3]])
})

test('a group holds no more than it may, and the rest goes in order', async () => {
  const { runs, enter } = createRecorded({ maxItems: 2 })
  await Promise.all([1, 2, 3, 4, 5].map(enter))
  assert.deepEqual(runs, [[1, 2], [3, 4], [5]])
})

test('weight counts instead of number, and what is too heavy goes alone', async () => {
  const { runs, enter } = createRecorded({ maxItems: 10, weigh: (item) => item })
  await Promise.all([4, 6, 1, 99, 10, 3].map(enter))
  assert.deepEqual(runs, [[4, 6], [1], [99], [10], [3]])
})

test('who comes during a run goes into the next one', async () => {
  const { runs, enter } = createRecorded({ maxItems: 10 })
  const first = enter(1)
  await new Promise((resolve) => setImmediate(resolve))
  await Promise.all([first, enter(2), enter(3)])
  assert.deepEqual(runs, [[1], [2, 3]])
})

test('after each run it is told how many it held and whether those who came meanwhile fill another', async () => {
  const told: [number, boolean][] = []
  const enter = createGroup<number, number>({
    maxItems: 3,
    weigh: (item) => item,
    run: async (items) => items,
    onGroup: (...group) => told.push(group),
  })
  await Promise.all([1, 2, 1, 1, 2].map(enter))
  assert.deepEqual(told, [
    [2, true],
    [2, false],
    [1, false],
  ])
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

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A pace so slow that nobody would live to see the second group begin. */
const never = 2 ** 31 - 1

test('the first of a paced group does not wait, and who comes soon after goes together', async () => {
  const { runs, enter } = createRecorded({ maxItems: 10, paceMs: 500 })
  assert.equal(await enter(1), 2)
  const second = enter(2)
  for (let turns = 0; turns < 5; turns += 1) await turn()
  await Promise.all([second, enter(3)])
  assert.deepEqual(runs, [[1], [2, 3]])
})

test('a paced group that is full waits no longer, whenever it fills', async () => {
  const { runs, enter } = createRecorded({ maxItems: 2, paceMs: never })
  await enter(1)
  const second = enter(2)
  await turn()
  await Promise.all([second, enter(3)])
  const more = [4, 5, 6, 7].map(enter)
  await Promise.all(more)
  assert.deepEqual(runs, [[1], [2, 3], [4, 5], [6, 7]])
})

test('every item gets its own verdict exactly once, whatever the limits', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      async (items, maxItems) => {
        const { runs, enter } = createRecorded({ maxItems, weigh: (item) => item })
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
