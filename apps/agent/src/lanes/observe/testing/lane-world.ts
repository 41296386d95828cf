// One lane for each test of a file: a backend over real TLS, projects on a real disk, and a way to look into its database.
// What is proved with it stands in the tests.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { silentLog, systemClock } from '@muster/kernel'
import { readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import { readToken, spendToken } from '../../../configuration/spend-token.ts'
import { type Database, openForReading } from '../database/open.ts'
import { describeHost } from '../host.ts'
import { runObserveLane } from '../lane.ts'
import { laneDatabase } from '../lane-database.ts'
import { type Backend, startBackend } from './backend.ts'
import { onlyLockfiles, scratchFolder } from './stores.ts'

/** What a test finds at its beginning, new for each. */
export interface LaneWorld {
  backend: Backend
  dataDir: string
  projects: string
  configFile: string
}

const tablesOf = (db: Database): number =>
  Number(db.prepare('select count(*) as count from sqlite_schema').get()?.['count'])

const createDisk = (w: LaneWorld) => {
  const lock = (project: string, packages: Record<string, string>): void => {
    mkdirSync(join(w.projects, project), { recursive: true })
    const entries = Object.entries(packages).map(([name, version]) => [`node_modules/${name}`, { version }])
    writeFileSync(
      join(w.projects, project, 'package-lock.json'),
      JSON.stringify({ lockfileVersion: 3, packages: Object.fromEntries(entries) }),
    )
  }

  const configure = (changed: Record<string, unknown> = {}, batch = 500, watch: Record<string, unknown> = {}): void => {
    const file = {
      server: w.backend.url,
      serverCA: w.backend.caFile,
      enrollmentToken: 'met_first',
      dataDir: w.dataDir,
      ...changed,
      observe: {
        ...onlyLockfiles,
        watch: { projectRoots: [w.projects], pollIntervalSeconds: 1, ...watch },
        sync: { checkInIntervalSeconds: 1, retryBaseSeconds: 1, maxBatchEvents: batch },
      },
    }
    writeFileSync(
      w.configFile,
      `${Object.entries(file)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
        .join('\n')}\n`,
    )
  }
  return { lock, configure }
}

const createRuns = (w: LaneWorld) => {
  const running = new Set<() => Promise<void>>()
  const needs = () => {
    const machine = readMachine({})
    const current = () => readConfiguration(w.configFile, machine)
    return {
      configuration: current(),
      host: describeHost(machine),
      clock: systemClock,
      log: silentLog,
      random: () => 0.5,
      readToken: () => readToken(current()),
      spendToken: () => spendToken(current(), silentLog),
    }
  }

  const start = (): { stop: () => Promise<void> } => {
    const ended = new AbortController()
    const run = runObserveLane(needs(), ended.signal)
    const stop = async (): Promise<void> => {
      running.delete(stop)
      ended.abort()
      await run
    }
    running.add(stop)
    // A lane that ends by itself must fail the test that waits for its w.backend to hear something.
    run.catch((fault: unknown) =>
      setImmediate(() => {
        throw fault
      }),
    )
    return { stop }
  }
  return { needs, start, running }
}

const createViews = (w: LaneWorld) => {
  const sequences = (): readonly number[] =>
    [...w.backend.heard.events.values()].map(({ localSequence }) => localSequence)
  const names = (): readonly string[] =>
    [...w.backend.heard.events.values()].map(({ kind, item }) => `${kind} ${item.name}@${item.version}`)

  /** Looks into the lane's own database until it shows something; nothing tells of its commits. */
  const untilDatabase = async (shows: (db: Database) => boolean): Promise<void> => {
    for (;;) {
      const db = openForReading(laneDatabase(w.dataDir))
      try {
        if (db !== null && tablesOf(db) > 0 && shows(db)) return
      } finally {
        db?.close()
      }
      await wait(20)
    }
  }

  const stored = async <T>(look: (db: Database) => T): Promise<T> => {
    const db = openForReading(laneDatabase(w.dataDir))
    assert.ok(db)
    const seen = look(db)
    db.close()
    return seen
  }

  const untilStored = (name: string): Promise<void> =>
    untilDatabase((db) => db.prepare('select 1 from inventory_item where name = ?').get(name) !== undefined)

  const lastScan = (db: Database): unknown => db.prepare('select completed_ms from surface').get()?.['completed_ms']
  return { sequences, names, untilDatabase, stored, untilStored, lastScan }
}

/** Registers what comes before and after each test of the file. */
export const useLane = () => {
  const w = {} as LaneWorld
  const disk = createDisk(w)
  const runs = createRuns(w)
  beforeEach(async () => {
    const folder = scratchFolder()
    w.backend = await startBackend()
    w.dataDir = join(folder, 'data')
    w.projects = join(folder, 'projects')
    w.configFile = join(folder, 'agent.yaml')
    mkdirSync(w.dataDir, { mode: 0o700 })
    disk.lock('shop', { a: '1.0.0', b: '2.0.0' })
    disk.configure()
  })
  afterEach(async () => {
    for (const stop of runs.running) await stop()
    await w.backend.hangUp()
  })
  return { ...disk, ...runs, ...createViews(w), here: (): LaneWorld => w }
}
