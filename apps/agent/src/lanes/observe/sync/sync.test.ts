// Ticks of the conversation on a real database, with a server that answers as a test has it: what is stored of an answer,
// how much leaves at once, and what a failure leaves. Which fate an event deserves is decide.test.ts.
import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { test } from 'node:test'
import type { BodyOf, ReplyOf, spokenSensorRoutes } from '@muster/contract/device'
import { createFakeClock, silentLog } from '@muster/kernel'
import { readMachine } from '../../../configuration/machine.ts'
import { DEFAULT_SYNC } from '../../../configuration/schema.ts'
import { namedEnrollment } from '../enroll/enrollment.ts'
import { describeHost } from '../host.ts'
import { readNote } from '../notes.ts'
import { itemEventOf } from '../outbox/decide.ts'
import { openStores, packageItem, recipient } from '../testing/stores.ts'
import type { SensorServer } from './sensor-server.ts'
import { createSync } from './sync.ts'

type Said = BodyOf<typeof spokenSensorRoutes.sync>
interface SyncBody extends Said {
  readonly events: { readonly eventId: string; readonly localSequence: number }[]
}
type SyncReply = ReplyOf<typeof spokenSensorRoutes.sync>
type CheckInBody = BodyOf<typeof spokenSensorRoutes.checkIn>

const nothingSaid: SyncReply = {
  acceptedThroughLocalSequence: 0,
  acceptedEvents: [],
  rejectedEvents: [],
  serverTime: '2026-06-02T12:00:00.000Z',
  configGeneration: '',
  configUpdateAvailable: false,
  fullResnapshotRequested: false,
  retryAfterSeconds: 0,
  maxBatchBytes: 0,
  maxBatchEvents: 0,
}

const accepting = ({ events }: Pick<SyncBody, 'events'>): Partial<SyncReply> => ({
  acceptedEvents: events.map(({ eventId, localSequence }) => ({ eventId, localSequence, duplicate: false })),
})

const setUp = (events: number, answer: (body: SyncBody) => Partial<SyncReply>, maxBatchEvents = 500) => {
  const stores = openStores()
  const { outbox, db } = stores
  const clock = createFakeClock()
  const added = Array.from({ length: events }, (_, at) => itemEventOf('added', packageItem(`p${at}`, '1')))
  outbox.append(added, recipient, clock.nowMs(), clock.nowMs())
  const heard = { syncs: [] as SyncBody[], checkIns: [] as CheckInBody[] }
  const nobody = async (): Promise<never> => assert.fail('this sentence is not part of a tick')
  const sensors: SensorServer = {
    enroll: nobody,
    renew: nobody,
    config: nobody,
    checkIn: async (body) => {
      heard.checkIns.push(body)
      const { serverTime, fullResnapshotRequested } = nothingSaid
      const hints = { configGeneration: 'g2', configUpdateAvailable: true, fullResnapshotRequested }
      return { ok: true, value: { serverTime, ...hints, certificateRenewalRequired: false } }
    },
    sync: async (said) => {
      const body = said as SyncBody
      heard.syncs.push(body)
      return { ok: true, value: { ...nothingSaid, ...answer(body) } }
    },
    answerIn: () => null,
    close: () => {},
  }
  const host = describeHost(readMachine({}))
  const sync = createSync({ ...stores, dataDir: dirname(stores.path), host, clock, log: silentLog, random: () => 0.5 })
  const enrollment = namedEnrollment('https://h', recipient, '')
  const speaker = { enrollment, sensors, settings: { ...DEFAULT_SYNC, maxBatchEvents }, generation: 'g1' }
  const tick = (signal = new AbortController().signal) => sync.tick(speaker, signal)
  const states = () =>
    db
      .prepare('select local_sequence, state, verdict_code from outbox_event order by local_sequence')
      .all()
      .map((row) => [row['local_sequence'], row['state'], row['verdict_code']])
  const sent = () => heard.syncs.map(({ events: all }) => all.map(({ localSequence }) => localSequence))
  return { ...stores, clock, heard, tick, states, sent }
}

test('an answer with a watermark, an acceptance and a rejection settles each event, and nothing is left to do', async () => {
  const { tick, states, outbox, clock, heard } = setUp(3, ({ events: [, second, third] }) => ({
    acceptedThroughLocalSequence: 1,
    acceptedEvents: [{ eventId: second?.eventId ?? '', localSequence: 2, duplicate: false }],
    rejectedEvents: [{ eventId: third?.eventId ?? '', localSequence: 3, code: 'invalid_payload', message: 'why' }],
  }))
  await tick()
  assert.deepEqual(states(), [
    [1, 'acked', null],
    [2, 'acked', null],
    [3, 'poison', 'invalid_payload'],
  ])
  assert.deepEqual([outbox.ackedCount(), outbox.poisonCount(), outbox.lastAckedSequence('dev_1')], [2, 1, 2])
  assert.deepEqual(outbox.backlog('dev_1'), { events: 0, bytes: 0 })
  clock.advance(86_400_000)
  assert.deepEqual(outbox.due('dev_1', clock.nowMs(), 9), [])
  await tick()
  assert.deepEqual([heard.syncs.length, heard.checkIns.length], [1, 1])
})

test('a large backlog leaves at once, twenty batches to a tick and in its order, and a check-in comes when all is gone', async () => {
  const { tick, sent, outbox, heard } = setUp(45, accepting, 2)
  await tick()
  assert.deepEqual([heard.syncs.length, outbox.backlog('dev_1').events], [20, 5])
  assert.deepEqual(heard.syncs[1]?.health.syncBacklogEvents, 43)
  assert.deepEqual(heard.syncs[1]?.lastAckedLocalSequence, 2)
  await tick()
  assert.deepEqual([heard.syncs.length, heard.checkIns.length], [23, 0])
  assert.deepEqual(
    sent().flat(),
    Array.from({ length: 45 }, (_, at) => at + 1),
  )
  await tick()
  assert.deepEqual([heard.syncs.length, heard.checkIns.length], [23, 1])
})

test('only what was taken as a whole is followed by more at once', async () => {
  const { tick, sent } = setUp(9, ({ events }) => accepting({ events: events.slice(0, 1) }), 3)
  await tick()
  assert.deepEqual(sent(), [[1, 2, 3]])
  await tick()
  assert.deepEqual(sent().slice(1), [[4, 5, 6]])
})

test('a stop between two batches leaves the rest for later, and none of it on its way', async () => {
  const stop = new AbortController()
  const answer = (body: SyncBody): Partial<SyncReply> => {
    stop.abort()
    return accepting(body)
  }
  const { tick, sent, states } = setUp(4, answer, 2)
  await tick(stop.signal)
  assert.deepEqual(sent(), [[1, 2]])
  assert.deepEqual(
    states().map(([, state]) => state),
    ['acked', 'acked', 'pending', 'pending'],
  )
})

test('what one of several batches was told is heeded after all of them', async () => {
  const { tick, heard } = setUp(
    4,
    (body) => ({
      ...accepting(body),
      configGeneration: 'g2',
      configUpdateAvailable: body.events[0]?.localSequence === 1,
      fullResnapshotRequested: body.events[0]?.localSequence === 1,
    }),
    2,
  )
  const { offeredGeneration, isResnapshotAsked } = await tick()
  assert.deepEqual([heard.syncs.length, offeredGeneration, isResnapshotAsked], [2, 'g2', true])
})

test('a request that fails is told, and its events are due again after the first wait, tried once', async () => {
  const { tick, outbox, clock, db, states } = setUp(2, () => {
    throw new Error('the line is cut')
  })
  const { isReached } = await tick()
  assert.deepEqual([isReached, readNote(db, 'sync.last_fault')], [false, 'the line is cut'])
  assert.deepEqual(
    states().map(([, state]) => state),
    ['pending', 'pending'],
  )
  const due = (): readonly number[] => outbox.due('dev_1', clock.nowMs(), 9).map(({ attemptCount }) => attemptCount)
  clock.advance(DEFAULT_SYNC.retryBaseSeconds * 1000 - 1)
  assert.deepEqual(due(), [])
  clock.advance(1)
  assert.deepEqual(due(), [1, 1])
})

test('with nothing to send it says which policy is in force and that nothing waits, and hears what is offered', async () => {
  const { tick, heard } = setUp(0, accepting)
  const { offeredGeneration } = await tick()
  const [said] = heard.checkIns
  assert.deepEqual([said?.activeConfigGeneration, said?.health], ['g1', { syncBacklogEvents: 0, syncBacklogBytes: 0 }])
  assert.equal(offeredGeneration, 'g2')
})
