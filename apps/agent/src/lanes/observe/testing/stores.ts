// What the lane's tests share: items, and a lane database in a scratch folder.
// The product never imports it.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PayloadItem } from '@muster/contract/device'
import { itemIdOf } from '../collect/item-id.ts'
import type { Collector, Snapshot } from '../collect/snapshot.ts'
import { type Database, openDatabase } from '../database/open.ts'
import { createFeedStore } from '../feed/store.ts'
import { createOutboxStore } from '../outbox/store.ts'
import { createScanStore } from '../scan/store.ts'

export const scratchFolder = (): string => mkdtempSync(join(tmpdir(), 'muster-agent-lane-'))

const otherSections = [
  'homebrew',
  'claude',
  'claudeDesktop',
  'codex',
  'cursor',
  'opencode',
  'pi',
  'python',
  'go',
  'cargo',
  'debian',
  'rpm',
  'vscode',
  'npmGlobal',
]

/** Every surface off that would see this very machine; only the projects of the test are left. */
export const onlyLockfiles = Object.fromEntries(otherSections.map((section) => [section, { enabled: false }]))

export const packageItem = (name: string, version: string, changed: Partial<PayloadItem> = {}): PayloadItem => {
  const item = {
    surface: 'javascriptPackages',
    kind: 'package',
    path: '/p/package-lock.json',
    name,
    version,
    ...changed,
  }
  return { origin: 'npm', detail: null, installedOnRequest: null, attributes: {}, itemId: itemIdOf(item), ...item }
}

export const snapshotOf = (items: readonly PayloadItem[], changed: Partial<Snapshot> = {}): Snapshot => ({
  items,
  issues: [],
  unseen: [],
  ...changed,
})

/** A collector that sees whatever it is told to see next. */
export const createScripted = (first: Snapshot): Collector & { sees(next: Snapshot): void } => {
  let now = first
  return {
    surface: 'javascriptPackages',
    collect: async () => now,
    sees: (next) => {
      now = next
    },
  }
}

export interface LaneStores {
  readonly path: string
  readonly db: Database
  readonly scans: ReturnType<typeof createScanStore>
  readonly feed: ReturnType<typeof createFeedStore>
  readonly outbox: ReturnType<typeof createOutboxStore>
}

export const openStores = (path = join(scratchFolder(), 'observe.db')): LaneStores => {
  const { db } = openDatabase(path)
  return { path, db, scans: createScanStore(db), feed: createFeedStore(db), outbox: createOutboxStore(db) }
}

export const recipient = { tenantId: 'default', deviceId: 'dev_1' } as const
