// What rules find on its way through a real database: with the scan or not at all, told once, kept within limits
// (sensor-agent 9, 10.3 to 10.5). Which rules fire is tested in rules.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodePayload, type Rule } from '@muster/contract/device'
import { createFakeClock, silentLog } from '@muster/kernel'
import { readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import type { Collector, Snapshot, Stamps } from '../collect/snapshot.ts'
import { createScripted, packageItem as item, openStores, recipient, snapshotOf } from '../testing/stores.ts'
import { createScanner } from './scan.ts'

const { observe } = readConfiguration(null, readMachine({}))
const never = new AbortController().signal

const rule = (changed: Partial<Rule> = {}): Rule => ({
  id: 'acme.new',
  surface: 'javascriptPackages',
  enabled: true,
  triggers: ['added'],
  match: 'always',
  severity: 'notable',
  title: 'New',
  rationale: 'r',
  ...changed,
})
const present = rule({ id: 'acme.here', triggers: ['present'], severity: 'critical' })

const setUp = (given: { rules?: readonly Rule[]; enrolled?: boolean; keep?: number; outboxMaxBytes?: number } = {}) => {
  const stores = openStores()
  const clock = createFakeClock()
  const state = { rules: given.rules ?? [rule(), present] }
  const keep = given.keep ?? 100
  const settings = () => ({
    ...observe,
    rules: state.rules,
    persistence: { maxStoredEvents: keep, maxStoredFindings: keep },
    sync: { ...observe.sync, outboxMaxBytes: given.outboxMaxBytes ?? 1e9 },
  })
  let isEnrolled = given.enrolled !== false
  const enrol = () => {
    isEnrolled = true
  }
  const who = () => (isEnrolled ? recipient : null)
  const restarted = () => createScanner({ ...stores, clock, log: silentLog, settings, recipient: who })
  const scanner = restarted()
  const queued = () =>
    stores.outbox.due(recipient.deviceId, clock.nowMs(), 1_000_000).map(({ payloadBase64, kind, localSequence }) => {
      const read = decodePayload(Buffer.from(payloadBase64, 'base64'))
      assert.ok(read.ok)
      const named = read.value.body === 'finding' ? `${read.value.finding.ruleId}!` : read.value.item.name
      return `${localSequence} ${kind} ${named}`
    })
  const found = () => stores.feed.findings(100).map(({ ruleId, itemName }) => `${ruleId} ${itemName}`)
  return {
    ...stores,
    clock,
    state,
    restarted,
    scanner,
    queued,
    found,
    enrol,
    scan: (disk: Collector) => scanner.scan(disk, never),
  }
}

test('a baseline is silent but for what rules find in what is there', async () => {
  const { scan, feed, queued, found, scans } = setUp()
  await scan(createScripted(snapshotOf([item('a', '1'), item('b', '1')])))
  assert.deepEqual(feed.events(10), [])
  assert.deepEqual(found().toSorted(), ['acme.here a', 'acme.here b'])
  assert.deepEqual(queued(), ['1 added a', '2 added b', '3 modified acme.here!', '4 modified acme.here!'])
  assert.deepEqual([scans.health()[0]?.eventCount, scans.health()[0]?.findingCount], [0, 2])
})

test('a scan tells changes, then findings of changes, then findings of what is there; all at one moment', async () => {
  const { scan, feed, queued, clock } = setUp()
  const disk = createScripted(snapshotOf([]))
  await scan(disk)
  clock.advance(5_000)
  disk.sees(snapshotOf([item('a', '1')]))
  await scan(disk)
  assert.deepEqual(queued(), ['1 added a', '2 modified acme.new!', '3 modified acme.here!'])
  assert.deepEqual(new Set([...feed.events(9), ...feed.findings(9)].map(({ atMs }) => atMs)), new Set([clock.nowMs()]))
  assert.deepEqual(
    feed.events(9).map(({ kind, itemName, detail }) => [kind, itemName, detail]),
    [['added', 'a', 'npm']],
  )
})

test('the feed says what a modification changed', async () => {
  const { scan, feed } = setUp({ rules: [] })
  const disk = createScripted(snapshotOf([item('a', '1', { origin: 'npm' })]))
  await scan(disk)
  const [first] = snapshotOf([item('a', '1')]).items
  assert.ok(first)
  disk.sees(snapshotOf([{ ...first, origin: 'pnpm' }]))
  await scan(disk)
  disk.sees(snapshotOf([{ ...first, origin: 'pnpm', version: '2' }]))
  await scan(disk)
  assert.deepEqual(new Set(feed.events(9).map(({ detail }) => detail)), new Set(['npm -> pnpm', '1 -> 2']))
})

test('what is there is told once: not at the next scan, not after pruning, but again when it comes back', async () => {
  const { scan, found, queued, db } = setUp({ rules: [present], keep: 0 })
  const disk = createScripted(snapshotOf([item('a', '1')]))
  for (let round = 0; round < 3; round++) await scan(disk)
  db.exec('delete from finding')
  await scan(disk)
  assert.deepEqual([found(), queued().length], [[], 2])
  disk.sees(snapshotOf([]))
  await scan(disk)
  disk.sees(snapshotOf([item('a', '1')]))
  await scan(disk)
  assert.deepEqual(queued().slice(2), ['3 removed a', '4 added a', '5 modified acme.here!'])
})

test('what is there is told once although everything is told again: after a resnapshot, pruning, a restart, a first scan', async () => {
  const { scan, queued, found, scans, clock, db, restarted } = setUp({ rules: [present] })
  const disk = createScripted(snapshotOf([item('a', '1')]))
  await scan(disk)
  const again = [
    () => scans.wantResnapshot(),
    () => db.exec('delete from finding; update surface set is_resnapshot_wanted = 1'),
    () => db.exec('update surface set is_baselined = 0'),
  ]
  for (const happens of again) {
    happens()
    clock.advance(600_000)
    await restarted().scan(disk, never)
  }
  assert.deepEqual(queued(), ['1 added a', '2 modified acme.here!', '3 added a', '4 added a', '5 added a'])
  assert.deepEqual(found(), [])
})

test('a rule that changed tells anew, and one that is gone is forgotten', async () => {
  const { scan, queued, state } = setUp({ rules: [present] })
  const disk = createScripted(snapshotOf([item('a', '1')]))
  await scan(disk)
  state.rules = [{ ...present, title: 'Other' }]
  await scan(disk)
  assert.equal(queued().length, 3)
  state.rules = []
  await scan(disk)
  state.rules = [{ ...present, title: 'Other' }]
  await scan(disk)
  assert.equal(queued().length, 4)
})

test('a rule that fires for the change and for what is there fires once', async () => {
  const { scan, found } = setUp({ rules: [rule({ id: 'acme.both', triggers: ['added', 'present'] })] })
  const disk = createScripted(snapshotOf([]))
  await scan(disk)
  disk.sees(snapshotOf([item('a', '1')]))
  await scan(disk)
  await scan(disk)
  assert.deepEqual(found(), ['acme.both a'])
})

test('retention keeps the newest of each within the scan, zero none, and a negative number all', async () => {
  for (const [keep, want] of [
    [2, 2],
    [0, 0],
    [-1, 5],
  ] as const) {
    const { scan, feed } = setUp({ rules: [rule()], keep })
    const disk = createScripted(snapshotOf([]))
    await scan(disk)
    disk.sees(snapshotOf(Array.from({ length: 5 }, (_, at) => item(`p${at}`, '1'))))
    await scan(disk)
    assert.deepEqual([feed.events(99).length, feed.findings(99).length], [want, want])
  }
})

test('a commit that fails leaves inventory, feed, findings, outbox and what was told as they were', async () => {
  const { scan, db, feed, queued, found, scans } = setUp()
  const disk = createScripted(snapshotOf([item('a', '1')]))
  await scan(disk)
  const before = [queued(), found(), feed.events(9), [...scans.items('javascriptPackages')].length]
  for (const table of ['finding', 'change_event', 'outbox_event', 'told_finding', 'inventory_item']) {
    db.exec(`create trigger fail before insert on ${table} begin select raise(abort, 'disk'); end`)
    disk.sees(snapshotOf([item('a', '1'), item('b', '1')]))
    assert.equal(await scan(disk), null)
    db.exec('drop trigger fail')
    assert.deepEqual([queued(), found(), feed.events(9), [...scans.items('javascriptPackages')].length], before, table)
    assert.match(scans.health()[0]?.lastFailure ?? '', /scan failed: disk/)
  }
  await scan(disk)
  assert.equal(scans.health()[0]?.state, 'healthy')
  assert.deepEqual(queued().slice(2), ['3 added b', '4 modified acme.new!', '5 modified acme.here!'])
})

test('without anybody to tell, findings stay here', async () => {
  const { scan, found, queued } = setUp({ enrolled: false })
  await scan(createScripted(snapshotOf([item('a', '1')])))
  assert.deepEqual([found(), queued()], [['acme.here a'], []])
})

test('an outbox that is full lets go of inventory first, then of the mildest findings', async () => {
  const { scan, outbox, queued } = setUp({ rules: [rule({ severity: 'info' }), present], outboxMaxBytes: 1_000 })
  const disk = createScripted(snapshotOf([]))
  await scan(disk)
  disk.sees(snapshotOf(Array.from({ length: 5 }, (_, at) => item(`p${at}`, '1'))))
  await scan(disk)
  assert.ok(outbox.backlog('dev_1').bytes <= 1_000)
  assert.ok(queued().length > 0)
  assert.deepEqual(new Set(queued().map((line) => line.split(' ')[2])), new Set(['acme.here!']))
})

/** A disk of two files that leaves alone what it knows, as collectors of packages do. */
const createStamped = (files: Record<string, string>) => {
  const reads: string[] = []
  const collect = async (_signal: AbortSignal, known?: Stamps): Promise<Snapshot> => {
    const unchanged = new Set(Object.keys(files).filter((path) => known?.get(path) === files[path]))
    const read = Object.keys(files).filter((path) => !unchanged.has(path))
    reads.push(read.join())
    const items = read.map((path) => item(path.slice(1), files[path] ?? '', { path }))
    return { ...snapshotOf(items), unchanged, stamps: new Map(Object.entries(files)) }
  }
  return { collector: { surface: 'javascriptPackages', collect }, files, reads }
}

test('files that did not change are not read again, and what they hold stands', async () => {
  const { scan, queued, scans } = setUp({ rules: [present] })
  const { collector, files, reads } = createStamped({ '/a': '1', '/b': '1' })
  await scan(collector)
  await scan(collector)
  files['/b'] = '2'
  await scan(collector)
  delete files['/a']
  await scan(collector)
  assert.deepEqual(reads, ['/a,/b', '', '/b', ''])
  assert.deepEqual(
    [...scans.items('javascriptPackages')].map(({ name, version }) => `${name}@${version}`),
    ['b@2'],
  )
  assert.deepEqual(queued().slice(4), ['5 added b', '6 removed b', '7 modified acme.here!', '8 removed a'])
})

test('a rule for what is there that is new has everything read again', async () => {
  const { scan, state, found } = setUp({ rules: [] })
  const { collector, reads } = createStamped({ '/a': '1' })
  await scan(collector)
  await scan(collector)
  state.rules = [present]
  await scan(collector)
  assert.deepEqual([reads, found()], [['/a', '', '/a'], ['acme.here a']])
})

test('a resnapshot tells what was not read again too, and each surface has its own ten minutes', async () => {
  const { scan, queued, scans } = setUp({ rules: [] })
  const { collector } = createStamped({ '/a': '1' })
  const other = {
    surface: 'pythonPackages',
    collect: async () => snapshotOf([item('p', '1', { surface: 'pythonPackages' })]),
  }
  await scan(collector)
  await scan(other)
  scans.wantResnapshot()
  await scan(collector)
  await scan(other)
  assert.deepEqual(queued(), ['1 added a', '2 added p', '3 added a', '4 added p'])
})

test('who hears of this machine for the first time hears what rules find in what is there, and who asks again does not', async () => {
  const { scan, queued, scans, enrol, found, clock } = setUp({ enrolled: false })
  const disk = createScripted(snapshotOf([item('a', '1')]))
  await scan(disk)
  disk.sees(snapshotOf([item('a', '1'), item('b', '1')]))
  enrol()
  scans.wantIntroduction()
  await scan(disk)
  const told = ['1 added b', '2 added a', '3 modified acme.new!', '4 modified acme.here!', '5 modified acme.here!']
  assert.deepEqual(queued(), told)
  assert.equal(found().length, 3)
  await scan(disk)
  scans.wantResnapshot()
  clock.advance(600_000)
  await scan(disk)
  assert.deepEqual(queued().slice(told.length), ['6 added a', '7 added b'])
})

test('a clock that is put back a year holds nothing up: events stay due, and a resnapshot is not late', async () => {
  const { scan, outbox, scans, clock, queued } = setUp({ rules: [] })
  const disk = createScripted(snapshotOf([item('a', '1')]))
  await scan(disk)
  const [event] = outbox.due('dev_1', clock.nowMs(), 1)
  outbox.postpone(event?.localSequence ?? 0, event?.deviceId ?? '', clock.nowMs() + 900_000, clock.nowMs())
  assert.equal(queued().length, 0)
  clock.advance(-365 * 86_400_000)
  assert.deepEqual(queued(), ['1 added a'])
  scans.wantResnapshot()
  await scan(disk)
  scans.wantResnapshot()
  clock.advance(-365 * 86_400_000)
  await scan(disk)
  assert.equal(queued().length, 3)
})
