// What the lane writes into its database, one deed after the other: what came before each, the deed itself, and what can
// be seen afterwards. Who is killed in the middle of one is die-at.ts; what must be left then is deeds.test.ts.
import { dirname } from 'node:path'
import type { Rule } from '@muster/contract/device'
import { createFakeClock, ok, silentLog } from '@muster/kernel'
import { type ObserveSettings, readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import type { DeviceKey } from '../../../folder/device-key.ts'
import { type Database, inTransaction } from '../database/open.ts'
import { type Enrollment, namedEnrollment } from '../enroll/enrollment.ts'
import { describeHost } from '../host.ts'
import { createPolicy } from '../policy/policy.ts'
import { createScanner } from '../scan/scan.ts'
import type { SensorServer } from '../sync/sensor-server.ts'
import { createSync } from '../sync/sync.ts'
import { createTalk } from '../talk.ts'
import { createScripted, openStores, packageItem, recipient, snapshotOf } from './stores.ts'

type Said = Parameters<SensorServer['sync']>[0]
type Reply = Extract<Awaited<ReturnType<SensorServer['sync']>>, { ok: true }>['value']

/** An event as it leaves this machine. */
export interface SentEvent {
  readonly eventId: string
  readonly localSequence: number
  readonly payloadHash: string
}
export type Hear = (events: readonly SentEvent[]) => void
type Answer = (events: readonly SentEvent[]) => Partial<Reply>

const machine = readMachine({})
const { observe, access } = readConfiguration(null, machine)
const never = new AbortController().signal

const rule = (id: string, triggers: Rule['triggers']): Rule => ({
  id,
  surface: 'javascriptPackages',
  enabled: true,
  triggers,
  match: 'always',
  severity: 'notable',
  title: 't',
  rationale: 'r',
})
const settingsOf = (changed: Partial<ObserveSettings>): ObserveSettings => ({
  ...observe,
  rules: [rule('acme.new', ['added', 'modified']), rule('acme.here', ['present'])],
  ...changed,
})

const unread = { path: '/p/other.json', because: 'unreadable', extent: 'file' } as const
const first = snapshotOf([packageItem('a', '1'), packageItem('b', '1')], { unseen: [unread] })
const second = snapshotOf([packageItem('a', '1', { detail: 'scope=dev' }), packageItem('c', '1')])
const third = snapshotOf([packageItem('c', '1'), packageItem('d', '1')])

const answered: Reply = {
  serverTime: '2026-06-02T12:00:00.000Z',
  configGeneration: '',
  configUpdateAvailable: false,
  fullResnapshotRequested: false,
  acceptedThroughLocalSequence: 0,
  acceptedEvents: [],
  rejectedEvents: [],
  retryAfterSeconds: 60,
  maxBatchBytes: 0,
  maxBatchEvents: 0,
}

const nobody = () => Promise.reject(new Error('nobody is there'))

/** `hear` is told of each batch before it is answered. */
const createServer = (answer: Answer | null, hear: Hear): SensorServer => ({
  enroll: nobody,
  renew: nobody,
  config: nobody,
  checkIn: nobody,
  answerIn: () => null,
  close: () => {},
  sync: async ({ events }: Said) => {
    const sent = events as readonly SentEvent[]
    hear(sent)
    if (answer === null) return nobody()
    return ok({ ...answered, ...answer(sent) })
  },
})

const identityOf = (deviceId: string): Enrollment =>
  namedEnrollment('https://server', { tenantId: 'default', deviceId }, 'k')

export const openWorld = (path: string, hear: Hear) => {
  const stores = openStores(path)
  const { db, outbox } = stores
  const clock = createFakeClock()
  const dataDir = dirname(path)
  const needs = { ...stores, dataDir, clock, log: silentLog, host: describeHost(machine), random: () => 0.5 }
  const sync = createSync(needs)
  const scan = async (snapshot: typeof first, changed: Partial<ObserveSettings> = {}): Promise<void> => {
    const settings = settingsOf(changed)
    const scanner = createScanner({ ...needs, settings: () => settings, recipient: () => recipient })
    await scanner.scan(createScripted(snapshot), never)
  }
  const tick = async (answer: Answer | null): Promise<void> => {
    const sensors = createServer(answer, hear)
    const enrollment = identityOf(recipient.deviceId)
    await sync.tick({ enrollment, sensors, settings: settingsOf({}).sync, generation: '' }, never)
  }
  const join = async (deviceId: string): Promise<void> => {
    const membership = { join: async () => ({ is: 'member' as const, enrollment: identityOf(deviceId) }), end() {} }
    const policy = createPolicy({ dataDir, local: observe, log: silentLog })
    const unused = { key: {} as DeviceKey, access, onScanWanted() {}, onPolicyApplied() {} }
    await createTalk({ ...needs, ...unused, sync, membership, policy }).begin()
  }
  const prune = (): void => inTransaction(db, () => outbox.prune(clock.nowMs()))
  return { ...stores, clock, scan, tick, join, prune }
}

export type World = ReturnType<typeof openWorld>

export interface Deed {
  before(world: World): Promise<void>
  deed(world: World): Promise<void>
  /** The kinds of writes that are worth a death; all of them, unless another deed has the rest. */
  readonly deadly?: readonly string[]
}

const acceptAll: Answer = (events) => ({
  acceptedEvents: events.map(({ eventId, localSequence }) => ({ eventId, localSequence, duplicate: false })),
})
const acceptOne: Answer = ([one, two]) => ({
  ...acceptAll(one === undefined ? [] : [one]),
  rejectedEvents: two === undefined ? [] : [{ ...two, code: 'invalid_payload', message: 'no' }],
})
const acceptThrough: Answer = (events) => ({ acceptedThroughLocalSequence: events.at(-1)?.localSequence ?? 0 })

const hour = 60 * 60_000
const scanned = (world: World): Promise<void> => world.scan(first)
const few = { persistence: { maxStoredEvents: 2, maxStoredFindings: 2 } }

const delivered = async (world: World): Promise<void> => {
  await scanned(world)
  await world.tick(acceptAll)
}

export const DEEDS: Readonly<Record<string, Deed>> = {
  'a first scan': { before: async () => {}, deed: scanned },
  'a scan': {
    before: scanned,
    deed: ({ scan }) => scan(second),
    deadly: ['insert of told_finding', 'delete of told_finding', 'delete of unreadable_path'],
  },
  'a scan of which little is kept': {
    before: async (world) => {
      await scanned(world)
      await world.scan(second)
    },
    deed: ({ scan }) => scan(third, few),
    deadly: ['delete of change_event', 'delete of finding'],
  },
  'a batch that is accepted': { before: scanned, deed: ({ tick }) => tick(acceptAll) },
  'a batch that is accepted by its last number': {
    before: scanned,
    deed: ({ tick }) => tick(acceptThrough),
    deadly: ['update of outbox_event', 'update of outbox_sequence'],
  },
  'a batch of which one is rejected': {
    before: scanned,
    deed: ({ tick }) => tick(acceptOne),
    deadly: ['update of outbox_event'],
  },
  'a batch that does not arrive': { before: scanned, deed: ({ tick }) => tick(null) },
  'the pruning of what was accepted': {
    before: delivered,
    deed: async ({ clock, prune }) => {
      clock.advance(8 * 24 * hour)
      prune()
    },
  },
  'everything told again': {
    before: delivered,
    deed: async ({ scans, scan }) => {
      scans.wantResnapshot()
      await scan(first)
    },
    deadly: ['update of surface', 'insert of outbox_event'],
  },
  'a queue that is too long': {
    before: scanned,
    deed: ({ scan }) => scan(second, { sync: { ...observe.sync, outboxMaxBytes: 600 } }),
    deadly: ['delete of outbox_event', 'update of surface'],
  },
  'an identity that is adopted': { before: scanned, deed: ({ join }) => join('dev_2') },
}

/** Later than what came before, and the same for whoever does it again. */
export const doDeed = async (world: World, { deed }: Deed): Promise<void> => {
  world.clock.advance(hour)
  world.outbox.recoverInFlight()
  await deed(world)
}

const views = [
  'select item_id, version, detail from inventory_item order by 1',
  `select surface, is_baselined, is_resnapshot_wanted, state, completed_ms, item_count, event_count, finding_count,
     added_count, modified_count, removed_count, resnapshot_ms from surface order by 1`,
  'select path, since_ms from unreadable_path order by 1',
  'select item_id, rule_id from told_finding order by 1, 2',
  'select at_ms, kind, item_name from change_event order by 1, 2, 3',
  'select at_ms, rule_id, item_name from finding order by 1, 2, 3',
  `select device_id, local_sequence, kind, body, case body when 'inventoryItem' then payload_hash end, state,
     attempt_count, next_attempt_ms, first_sent_ms, verdict_code, collected_ms from outbox_event order by 1, 2`,
  'select * from outbox_sequence order by 1',
  'select * from note order by 1',
]

/** All that is there but for what comes by chance: ids, and how long something took. */
export const seen = (db: Database): readonly string[] =>
  views.flatMap((view) =>
    db
      .prepare(view)
      .all()
      .map((row) => JSON.stringify(Object.values(row))),
  )
