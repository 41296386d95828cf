// Proves whom the index of holdings gives way to, and that everything has its turn.
// That searches find what was written is proved in exposure/.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { awaitTurn, inTurns, type Others, planTurns } from './turns.ts'

const others = (isAwaited: boolean, ...crowded: readonly boolean[]): Others => {
  const left = [...crowded]
  return { isAwaited: () => isAwaited, isCrowded: () => left.shift() ?? false }
}

test('a turn waits until the crowd has gone, and the run may wait so much less after it', async () => {
  assert.equal(await awaitTurn(1, 100, others(false, true, true, true)), 70)
})

test('where there is no crowd a run gives nothing away', async () => {
  assert.equal(await awaitTurn(1, 100, others(false)), 100)
})

test('a crowd that stays does not keep the index from being written', async () => {
  const always: Others = { isAwaited: () => false, isCrowded: () => true }
  assert.ok((await awaitTurn(1, 30, always)) <= 0)
  assert.equal(await awaitTurn(1, 0, always), 0)
})

test('who waits for the index is served through any crowd', async () => {
  assert.equal(await awaitTurn(3_600_000, 100, others(true, true, true)), 100)
})

test('who comes for the index while it gives way ends the waiting', async () => {
  let asked = 0
  const arriving: Others = { isAwaited: () => ++asked > 3, isCrowded: () => true }
  assert.equal(await awaitTurn(1, 3_600_000, arriving), 3_600_000 - 20)
})

test('all changes have a turn, in order, and none has more than it may', () =>
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 5 }), (net, most) => {
      const turns = [...inTurns(net, most)]
      assert.deepEqual(turns.flat(), net)
      for (const turn of turns) assert.ok(turn.length > 0 && turn.length <= most)
    }),
  ))

test('turns grow with what has come, and follow each other sooner when they cannot grow more', () => {
  const [few, some, many, flood] = [10, 40_000, 79_000, 10_000_000].map(planTurns)
  assert.deepEqual([few?.perTurn, some?.perTurn, many?.perTurn, flood?.perTurn], [1000, 2000, 3950, 4000])
  assert.equal(few?.pauseMs, many?.pauseMs)
  assert.ok((flood?.pauseMs ?? 0) < (many?.pauseMs ?? 0))
})
