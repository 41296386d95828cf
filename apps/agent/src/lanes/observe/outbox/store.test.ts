// The queue on a real database: numbers without gaps, acknowledgement of what was sent only, recovery and bounds.
// What the server's words mean for each event is tested in sync.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packageItem as item, openStores, recipient } from '../testing/stores.ts'
import { excessBytes, itemEventOf } from './decide.ts'

const nowMs = 5_000_000_000
const events = (...names: string[]) => names.map((name) => itemEventOf('added', item(name, '1')))

const setUp = (...names: string[]) => {
  const stores = openStores()
  stores.outbox.append(events(...names), recipient, nowMs, nowMs)
  const sequences = (atMs = nowMs) => stores.outbox.due('dev_1', atMs, 100).map(({ localSequence }) => localSequence)
  return { ...stores, sequences }
}

test('numbers start at one for each device and have no gap', () => {
  const { outbox, sequences } = setUp('a', 'b')
  outbox.append(events('c'), { ...recipient, deviceId: 'dev_2' }, nowMs, nowMs)
  outbox.append(events('d'), recipient, nowMs, nowMs)
  assert.deepEqual(sequences(), [1, 2, 3])
  assert.deepEqual(
    outbox.due('dev_2', nowMs, 9).map(({ localSequence }) => localSequence),
    [1],
  )
})

test('event ids are version 4 UUIDs in upper case, and hashes are those of the payload', () => {
  const { outbox } = setUp('a')
  const [event] = outbox.due('dev_1', nowMs, 1)
  assert.match(event?.eventId ?? '', /^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/)
  const { payload } = itemEventOf('added', item('a', '1'))
  assert.deepEqual(
    [event?.payloadBase64, event?.payloadBytes],
    [Buffer.from(payload).toString('base64'), payload.length],
  )
})

test('the numbers go on after everything was deleted, and after a file was lost they start where another file remembers', () => {
  const { outbox, db } = setUp('a', 'b')
  db.exec('delete from outbox_event')
  outbox.append(events('c'), recipient, nowMs, nowMs)
  assert.equal(outbox.due('dev_1', nowMs, 9)[0]?.localSequence, 3)
  const { outbox: fresh } = openStores()
  fresh.raiseSequence('dev_1', 40)
  fresh.raiseSequence('dev_1', 7)
  fresh.append(events('d'), recipient, nowMs, nowMs)
  assert.equal(fresh.due('dev_1', nowMs, 9)[0]?.localSequence, 40)
})

test('what waits for its time is not due before it', () => {
  const { outbox, sequences } = setUp('a', 'b')
  outbox.postpone(1, 'dev_1', nowMs + 10, nowMs)
  assert.deepEqual([sequences(), sequences(nowMs + 9), sequences(nowMs + 10)], [[2], [2], [1, 2]])
  assert.equal(outbox.due('dev_1', nowMs + 10, 1)[0]?.attemptCount, 1)
})

test('an event remembers when it was queued, first sent and last touched, how often it was tried and when it is next', () => {
  const { outbox, db } = setUp('a')
  const times = () => {
    const row = db.prepare('select * from outbox_event').get() ?? {}
    return ['state', 'collected_ms', 'first_sent_ms', 'updated_ms', 'attempt_count', 'next_attempt_ms'].map((name) =>
      typeof row[name] === 'number' && row[name] >= nowMs ? row[name] - nowMs : row[name],
    )
  }
  assert.deepEqual(times(), ['pending', 0, null, 0, 0, 0])
  outbox.markInFlight([1], 'dev_1', nowMs + 1)
  assert.deepEqual(times(), ['in_flight', 0, 1, 1, 0, 0])
  outbox.postpone(1, 'dev_1', nowMs + 50, nowMs + 2)
  assert.deepEqual(times(), ['pending', 0, 1, 2, 1, 50])
  outbox.markInFlight([1], 'dev_1', nowMs + 60)
  outbox.postpone(1, 'dev_1', nowMs + 90, nowMs + 61)
  assert.deepEqual(times(), ['pending', 0, 1, 61, 2, 90])
  outbox.acknowledge(1, 'dev_1', nowMs + 95)
  assert.deepEqual(times(), ['acked', 0, 1, 95, 2, 90])
})

test('however often an event failed it is due again in its time: only the server refuses one for good', () => {
  const { outbox, sequences } = setUp('a')
  for (let tried = 0; tried < 1_000; tried++) {
    outbox.markInFlight([1], 'dev_1', nowMs)
    outbox.postpone(1, 'dev_1', nowMs, nowMs)
  }
  assert.deepEqual([sequences(), outbox.due('dev_1', nowMs, 1)[0]?.attemptCount, outbox.poisonCount()], [[1], 1_000, 0])
})

test('of what was refused for good the newest ten thousand are kept, however old they are', () => {
  const { outbox, db } = setUp()
  const [event] = events('a')
  assert.ok(event)
  db.exec('begin')
  outbox.append(
    Array.from({ length: 10_001 }, () => event),
    recipient,
    nowMs,
    nowMs,
  )
  for (let no = 1; no <= 10_001; no++) outbox.poison(no, 'dev_1', { code: 'invalid_payload', message: 'why' }, nowMs)
  db.exec('commit')
  outbox.prune(nowMs + 365 * 86_400_000)
  assert.equal(outbox.poisonCount(), 10_000)
  assert.equal(db.prepare('select min(local_sequence) as least from outbox_event').get()?.['least'], 2)
})

test('an acknowledgement counts for the device that the event belongs to, and for nobody else', () => {
  const { outbox, sequences } = setUp('a')
  outbox.acknowledge(1, 'dev_2', nowMs)
  assert.deepEqual([sequences(), outbox.lastAckedSequence('dev_1')], [[1], 0])
  outbox.acknowledge(1, 'dev_1', nowMs)
  assert.deepEqual([sequences(), outbox.lastAckedSequence('dev_1')], [[], 1])
})

test('a watermark acknowledges what was sent and leaves alone what never was', () => {
  const { outbox, sequences } = setUp('a', 'b', 'c', 'd')
  outbox.markInFlight([1, 3], 'dev_1', nowMs)
  outbox.postpone(3, 'dev_1', nowMs, nowMs)
  outbox.acknowledgeThrough(4, 'dev_1', nowMs)
  assert.deepEqual([sequences(), outbox.lastAckedSequence('dev_1')], [[2, 4], 3])
  outbox.acknowledgeThrough(4, 'dev_2', nowMs)
  assert.deepEqual(sequences(), [2, 4])
})

test('what was on its way when the program ended is due again, as often tried as before', () => {
  const { outbox, sequences } = setUp('a', 'b')
  outbox.markInFlight([1], 'dev_1', nowMs)
  assert.deepEqual([sequences(), outbox.backlog('dev_1').events], [[2], 2])
  assert.equal(outbox.recoverInFlight(), 1)
  assert.deepEqual(sequences(), [1, 2])
  assert.equal(outbox.due('dev_1', nowMs, 1)[0]?.attemptCount, 0)
})

test('what was refused for good is kept with the reason, and never due', () => {
  const { outbox, db, sequences } = setUp('a')
  outbox.poison(1, 'dev_1', { code: 'invalid_payload', message: 'why' }, nowMs)
  assert.deepEqual([sequences(nowMs * 2), outbox.poisonCount(), outbox.backlog('dev_1').events], [[], 1, 0])
  assert.equal(db.prepare('select verdict_code from outbox_event').get()?.['verdict_code'], 'invalid_payload')
})

test('the bound drops the oldest inventory first and findings last', () => {
  const { outbox, sequences } = setUp('a')
  const [finding] = events('f')
  assert.ok(finding)
  outbox.append([{ ...finding, body: 'finding' }, ...events('b', 'c')], recipient, nowMs, nowMs)
  const one = outbox.backlog('dev_1').bytes / 4
  assert.equal(outbox.drop('dev_1', one + 1), 2)
  assert.deepEqual(sequences(), [2, 4])
  outbox.drop('dev_1', one * 3)
  assert.deepEqual(sequences(), [])
})

test('what waits for an identity this machine no longer has is forgotten, what it acknowledged is not', () => {
  const { outbox } = setUp('a', 'b')
  outbox.acknowledge(1, 'dev_1', nowMs)
  assert.equal(outbox.forgetOthers('dev_2'), 1)
  assert.deepEqual([outbox.backlog('dev_1').events, outbox.ackedCount()], [0, 1])
})

test('acknowledged events go after a week, all but the newest', () => {
  const { outbox } = setUp('a', 'b', 'c')
  for (const no of [1, 2, 3]) outbox.acknowledge(no, 'dev_1', nowMs)
  outbox.prune(nowMs + 7 * 86_400_000)
  assert.equal(outbox.ackedCount(), 3)
  outbox.prune(nowMs + 7 * 86_400_000 + 1)
  assert.equal(outbox.ackedCount(), 1)
  assert.equal(outbox.lastAckedSequence('dev_1'), 3)
})

test('the excess is what goes beyond the bound', () =>
  assert.deepEqual([excessBytes(9, 10), excessBytes(10, 10), excessBytes(11, 10)], [0, 0, 1]))
