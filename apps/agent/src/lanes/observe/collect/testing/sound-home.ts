// The sound home of packages on a real disk, and what a scan of it would tell after something was done to it.
// The product never imports it.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { PayloadItem } from '@muster/contract/device'
import { readyRules } from '../../rules/decide.ts'
import { decideScan } from '../../scan/decide.ts'
import type { Collector, Snapshot } from '../snapshot.ts'
import { groundWith, put } from './ground.ts'
import { createPackageHomeCollectors } from './home-collectors.ts'
import { packageHomeFiles, packageHomeSettings, putRpmDatabase } from './package-home.ts'

/** Its surfaces see nothing of the machine it stands on. */
export const soundHome = (more: Readonly<Record<string, string>> = {}) => {
  const home = groundWith({ ...packageHomeFiles, ...more })
  putRpmDatabase(join(home, 'system/rpm'))
  const configuration = join(home, 'agent.yaml')
  const settings = packageHomeSettings(home, { npmGlobal: { prefixes: ['.npm-global'] } })
  put(configuration, JSON.stringify({ observe: settings }))
  return { home, collectors: createPackageHomeCollectors(configuration) }
}

export const surfaceIn = (collectors: readonly Collector[], surface: string): Collector => {
  const found = collectors.find((collector) => collector.surface === surface)
  assert.ok(found, surface)
  return found
}

/** What would be told of the change from these items to that snapshot, whose unseen places are so for that long. */
export const toldOf = (before: readonly PayloadItem[], snapshot: Snapshot, unreadableForMs = 0): readonly string[] => {
  const completedMs = 1_000_000_000
  const facts = {
    isBaseline: false,
    unreadableSinceMs: new Map(snapshot.unseen.map(({ path }) => [path, completedMs - unreadableForMs])),
    completedMs,
    rules: readyRules([], 'none'),
    told: new Set<string>(),
  }
  return decideScan(snapshot, before, facts).changes.map(({ kind, item }) => `${kind} ${item.name}`)
}
