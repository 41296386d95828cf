// The lane while the machine's clock is put forward and back: nothing storms, nothing waits for a month, numbers go on.
// The tables of waits are in sync; certificates are enroll/renew.test.ts.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, test } from 'node:test'
import { createFakeClock } from '@muster/kernel'
import { runObserveLane } from './lane.ts'
import type { Backend } from './testing/backend.ts'
import { useLane } from './testing/lane-world.ts'

const hour = 60 * 60_000
const month = 30 * 24 * hour

const world = useLane()
const { lock, configure, needs, sequences, names, untilDatabase } = world
let backend: Backend
let clock: ReturnType<typeof createFakeClock>
let stop: () => Promise<void>
beforeEach(() => {
  ;({ backend } = world.here())
  clock = createFakeClock(Date.now())
})
afterEach(() => stop())

/** The lane of this test, by a clock that the test moves. */
const start = (): void => {
  const ended = new AbortController()
  const run = runObserveLane({ ...needs(), clock }, ended.signal)
  stop = async () => {
    ended.abort()
    await run
  }
}

const jumps = [
  { name: 'forward by a month', byMs: month },
  { name: 'back by a month', byMs: -month },
  { name: 'back by an hour', byMs: -hour },
]

for (const { name, byMs } of jumps)
  test(`put ${name}, the clock keeps nothing waiting that was to be tried again`, async () => {
    start()
    await backend.until(() => backend.heard.checkIns.length > 0)
    await backend.hangUp()
    lock('blog', { c: '3.0.0' })
    const tried = `select 1 from outbox_event where state = 'pending' and attempt_count > 0`
    await untilDatabase((db) => db.prepare(tried).get() !== undefined)
    clock.advance(byMs)
    await backend.comeBack()
    await backend.until(() => backend.inventory().includes('c@3.0.0'))
    assert.deepEqual(sequences(), [1, 2, 3])
  })

test('put forward and back, the clock changes nothing about what is told, and in which order', async () => {
  start()
  await backend.until(() => backend.heard.events.size === 2)
  for (const [at, byMs] of [month, -2 * month, month].entries()) {
    clock.advance(byMs)
    lock(`later${at}`, { [`c${at}`]: '1.0.0' })
    await backend.until(() => backend.heard.events.size === 3 + at)
  }
  const checkIns = backend.heard.checkIns.length
  await backend.until(() => backend.heard.checkIns.length > checkIns)
  assert.deepEqual(names().slice(2), ['added c0@1.0.0', 'added c1@1.0.0', 'added c2@1.0.0'])
  const findings = [...backend.heard.findings.values()].map(({ localSequence }) => localSequence)
  const sent = backend.heard.syncs.flatMap(({ events }) => events as { localSequence: number }[])
  const numbers = sent.map(({ localSequence }) => localSequence)
  assert.deepEqual(
    numbers,
    [...sequences(), ...findings].toSorted((a, b) => a - b),
  )
  assert.deepEqual(
    numbers,
    numbers.map((_, at) => at + 1),
  )
})

test('what has an hour to wait waits its hour, wherever the clock is put, and what is asked for is done at once', async () => {
  const { configFile } = world.here()
  configure({}, 500, { pollIntervalSeconds: 3600 })
  writeFileSync(configFile, readFileSync(configFile, 'utf8').replace('"checkInIntervalSeconds":1', '$&800'))
  start()
  // The second turn follows the first at once, because meanwhile the first scan has rung for it.
  await backend.until(() => backend.heard.checkIns.length === 1)
  for (const [at, byMs] of [month, -2 * month].entries()) {
    clock.advance(byMs)
    lock(`later${at}`, { [`c${at}`]: '1.0.0' })
    await backend.until(() => backend.heard.events.size === 3 + at)
  }
  const { checkIns, syncs, configs, renewals } = backend.heard
  assert.deepEqual([checkIns.length, syncs.length, configs.length, renewals.length], [1, 3, 1, 0])
})
