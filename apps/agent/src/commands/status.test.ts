// What `muster-agent status` makes of a surface's stored health, as data and as a line.
// That the words are the right ones is status/decide.test.ts; the whole program is main.test.ts.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { toIso } from '@muster/kernel'
import { readConfiguration } from '../configuration/configuration.ts'
import { readMachine } from '../configuration/machine.ts'
import { laneDatabase } from '../lanes/observe/lane-database.ts'
import { openStores, packageItem, scratchFolder } from '../lanes/observe/testing/stores.ts'
import { readArguments } from '../program/arguments.ts'
import { status } from './status.ts'

const surface = 'javascriptPackages'
const counts = { issueCount: 0, eventCount: 6, findingCount: 4, addedCount: 3, modifiedCount: 2, removedCount: 1 }

const setUp = () => {
  const folder = scratchFolder()
  const dataDir = join(folder, 'data')
  const file = join(folder, 'agent.yaml')
  mkdirSync(dataDir, { mode: 0o700 })
  writeFileSync(file, JSON.stringify({ dataDir, planes: ['observe'] }))
  const machine = readMachine({})
  const configuration = readConfiguration(file, machine)
  const said = async (...words: readonly string[]): Promise<string> => {
    let out = ''
    const print = (text: string): void => {
      out += text
    }
    const asked = readArguments(['status', ...words])
    assert.ok(typeof asked === 'object')
    await status({ arguments: asked, machine, configuration, configurationFault: null, print, tell: assert.fail })
    return out
  }
  return { said, ...openStores(laneDatabase(dataDir)) }
}

test('a surface whose last scan failed is shown with that, with the last success, and with what was counted then', async () => {
  const { said, scans } = setUp()
  const [first, second] = [Date.UTC(2026, 0, 1, 12), Date.UTC(2026, 0, 1, 13)]
  scans.applyChanges([{ kind: 'added', item: packageItem('a', '1'), before: null }])
  scans.recordWatchPaths(new Map([[surface, 7]]))
  scans.recordSuccess({ surface, startedMs: first - 90, completedMs: first, durationMs: 90 }, counts, null)
  scans.recordFailure({ surface, startedMs: second - 40, completedMs: second, durationMs: 40 }, 'scan timed out')
  scans.recordWatchIssue(surface, 'file events were dropped', second + 5)
  const { surfaces } = JSON.parse(await said('--json')) as { surfaces: unknown[] }
  assert.deepEqual(surfaces, [
    {
      surface,
      state: 'degraded',
      itemCount: 1,
      issueCount: 0,
      lastScanAt: toIso(second),
      lastSuccessAt: toIso(first),
      durationMs: 40,
      lastFailure: 'scan timed out',
      lastWatchIssue: 'file events were dropped',
      lastWatchIssueAt: toIso(second + 5),
      watchPathCount: 7,
      lastScan: { events: 6, findings: 4, added: 3, modified: 2, removed: 1 },
    },
  ])
  assert.match(
    await said(),
    /^javascriptPackages +degraded, 1 items, scanned 2026-01-01T13:00:00\.000Z; scan timed out; file events were dropped$/m,
  )
})
