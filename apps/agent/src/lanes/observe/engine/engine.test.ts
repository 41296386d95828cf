// The life of the engine, with a real database and collectors that a test holds in its hand: starts, stops, and what is
// left of a life that is over (sensor-agent 2.2 to 2.5). Scheduling alone is scheduler.test.ts, watching watcher.test.ts.
import assert from 'node:assert/strict'
import fs, { type FSWatcher, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { silentLog, systemClock } from '@muster/kernel'
import { readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import type { Collector } from '../collect/snapshot.ts'
import { createScanner, type Scanned } from '../scan/scan.ts'
import { openStores, packageItem, scratchFolder, snapshotOf } from '../testing/stores.ts'
import { createEngine } from './engine.ts'

const { observe } = readConfiguration(null, readMachine({}))
const names = ['one', 'two', 'three']

/** The watches that the system was asked for, by their folder, so that a test can say through one what a system says. */
const watches = new Map<string, FSWatcher>()
const openWatch = fs.watch
fs.watch = ((folder: string, options: { recursive: boolean }) => {
  const opened = openWatch(folder, options)
  watches.set(folder, opened)
  return opened
}) as typeof fs.watch
syncBuiltinESMExports()

interface Given {
  readonly watched?: string
  /** The surfaces that watch it; all, unless told otherwise. */
  readonly watchers?: readonly string[]
  /** Collectors hear of the end of a scan only once the gate is open. */
  readonly isDeaf?: boolean
}

/** Collectors that wait at a gate as long as it is shut, and count how many of them are at it. */
const setUp = ({ watched, watchers = names, isDeaf = false }: Given = {}) => {
  const stores = openStores()
  const settings = () => ({
    ...observe,
    watch: { ...observe.watch, debounceMilliseconds: 10, pollIntervalSeconds: 3600 },
  })
  const heard = {
    collections: 0,
    at: 0,
    most: 0,
    scanned: [] as Scanned[],
    touched: [] as (string[] | null)[],
    collectorsMade: 0,
  }
  let gate: PromiseWithResolvers<void> | null = null
  let changed = Promise.withResolvers<void>()
  const tell = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const collectorOf = (surface: string): Collector => ({
    surface,
    ...(watched !== undefined &&
      watchers.includes(surface) && { interests: () => [{ path: watched, extent: 'tree' as const }] }),
    async collect(signal, _known, touched) {
      heard.touched.push(touched === undefined ? null : [...touched])
      heard.collections += 1
      heard.at += 1
      heard.most = Math.max(heard.most, heard.at)
      tell()
      const life = heard.collectorsMade
      const stopped = Promise.withResolvers<void>()
      if (!isDeaf) signal.addEventListener('abort', () => stopped.resolve(), { once: true })
      if (gate !== null) await Promise.race([gate.promise, stopped.promise])
      heard.at -= 1
      if (!isDeaf) signal.throwIfAborted()
      return { ...snapshotOf([packageItem(`found in life ${life}`, '1', { surface })]), stamps: new Map() }
    },
  })
  const engine = createEngine({
    settings,
    collectors: () => {
      heard.collectorsMade += 1
      return names.map(collectorOf)
    },
    scanner: createScanner({ ...stores, clock: systemClock, log: silentLog, settings, recipient: () => null }),
    scans: stores.scans,
    clock: systemClock,
    log: silentLog,
    onScanned: (scanned) => {
      heard.scanned.push(scanned)
      tell()
    },
    onFault: (fault) => {
      throw fault
    },
  })
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await changed.promise
  }
  const shut = (): void => {
    gate = Promise.withResolvers()
  }
  const open = (): void => {
    gate?.resolve()
    gate = null
  }
  return { ...stores, engine, heard, until, shut, open }
}

test('a start scans all surfaces beside each other, tells of each, and is done when all are', async () => {
  const { engine, heard, until, shut, open } = setUp()
  shut()
  const started = engine.start()
  await until(() => heard.at === names.length)
  assert.deepEqual([heard.most, heard.scanned.length], [names.length, 0])
  open()
  await started
  assert.ok(heard.scanned.length >= names.length)
  await engine.stop()
})

test('a stop while everything is scanned leaves every health as it was, and a start after it begins at once', async () => {
  const { engine, heard, until, shut, open, scans } = setUp()
  shut()
  const started = engine.start()
  await until(() => heard.at === names.length)
  await engine.stop()
  await started
  assert.deepEqual([engine.isRunning(), heard.at, heard.scanned.length], [false, 0, 0])
  assert.deepEqual(
    scans.health().filter(({ state, completedMs }) => state !== 'idle' || completedMs !== null),
    [],
  )
  open()
  await engine.start()
  assert.deepEqual(new Set(scans.health().map(({ state }) => state)), new Set(['healthy']))
  await engine.stop()
})

test('thirty starts and stops leave nothing running, and the thirty-first works as the first did', async () => {
  const { engine, heard } = setUp()
  for (let round = 0; round < 30; round++) {
    const started = engine.start()
    if (round % 2 === 0) await started
    await engine.stop()
    await started
    assert.deepEqual([engine.isRunning(), heard.at], [false, 0])
  }
  const before = heard.scanned.length
  await engine.start()
  assert.ok(heard.scanned.length >= before + names.length)
  await engine.stop()
})

test('of starts that ask while another is being carried out, the last one lives, and only it', async () => {
  const { engine, heard, until, shut, open } = setUp()
  shut()
  const first = engine.start()
  await until(() => heard.at === names.length)
  const later = [engine.start(), engine.start(), engine.start()]
  open()
  await Promise.all([first, ...later])
  assert.deepEqual([heard.collectorsMade, engine.isRunning()], [2, true])
  await engine.stop()
})

test('what changes on the disk is scanned while the engine lives, and wakes nobody once it is stopped', async () => {
  const watched = join(scratchFolder(), 'watched')
  mkdirSync(watched)
  const { engine, heard, until } = setUp({ watched })
  await engine.start()
  // Two rounds: the one that a start makes, and the one that makes up for what changed before the watch stood.
  await until(() => heard.scanned.length >= 2 * names.length)
  writeFileSync(join(watched, 'a'), '1')
  await until(() => heard.scanned.length >= 3 * names.length)
  // Whoever is told of a file looks at that; a start, and whoever asks without an event, looks at everything.
  assert.deepEqual(
    heard.touched.slice(2 * names.length, 3 * names.length),
    names.map(() => [join(watched, 'a')]),
  )
  const before = heard.collections
  await engine.scanAll()
  const whole = heard.touched.filter((touched) => touched === null)
  assert.deepEqual([heard.collections >= before + names.length, whole.length >= 3 * names.length], [true, true])
  writeFileSync(join(watched, 'b'), '1')
  await engine.stop()
  const after = heard.collections
  writeFileSync(join(watched, 'c'), '1')
  await engine.scanAll()
  await wait(50)
  assert.deepEqual([heard.collections, heard.at], [after, 0])
})

test('a scan that hears too late that it was cut off keeps the next life waiting, and leaves nothing in it', async () => {
  const { engine, heard, until, shut, open, scans, feed } = setUp({ isDeaf: true })
  shut()
  const first = engine.start()
  await until(() => heard.at === names.length)
  const second = engine.start()
  assert.equal(heard.collectorsMade, 1)
  open()
  await Promise.all([first, second])
  for (const surface of names)
    assert.deepEqual(
      [...scans.items(surface)].map(({ name }) => name),
      ['found in life 2'],
    )
  assert.deepEqual(
    scans.health().map(({ state, itemCount }) => [state, itemCount]),
    names.map(() => ['healthy', 1]),
  )
  // The second life has the first scan of its surfaces, so that nothing of it is news.
  assert.deepEqual(feed.events(9), [])
  await engine.stop()
})

const losses: readonly { name: string; happens: (watched: string) => void; issue: RegExp }[] = [
  {
    name: 'events that name no path, because some were dropped',
    happens: (watched) => watches.get(watched)?.emit('change', 'change', null),
    issue: /file events were dropped/,
  },
  {
    name: 'a watched root that was moved away',
    happens: (watched) => renameSync(watched, `${watched}.old`),
    issue: /a watched folder was moved, deleted or replaced/,
  },
]
for (const { name, happens, issue } of losses)
  test(`everything is scanned, on surfaces that watch nothing too, and told of until the next scan and beyond: ${name}`, async () => {
    const watched = join(scratchFolder(), 'watched')
    mkdirSync(watched)
    const { engine, heard, until, shut, open, scans } = setUp({ watched, watchers: ['one'] })
    await engine.start()
    await until(() => heard.scanned.length >= 2 * names.length)
    shut()
    const before = heard.collections
    happens(watched)
    await until(() => heard.at === names.length)
    assert.deepEqual(
      heard.touched.slice(before),
      names.map(() => null),
    )
    for (const { state, lastWatchIssue, surface } of scans.health()) {
      assert.equal(state, 'degraded', surface)
      assert.match(lastWatchIssue ?? '', issue)
    }
    const scanned = heard.scanned.length
    open()
    await until(() => heard.scanned.length >= scanned + names.length)
    for (const { state, lastWatchIssue, surface } of scans.health()) {
      assert.equal(state, 'healthy', surface)
      assert.match(lastWatchIssue ?? '', issue)
    }
    await engine.stop()
  })

test('a watch that ends by itself degrades the surfaces it was for, and no other', async () => {
  const watched = join(scratchFolder(), 'watched')
  mkdirSync(watched)
  const { engine, heard, until, scans } = setUp({ watched, watchers: ['two'] })
  await engine.start()
  await until(() => heard.scanned.length >= 2 * names.length)
  watches.get(watched)?.emit('error', new Error('EMFILE'))
  assert.deepEqual(
    scans.health().map(({ surface, state, lastWatchIssue }) => [surface, state, lastWatchIssue]),
    [
      ['one', 'healthy', null],
      ['three', 'healthy', null],
      ['two', 'degraded', 'watching is not possible: a folder can no longer be watched'],
    ],
  )
  await engine.stop()
})
