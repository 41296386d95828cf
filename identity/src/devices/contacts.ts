// When each device was last heard and what it then said of itself: held in memory, written once a second.
// A crash forgets at most the last second of it; events and states of devices are stored elsewhere, before they count.
import type { Clock, Log } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import type { Kysely } from 'kysely'
import type { Directory } from '../directory/directory.ts'
import { type Heard, heardAt, mergeHeard } from '../silence/decide.ts'
import type { KnownDevice } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import { hostText } from '../texts.ts'
import type { TakeTurn, Turn } from '../turns.ts'
import { insertHostTexts, mergeContacts, updateHostTexts } from './host-texts.ts'

/** What a device says of itself after enrolment; absent means it did not say. */
export interface SaidOfItself {
  readonly sensorVersion?: string
  readonly osVersion?: string
}

export interface Contacts {
  touch(deviceNo: number, atMs: number, said?: SaidOfItself): void
  /**
   * The same for who was heard by something that is on disk already, and tells it again after a restart: written every few
   * minutes, all in one go, because a row for each beat would cost a page each.
   */
  hear(deviceNo: number, atMs: number): void
  lastMs(device: KnownDevice): number
  /** With the days on which it was heard. */
  heard(device: KnownDevice): Heard
  /** Writes what was collected; what could not be written is kept for the next time. */
  flush(): Promise<void>
  /** Writes those as well that were heard by something else that is on disk. */
  flushAll(): Promise<void>
  /** Learns what other processes wrote. */
  listen(): Promise<void>
}

export interface ContactsNeeds {
  readonly storage: Storage
  readonly directory: Directory
  readonly takeTurn: TakeTurn
  readonly clock: Clock
  readonly log: Log
}

/** Rows per transaction, so that nobody waits long for the writer when many were collected. */
const batchSize = 1000
/** Others write a contact up to a second after it happened, and commit a little later. */
const overlapMs = 5000

const changedTexts = (device: KnownDevice, said: SaidOfItself): SaidOfItself | undefined => {
  const { sensorVersion = device.sensorVersion, osVersion = device.osVersion } = said
  if (sensorVersion === device.sensorVersion && osVersion === device.osVersion) return undefined
  const cut = { sensorVersion: hostText(sensorVersion), osVersion: hostText(osVersion) }
  return cut.sensorVersion === device.sensorVersion && cut.osVersion === device.osVersion ? undefined : cut
}

const batchesOf = <Item>(items: readonly Item[]): readonly (readonly Item[])[] => {
  const starts = Array.from({ length: Math.ceil(items.length / batchSize) }, (_, index) => index * batchSize)
  return starts.map((start) => items.slice(start, start + batchSize))
}

const loadSince = (db: Kysely<IdentityTables>, sinceMs: number) =>
  db
    .selectFrom('identity_contact')
    .select(['device_no', 'last_contact_ms', 'heard_days'])
    .where('last_contact_ms', '>=', sinceMs)
    .execute()

/** Changed in place, because a busy server hears thousands a second. */
interface Noted extends Heard {
  lastMs: number
  days: number
  /** Heard by something else that is on disk, and not written since. */
  isElsewhere: boolean
}

/** Loads every contact. */
export const createContacts = async (needs: ContactsNeeds): Promise<Contacts> => {
  const { storage, directory, takeTurn, clock, log } = needs
  const heards = new Map<number, Noted>()
  let unwritten = new Set<number>()
  let heardElsewhere: { readonly deviceNo: number; readonly noted: Noted }[] = []
  let texts = new Map<number, SaidOfItself>()
  let listenedMs = 0

  const hear = (deviceNo: number, heard: Heard): Noted => {
    const known = heards.get(deviceNo)
    const { lastMs, days } = mergeHeard(known, heard)
    const noted = known ?? { lastMs, days, isElsewhere: false }
    if (known === undefined) heards.set(deviceNo, noted)
    noted.lastMs = lastMs
    noted.days = days
    return noted
  }
  const listen = async (): Promise<void> => {
    const startedMs = clock.nowMs()
    const rows = await loadSince(storage.quick, listenedMs - overlapMs)
    for (const row of rows) hear(row.device_no, { lastMs: row.last_contact_ms, days: row.heard_days })
    listenedMs = startedMs
  }
  const writeContacts = async (batch: readonly number[]): Promise<void> => {
    const rows = batch.flatMap((device_no) => {
      const device = directory.byNo(device_no)
      const heard = heards.get(device_no)
      if (device === undefined || heard === undefined) return []
      return [{ device_no, tenant_id: device.tenantId, last_contact_ms: heard.lastMs, heard_days: heard.days }]
    })
    await storage.write((tx) => mergeContacts(tx, rows))
  }
  const flush = async (): Promise<void> => {
    const [heard, said] = [unwritten, texts]
    unwritten = new Set()
    texts = new Map()
    try {
      for (const batch of batchesOf([...heard])) await writeContacts(batch)
      for (const batch of batchesOf([...said])) await takeTurn((turn) => writeTexts(turn, new Map(batch)))
    } catch (error) {
      unwritten = new Set([...heard, ...unwritten])
      texts = new Map([...said, ...texts])
      log.warn('contacts not written yet', { err: error, 'items.count': unwritten.size })
    }
  }
  const flushAll = async (): Promise<void> => {
    // Neighbours lie on the same page.
    for (const { deviceNo, noted } of heardElsewhere.toSorted((left, right) => left.deviceNo - right.deviceNo)) {
      unwritten.add(deviceNo)
      noted.isElsewhere = false
    }
    heardElsewhere = []
    await flush()
  }
  await listen()
  return {
    touch(deviceNo, atMs, said) {
      hear(deviceNo, heardAt(atMs))
      unwritten.add(deviceNo)
      const device = said && directory.byNo(deviceNo)
      const changed = device && changedTexts(device, said)
      if (changed !== undefined) texts.set(deviceNo, changed)
    },
    hear(deviceNo, atMs) {
      const noted = hear(deviceNo, heardAt(atMs))
      if (!noted.isElsewhere) heardElsewhere.push({ deviceNo, noted })
      noted.isElsewhere = true
    },
    lastMs: ({ deviceNo, enrolledMs }) => heards.get(deviceNo)?.lastMs ?? enrolledMs,
    heard: ({ deviceNo, enrolledMs }) => heards.get(deviceNo) ?? heardAt(enrolledMs),
    flush,
    flushAll,
    listen,
  }
}

const writeTexts = async (turn: Turn, said: ReadonlyMap<number, SaidOfItself>): Promise<void> => {
  const rows = await turn.tx
    .selectFrom('identity_device')
    .select(['device_no', 'tenant_id', 'hostname', 'os_version', 'hardware_model', 'sensor_version'])
    .where('device_no', 'in', [...said.keys()])
    .execute()
  const sightings = rows.map((row) => ({
    ...row,
    os_version: said.get(row.device_no)?.osVersion ?? row.os_version,
    sensor_version: said.get(row.device_no)?.sensorVersion ?? row.sensor_version,
    seen_ms: turn.nowMs,
  }))
  await updateHostTexts(turn.tx, sightings)
  await insertHostTexts(turn.tx, sightings)
  turn.changed('device', ...rows.map((row) => row.device_no))
}
