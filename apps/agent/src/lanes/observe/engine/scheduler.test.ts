// Scans in their turn: one at a time for a surface, one waiting at most, nobody left waiting (sensor-agent 14.2 to 14.4).
// What a scan does is tested in scan, what leads to one in engine.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Signal } from '../watch/decide.ts'
import { createDebounce } from './debounce.ts'
import { createDispatcher } from './dispatcher.ts'
import { createScheduler } from './scheduler.ts'

const fail = (fault: unknown): void => {
  throw fault
}

/** Work that ends when it is told to, and remembers that it ran. */
const createWork = () => {
  const gate = Promise.withResolvers<void>()
  const ran: string[] = []
  const named = (name: string) => async () => {
    ran.push(name)
    await gate.promise
  }
  return { ran, named, open: gate.resolve }
}

test('requests during a run become one run of the newest, and the rest are counted', async () => {
  const scheduler = createScheduler(fail)
  const { ran, named, open } = createWork()
  const all = ['first', 'second', 'third', 'newest'].map((name) => scheduler.request('a', named(name)))
  open()
  await Promise.all(all)
  assert.deepEqual([ran, scheduler.coalesced()], [['first', 'newest'], 2])
})

test('surfaces run beside each other, and a storm never holds more than one run and one waiting', async () => {
  const scheduler = createScheduler(fail)
  const { ran, named, open } = createWork()
  const all = Array.from({ length: 5_000 }, (_, at) => scheduler.request(`s${at % 3}`, named(`s${at % 3}`)))
  await Promise.resolve().then(() => {})
  assert.deepEqual(ran, ['s0', 's1', 's2'])
  open()
  await Promise.all(all)
  assert.equal(ran.length, 6)
})

test('cancelling drops what waits, releases who waits, and lets what runs end', async () => {
  const scheduler = createScheduler(fail)
  const { ran, named, open } = createWork()
  const running = scheduler.request('a', named('running'))
  const waiting = scheduler.request('a', named('waiting'))
  const cancelled = scheduler.cancel()
  await waiting
  open()
  await Promise.all([running, cancelled])
  assert.deepEqual(ran, ['running'])
  await scheduler.request('a', named('after'))
  assert.deepEqual(ran, ['running', 'after'])
})

test('a run that ends late, after it was called off, leaves the one that came after it in its place', async () => {
  const scheduler = createScheduler(fail)
  const [older, newer] = [createWork(), createWork()]
  const late = scheduler.request('a', older.named('late'))
  const cancelled = scheduler.cancel()
  const next = scheduler.request('a', newer.named('next'))
  older.open()
  await Promise.all([late, cancelled])
  const last = scheduler.request('a', newer.named('last'))
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([older.ran, newer.ran], [['late'], ['next']])
  newer.open()
  await Promise.all([next, last])
  assert.deepEqual(newer.ran, ['next', 'last'])
})

test('work that fails is reported and stands in nobody’s way', async () => {
  const faults: unknown[] = []
  const scheduler = createScheduler((fault) => void faults.push(fault))
  await scheduler.request('a', () => Promise.reject(new Error('broken')))
  const { ran, named, open } = createWork()
  open()
  await scheduler.request('a', named('next'))
  assert.deepEqual([faults.length, ran], [1, ['next']])
})

test('a burst of signals keeps one handler, loses no surface, and keeps the worst reason', async () => {
  const handled: Signal[] = []
  const gate = Promise.withResolvers<void>()
  let handlers = 0
  let most = 0
  const { dispatch } = createDispatcher(async (signal) => {
    handlers += 1
    most = Math.max(most, handlers)
    handled.push(signal)
    if (handled.length === 1) await gate.promise
    handlers -= 1
  })
  dispatch({ surfaces: new Set(['first']), reason: 'changed', touched: null })
  for (let at = 0; at < 5_000; at++)
    dispatch({
      surfaces: new Set([`s${at % 7}`]),
      reason: at === 2_000 ? 'root_changed' : at === 3_000 ? 'dropped' : 'changed',
      touched: null,
    })
  gate.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([most, handled.length, handled[1]?.reason], [1, 2, 'dropped'])
  assert.deepEqual([...(handled[1]?.surfaces ?? [])].toSorted(), ['s0', 's1', 's2', 's3', 's4', 's5', 's6'])
})

test('signals in a row lead to one scan of each surface, and a cancelled wait to none', async () => {
  const quiet: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const debounce = createDebounce(
    () => 5,
    (surface) => {
      quiet.push(surface)
      if (quiet.length === 2) resolve()
    },
  )
  for (const surface of ['a', 'b', 'a', 'a']) debounce.signal(surface)
  await promise
  assert.deepEqual(quiet.toSorted(), ['a', 'b'])
  debounce.signal('c')
  debounce.cancel()
  await new Promise((done) => setTimeout(done, 20))
  assert.equal(quiet.length, 2)
})
