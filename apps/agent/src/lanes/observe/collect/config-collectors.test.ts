// The whole home of tool-home.ts through every collector of coding tools, held against what was once checked by eye.
// Single rules are tested beside each collector and reader.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import { createConfigCollectors } from './config-collectors.ts'
import { isWithin } from './path-prefix.ts'
import type { Snapshot } from './snapshot.ts'
import { groundWith, never, put } from './testing/ground.ts'
import golden from './testing/tool-home.golden.json' with { type: 'json' }
import { toolHomeFiles, toolHomeSettings } from './testing/tool-home.ts'

const settingsFor = (home: string) => {
  const file = join(home, 'agent.yaml')
  put(file, JSON.stringify({ observe: toolHomeSettings }))
  const { observe } = readConfiguration(file, { ...readMachine({}), home, platform: 'linux', env: {} })
  const managed = join(home, 'managed', 'managed-settings.json')
  return () => ({ ...observe, claude: { ...observe.claude, managedSettingsPaths: [managed] } })
}

/** A detail that is the hash of the very file is shown as the word for it, so that the expectation can be read. */
const detailOf = (path: string, detail: string | null): string | null =>
  detail === createHash('sha256').update(readFileSync(path)).digest('hex') ? 'its hash' : detail

const shown = (home: string, { items, issues, unseen }: Snapshot): unknown => {
  const told = {
    items: items.map(({ itemId, origin, path, detail }) => [itemId, origin, detailOf(path, detail)]),
    issues: issues.map(({ path, reason }) => [path, reason]),
    unseen: unseen.map(({ path, extent, because }) => [path, extent, because]),
  }
  return JSON.parse(JSON.stringify(told).replaceAll(home, '/home/ada'))
}

test('every file of the home becomes exactly the items, with exactly the ids, that it should', async () => {
  const home = groundWith({
    ...toolHomeFiles,
    'managed/managed-settings.json': '{"disableBypassPermissionsMode":true}',
  })
  const seen: Record<string, unknown> = {}
  for (const collector of createConfigCollectors(settingsFor(home)))
    seen[collector.surface] = shown(home, await collector.collect(never))
  assert.deepEqual(seen, golden)
})

test('an empty home is no items and no issues on every surface', async () => {
  const home = groundWith({})
  for (const collector of createConfigCollectors(settingsFor(home))) {
    const { items, issues, unseen } = await collector.collect(never)
    assert.deepEqual([items, issues, unseen], [[], [], []], collector.surface)
  }
})

test('every surface stops when it is told to', async () => {
  const home = groundWith(toolHomeFiles)
  const stopped = AbortSignal.abort(new Error('stopped'))
  for (const collector of createConfigCollectors(settingsFor(home)))
    await assert.rejects(collector.collect(stopped), /stopped/, collector.surface)
})

test('surfaces come in the order they are scanned in, and a disabled one has no collector', () => {
  const settings = settingsFor(groundWith({}))
  const surfaces = createConfigCollectors(settings).map(({ surface }) => surface)
  const protocol = ['claudeConfig', 'codexConfig', 'cursorConfig', 'opencodeConfig', 'piConfig']
  assert.deepEqual(surfaces, [...protocol, 'claudeDesktopConfig'])
  const without = () => ({ ...settings(), codex: { ...settings().codex, enabled: false } })
  assert.equal(
    createConfigCollectors(without).some(({ surface }) => surface === 'codexConfig'),
    false,
  )
})

test('whatever is seen lies where a change would be noticed, and nothing wider than that is watched', async () => {
  const home = groundWith({ ...toolHomeFiles, 'managed/managed-settings.json': '{"a":1}' })
  for (const collector of createConfigCollectors(settingsFor(home))) {
    const interests = collector.interests?.() ?? []
    const isWatched = (path: string): boolean =>
      interests.some(({ path: place, extent }) => (extent === 'file' ? path === place : isWithin(path, place)))
    const { items } = await collector.collect(never)
    assert.deepEqual(
      items.filter(({ path }) => !isWatched(path)).map(({ path }) => path),
      [],
    )
    assert.equal(
      interests.some(({ path }) => isWithin(home, path)),
      false,
    )
  }
})
