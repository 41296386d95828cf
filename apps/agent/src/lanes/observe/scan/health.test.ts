// The row of a surface's health on a real database: what a scan that went well writes into it, what one that failed may
// touch, and what is the watcher's alone (sensor-agent 13). How it is shown is commands/status.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createFakeClock, silentLog } from '@muster/kernel'
import { readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import type { Collector } from '../collect/snapshot.ts'
import { createScripted, packageItem as item, openStores, snapshotOf } from '../testing/stores.ts'
import { createScanner } from './scan.ts'

const { observe } = readConfiguration(null, readMachine({}))
const never = new AbortController().signal
const surface = 'javascriptPackages'
const onNew = {
  id: 'acme.new',
  surface,
  enabled: true,
  triggers: ['added'],
  match: 'always',
  severity: 'info',
  title: 't',
  rationale: 'r',
}

const leastMs = 5

const setUp = () => {
  const { scans, ...stores } = openStores()
  const clock = createFakeClock()
  const settings = () => ({ ...observe, rules: [onNew] })
  const scanner = createScanner({ ...stores, scans, clock, log: silentLog, settings, recipient: () => null })
  /** A scan that takes a quarter of a second of this machine's clock, and some milliseconds of everybody's. */
  const scan = async (disk: Collector) => {
    const collect: Collector['collect'] = async (signal) => {
      const began = performance.now()
      while (performance.now() - began <= leastMs) await nextTurn()
      clock.advance(250)
      return await disk.collect(signal)
    }
    await scanner.scan({ ...disk, collect }, never)
  }
  const health = () => scans.health().find((row) => row.surface === surface) ?? assert.fail('no health')
  return { scans, clock, scan, health }
}

test('a scan that went well tells when it was, how long it took, and how much was added, modified and removed', async () => {
  const { scans, clock, scan, health } = setUp()
  scans.recordWatchPaths(
    new Map([
      [surface, 7],
      ['homebrew', 2],
    ]),
  )
  const disk = createScripted(snapshotOf([item('a', '1'), item('b', '1'), item('c', '1')]))
  await scan(disk)
  clock.advance(60_000)
  disk.sees(snapshotOf([item('a', '1', { detail: 'scope=dev' }), item('d', '1')]))
  const startedMs = clock.nowMs()
  await scan(disk)
  const { durationMs, ...said } = health()
  assert.ok((durationMs ?? 0) >= leastMs)
  assert.deepEqual(said, {
    surface,
    state: 'healthy',
    startedMs,
    completedMs: startedMs + 250,
    succeededMs: startedMs + 250,
    lastFailure: null,
    lastWatchIssue: null,
    lastWatchIssueMs: null,
    itemCount: 2,
    issueCount: 0,
    eventCount: 4,
    findingCount: 1,
    addedCount: 1,
    modifiedCount: 1,
    removedCount: 2,
    watchPathCount: 7,
  })
  assert.deepEqual(
    scans.health().map((row) => [row.surface, row.state, row.watchPathCount]),
    [
      ['homebrew', 'idle', 2],
      [surface, 'healthy', 7],
    ],
  )
})

test('a scan that failed tells when and why, and leaves the last success and all that was counted at it', async () => {
  const { clock, scan, health } = setUp()
  const disk = createScripted(snapshotOf([]))
  await scan(disk)
  disk.sees(snapshotOf([item('a', '1')]))
  await scan(disk)
  const { durationMs: _before, ...before } = health()
  clock.advance(60_000)
  const startedMs = clock.nowMs()
  await scan({ ...disk, collect: async () => Promise.reject(new Error('the disk is on fire')) })
  const { durationMs, ...failed } = health()
  assert.ok((durationMs ?? 0) >= leastMs)
  const lastFailure = 'scan failed: the disk is on fire'
  assert.deepEqual(failed, { ...before, state: 'degraded', startedMs, completedMs: startedMs + 250, lastFailure })
  await scan(disk)
  const { state, lastFailure: cleared, succeededMs, addedCount } = health()
  assert.deepEqual([state, cleared, succeededMs, addedCount], ['healthy', null, clock.nowMs(), 0])
})
