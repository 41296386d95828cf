// Proves that turns are taken in order and end once.
// Turns of database sessions are tested in transaction.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLock } from './lock.ts'

test('turns are taken in the order of asking', async () => {
  const lock = createLock()
  const order: number[] = []
  const turn = async (number: number): Promise<void> => {
    const leave = await lock.acquire()
    order.push(number)
    leave()
  }
  const leave = await lock.acquire()
  const turns = [1, 2, 3].map(turn)
  assert.equal(lock.waiting(), 3)
  leave()
  await Promise.all(turns)
  assert.deepEqual(order, [1, 2, 3])
})

test('leaving twice does not end the next turn', async () => {
  const lock = createLock()
  const leaveFirst = await lock.acquire()
  const second = lock.acquire()
  let thirdCame = false
  const third = lock.acquire().then(() => (thirdCame = true))
  leaveFirst()
  leaveFirst()
  const leaveSecond = await second
  assert.equal(thirdCame, false)
  leaveSecond()
  await third
})
