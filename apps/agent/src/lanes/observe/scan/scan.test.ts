// A scan against a real database: all or nothing, each item once, nothing told twice.
// Which changes there are is tested in diff, the disk in collect.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodePayload } from '@muster/contract/device'
import { createFakeClock, type LogFields, silentLog } from '@muster/kernel'
import { readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import type { Collector } from '../collect/snapshot.ts'
import { createScripted, packageItem as item, openStores, recipient, snapshotOf } from '../testing/stores.ts'
import { createScanner } from './scan.ts'

const { observe } = readConfiguration(null, readMachine({}))
const never = new AbortController().signal

const setUp = (given: { enrolled?: boolean; outboxMaxBytes?: number; maxScanSeconds?: number } = {}) => {
  const stores = openStores()
  const clock = createFakeClock()
  const settings = {
    ...observe,
    rules: [],
    sync: { ...observe.sync, outboxMaxBytes: given.outboxMaxBytes ?? 1e9 },
    watch: { ...observe.watch, maxScanWallClockSeconds: given.maxScanSeconds ?? 30 },
  }
  const logged: string[] = []
  const note = (message: string, { err }: LogFields = {}): void =>
    void logged.push(`${message}: ${err instanceof Error ? err.message : ''}`)
  let isEnrolled = given.enrolled ?? true
  const scanner = createScanner({
    ...stores,
    clock,
    log: { ...silentLog, error: note, warn: note },
    settings: () => settings,
    recipient: () => (isEnrolled ? recipient : null),
  })
  const queued = () =>
    stores.outbox.due(recipient.deviceId, clock.nowMs(), 1_000_000).map((event) => {
      const payload = decodePayload(Buffer.from(event.payloadBase64, 'base64'))
      assert.ok(payload.ok && payload.value.body === 'inventoryItem')
      const { name, version } = payload.value.item
      return `${event.localSequence} ${event.kind} ${name}@${version}`
    })
  const stored = () => [...stores.scans.items('javascriptPackages')].map(({ name, version }) => `${name}@${version}`)
  return {
    ...stores,
    clock,
    scanner,
    queued,
    stored,
    logged,
    enrol: () => {
      isEnrolled = true
    },
  }
}

test('the first scan stores everything and tells everything, numbered without a gap', async () => {
  const { scanner, queued, stored, scans } = setUp()
  const scanned = await scanner.scan(createScripted(snapshotOf([item('a', '1'), item('b', '2')])), never)
  assert.deepEqual(scanned, { changes: 2, findings: 0, queuedEvents: 2 })
  assert.deepEqual(queued(), ['1 added a@1', '2 added b@2'])
  assert.deepEqual(stored(), ['a@1', 'b@2'])
  const [health] = scans.health()
  assert.deepEqual([health?.state, health?.itemCount, health?.addedCount], ['healthy', 2, 2])
})

test('how many items there are is told after every scan, whether it found anything new or not', async () => {
  const { scanner, scans } = setUp()
  const counts: (number | undefined)[] = []
  const disk = createScripted(snapshotOf([]))
  for (const names of [[], ['a', 'b'], ['a', 'b'], ['b', 'c', 'd'], ['b'], ['b']]) {
    disk.sees(snapshotOf(names.map((name) => item(name, '1'))))
    await scanner.scan(disk, never)
    counts.push(scans.health()[0]?.itemCount)
  }
  assert.deepEqual(counts, [0, 2, 2, 3, 1, 1])
})

test('two versions of one package stay two rows, and scanning again tells nothing', async () => {
  const { scanner, queued, stored } = setUp()
  const disk = createScripted(snapshotOf([item('a', '1'), item('a', '2')]))
  for (let round = 0; round < 3; round++) await scanner.scan(disk, never)
  assert.deepEqual(stored(), ['a@1', 'a@2'])
  assert.equal(queued().length, 2)
})

test('a later scan tells only what changed', async () => {
  const { scanner, queued } = setUp()
  const disk = createScripted(snapshotOf([item('a', '1'), item('b', '1')]))
  await scanner.scan(disk, never)
  disk.sees(snapshotOf([item('a', '2'), item('b', '1', { detail: 'x' })]))
  await scanner.scan(disk, never)
  assert.deepEqual(queued().slice(2), ['3 added a@2', '4 removed a@1', '5 modified b@1'])
})

test('before enrolment nothing is queued; afterwards everything is told once', async () => {
  const { scanner, queued, scans, enrol } = setUp({ enrolled: false })
  const disk = createScripted(snapshotOf([item('a', '1')]))
  assert.deepEqual(await scanner.scan(disk, never), {
    changes: 1,
    findings: 0,
    queuedEvents: 0,
  })
  enrol()
  scans.wantResnapshot()
  await scanner.scan(disk, never)
  await scanner.scan(disk, never)
  assert.deepEqual(queued(), ['1 added a@1'])
})

test('a resnapshot asked for again within ten minutes waits for them', async () => {
  const { scanner, queued, scans, clock } = setUp()
  const disk = createScripted(snapshotOf([item('a', '1')]))
  await scanner.scan(disk, never)
  scans.wantResnapshot()
  await scanner.scan(disk, never)
  scans.wantResnapshot()
  await scanner.scan(disk, never)
  assert.equal(queued().length, 2)
  clock.advance(600_000)
  await scanner.scan(disk, never)
  assert.equal(queued().length, 3)
})

test('issues leave the surface degraded, and what was seen is committed', async () => {
  const { scanner, stored, scans } = setUp()
  const issues = [{ path: '/x', reason: 'is not JSON' }]
  await scanner.scan(createScripted(snapshotOf([item('a', '1')], { issues })), never)
  const [health] = scans.health()
  assert.deepEqual([health?.state, health?.issueCount, stored()], ['degraded', 1, ['a@1']])
  assert.match(health?.lastFailure ?? '', /1 issues, the first at \/x: is not JSON/)
  assert.notEqual(health?.succeededMs, null)
})

test('a scan that fails changes the health and nothing else', async () => {
  const { scanner, stored, queued, scans } = setUp()
  const disk = createScripted(snapshotOf([item('a', '1')]))
  await scanner.scan(disk, never)
  const before = scans.health()[0]
  const broken = { ...disk, collect: async () => Promise.reject(new Error('the disk is on fire')) }
  assert.equal(await scanner.scan(broken, never), null)
  const after = scans.health()[0]
  assert.deepEqual([after?.state, after?.itemCount, after?.succeededMs], ['degraded', 1, before?.succeededMs])
  assert.match(after?.lastFailure ?? '', /on fire/)
  assert.deepEqual([stored(), queued().length], [['a@1'], 1])
})

test('a commit that fails in its middle leaves inventory, events and numbers as they were', async () => {
  const { scanner, stored, queued, db, outbox } = setUp()
  const disk = createScripted(snapshotOf([item('a', '1')]))
  await scanner.scan(disk, never)
  db.exec(`create trigger fail before insert on outbox_event when new.local_sequence = 3
           begin select raise(abort, 'no room'); end`)
  disk.sees(snapshotOf([item('b', '1'), item('c', '1')]))
  assert.equal(await scanner.scan(disk, never), null)
  assert.deepEqual([stored(), queued(), outbox.nextSequence('dev_1')], [['a@1'], ['1 added a@1'], 2])
  db.exec('drop trigger fail')
  await scanner.scan(disk, never)
  assert.deepEqual(queued().slice(1), ['2 added b@1', '3 added c@1', '4 removed a@1'])
})

test('a scan that is cancelled changes nothing at all', async () => {
  const { scanner, scans } = setUp()
  const stop = new AbortController()
  const disk = createScripted(snapshotOf([item('a', '1')]))
  const slow = {
    ...disk,
    collect: async () => {
      stop.abort()
      return disk.collect(stop.signal)
    },
  }
  assert.equal(await scanner.scan(slow, stop.signal), null)
  assert.deepEqual(scans.health(), [])
})

test('an outbox beyond its bound drops its oldest inventory and remembers to tell it all again', async () => {
  const { scanner, queued, outbox, scans, clock, db } = setUp({ outboxMaxBytes: 3_000 })
  const many = Array.from({ length: 30 }, (_, at) => item(`p${at}`, '1', { detail: 'x'.repeat(100) }))
  await scanner.scan(createScripted(snapshotOf(many)), never)
  assert.ok(outbox.backlog('dev_1').bytes <= 3_000)
  assert.equal(queued()[0]?.startsWith('1 '), false)
  assert.equal(scans.marks('javascriptPackages').isResnapshotWanted, true)
  // As long as the queue is full, telling it all again would only push out what waits.
  clock.advance(3_600_000)
  const waiting = queued()
  await scanner.scan(createScripted(snapshotOf(many)), never)
  assert.deepEqual(queued(), waiting)
  db.exec(`update outbox_event set state = 'acked'`)
  await scanner.scan(createScripted(snapshotOf(many.slice(0, 3))), never)
  assert.equal(queued().filter((line) => line.includes('added')).length, 3)
})

test('texts that SQLite could trip over come back as they were', async () => {
  const { scanner, queued, scans } = setUp()
  const odd = [item('nul\0inside', '1'), item('', '1'), item('ünï\u{1f600}', "1'; drop table surface --")]
  const disk = createScripted(snapshotOf(odd))
  await scanner.scan(disk, never)
  await scanner.scan(disk, never)
  assert.equal(queued().length, 3)
  assert.deepEqual(
    [...scans.items('javascriptPackages')].map(({ name }) => name).sort(),
    odd.map(({ name }) => name).sort(),
  )
})

test('only what differs is written: one new row, one changed, one deleted', async () => {
  const { scanner, db } = setUp()
  const disk = createScripted(snapshotOf([item('same', '1'), item('gone', '1'), item('other', '1')]))
  await scanner.scan(disk, never)
  db.exec('create temp table written (what text, name text)')
  for (const what of ['insert', 'update', 'delete'])
    db.exec(`create temp trigger on_${what} after ${what} on main.inventory_item begin
             insert into written values ('${what}', ${what === 'delete' ? 'old' : 'new'}.name); end`)
  disk.sees(snapshotOf([item('same', '1'), item('other', '1', { detail: 'x' }), item('new', '1')]))
  await scanner.scan(disk, never)
  assert.deepEqual(
    db
      .prepare(`select what || ' ' || name as done from written order by done`)
      .all()
      .map((row) => row['done']),
    ['delete gone', 'insert new', 'update other'],
  )
})

test('a scan that takes too long is given up, degrades its surface and keeps what was known; the next one heals it', async () => {
  const { scanner, stored, scans, queued } = setUp({ maxScanSeconds: 0.02 })
  const disk = createScripted(snapshotOf([item('a', '1')]))
  await scanner.scan(disk, never)
  const endless: Collector = {
    ...disk,
    collect: (signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  }
  assert.equal(await scanner.scan(endless, never), null)
  assert.deepEqual([scans.health()[0]?.state, scans.health()[0]?.lastFailure], ['degraded', 'scan timed out'])
  assert.deepEqual([stored(), queued().length], [['a@1'], 1])
  await scanner.scan(disk, never)
  assert.deepEqual([scans.health()[0]?.state, scans.health()[0]?.lastFailure], ['healthy', null])
})

test('a failure that cannot even be recorded is told together with its cause, and ends nothing', async () => {
  const { scanner, db, logged } = setUp()
  const disk = createScripted(snapshotOf([item('a', '1')]))
  db.exec(`create trigger full before insert on surface begin select raise(abort, 'the disk is full'); end`)
  const broken: Collector = { ...disk, collect: async () => Promise.reject(new Error('the disk is on fire')) }
  assert.equal(await scanner.scan(broken, never), null)
  assert.match(logged.join('\n'), /scan failed.*on fire[\s\S]*scan failure could not be recorded.*is full/)
})

test('what the watcher complained of degrades a surface, says nothing of scans, and outlives a scan that heals it', async () => {
  const { scanner, scans, clock } = setUp()
  const disk = createScripted(snapshotOf([item('a', '1')]))
  await scanner.scan(disk, never)
  const before = scans.health()[0]
  clock.advance(1000)
  scans.recordWatchIssue('javascriptPackages', 'file events were dropped', clock.nowMs())
  const [told] = scans.health()
  assert.deepEqual({ ...told, state: 'healthy', lastWatchIssue: null, lastWatchIssueMs: null }, before)
  assert.deepEqual([told?.state, told?.lastWatchIssue], ['degraded', 'file events were dropped'])
  await scanner.scan(disk, never)
  const [healed] = scans.health()
  assert.deepEqual([healed?.state, healed?.lastWatchIssue], ['healthy', 'file events were dropped'])
})
