// Everything the unit holds in memory, and how it stays what the database says: read at the start, follow others, take back.
// What becomes of one heartbeat is heartbeat.ts; how tails end in packs is packing.ts.
import type { Db, Tx, UnitHost } from '@muster/storage'
import { loadNewestPackNo, loadNewestPacks, loadPackHeads } from './pack-store.ts'
import { observedOf, splitSamples } from './sample.ts'
import type { Numbers } from './staged.ts'
import {
  type LoggedHeartbeat,
  loadChangedPresences,
  loadHeartbeats,
  loadMark,
  loadNewestDescriptionNo,
  loadPresences,
} from './store.ts'
import { append, createTail, createTails, cut, type Tail, type Tails } from './tail.ts'

export const packedMark = 'packed_through'

export interface Holding extends Numbers {
  readonly tails: Tails
  /** Of a device that was met. */
  tail(deviceNo: number): Tail
  /** Reads what is on disk, once; calls at the same time share the reading. */
  start(): Promise<void>
  /** Hears what other gateways stored; the only one there is hears nothing. */
  follow(tx: Tx): Promise<void>
  /** Brings devices into memory that were not heard since the start. */
  meet(db: Db, devices: readonly MetDevice[]): Promise<void>
  /** Makes what was decided count, when its transaction is on disk. */
  settle(): void
  /** Takes back what was decided since the last `settle`. */
  rewind(): void
}

export interface MetDevice {
  readonly deviceNo: number
  /** Asked for only of a device that is heard for the first time. */
  readonly tenantId?: string
}

const chunkRows = 5000
const meetRows = 500

const newestOf = (samples: readonly Buffer[]): Buffer | null =>
  samples.reduce<Buffer | null>(
    (newest, one) => (newest === null || observedOf(one) >= observedOf(newest) ? one : newest),
    null,
  )

const meetThese = async (db: Db, tails: Tails, devices: readonly MetDevice[]): Promise<void> => {
  const nos = devices.map(({ deviceNo }) => deviceNo)
  const presences = await loadPresences(db, nos)
  const packs = await loadNewestPacks(db, [...presences.keys()])
  for (const { deviceNo, tenantId = '' } of devices) {
    const presence = presences.get(deviceNo)
    const packed = packs.get(deviceNo)
    const newest = packed === undefined ? null : newestOf(splitSamples(packed.samples))
    tails.add(
      createTail(deviceNo, presence?.tenantId ?? tenantId, {
        // A copy, because the pack it lies in is large.
        newest: newest === null ? null : Buffer.from(newest),
        lastSeenMs: packed?.throughMs ?? presence?.firstMs ?? null,
        described: presence?.described ?? null,
        packed: packed ?? null,
      }),
    )
  }
}

const meetAll = async (db: Db, tails: Tails, devices: readonly MetDevice[]): Promise<void> => {
  const strangers = devices.filter(({ deviceNo }) => tails.get(deviceNo) === undefined)
  const unknown = [...new Map(strangers.map((device) => [device.deviceNo, device])).values()]
  for (let from = 0; from < unknown.length; from += meetRows)
    await meetThese(db, tails, unknown.slice(from, from + meetRows))
}

/** Appends what is in the log and in no pack. */
const hear = async (db: Db, tails: Tails, rows: readonly LoggedHeartbeat[]): Promise<void> => {
  await meetAll(db, tails, rows)
  for (const { deviceNo, no, sample } of rows) {
    const tail = tails.get(deviceNo)
    if (tail !== undefined && no > Math.max(tail.packed?.throughNo ?? 0, tail.nos.at(-1) ?? 0)) append(tail, no, sample)
  }
}

/** What is stored, as far as this process knows. */
interface Known extends Numbers {
  packNo: number
}

const readAll = async (db: Db, tails: Tails): Promise<Known> => {
  const known = {
    lastNo: await loadMark(db, packedMark),
    lastDescriptionNo: await loadNewestDescriptionNo(db),
    packNo: await loadNewestPackNo(db),
  }
  for (;;) {
    const rows = await loadHeartbeats(db, known.lastNo, chunkRows)
    await hear(db, tails, rows)
    known.lastNo = rows.at(-1)?.no ?? known.lastNo
    if (rows.length < chunkRows) return known
  }
}

const followOthers = async (tx: Tx, tails: Tails, known: Known): Promise<void> => {
  const heads = await loadPackHeads(tx, known.packNo)
  for (let rows = await loadHeartbeats(tx, known.lastNo, chunkRows); rows.length > 0; ) {
    await hear(tx, tails, rows)
    known.lastNo = rows.at(-1)?.no ?? known.lastNo
    rows = rows.length < chunkRows ? [] : await loadHeartbeats(tx, known.lastNo, chunkRows)
  }
  for (const head of heads) {
    const tail = tails.get(head.deviceNo)
    if (tail !== undefined && head.throughNo > (tail.packed?.throughNo ?? 0)) cut(tail, head)
    known.packNo = head.packNo
  }
  for (const presence of await loadChangedPresences(tx, known.lastDescriptionNo)) {
    const tail = tails.get(presence.deviceNo)
    if (tail !== undefined) tail.described = presence.described
  }
  known.lastDescriptionNo = Math.max(known.lastDescriptionNo, await loadNewestDescriptionNo(tx))
}

export const createHolding = ({ engine, db }: Pick<UnitHost, 'engine' | 'db'>): Holding => {
  const tails = createTails()
  let known: Known = { lastNo: 0, lastDescriptionNo: 0, packNo: 0 }
  let started: Promise<void> | undefined
  const numbers = { lastNo: 0, lastDescriptionNo: 0 }
  const agree = (): void => {
    numbers.lastNo = known.lastNo
    numbers.lastDescriptionNo = known.lastDescriptionNo
  }
  const readOnce = async (): Promise<void> => {
    known = await readAll(db, tails)
    agree()
  }
  return Object.assign(numbers, {
    tails,
    tail(deviceNo: number): Tail {
      const tail = tails.get(deviceNo)
      if (tail === undefined) throw new Error(`device ${deviceNo} was not met`)
      return tail
    },
    start(): Promise<void> {
      started ??= readOnce().catch((error: unknown) => {
        started = undefined
        throw error
      })
      return started
    },
    async follow(tx: Tx): Promise<void> {
      if (engine === 'sqlite') return
      await followOthers(tx, tails, known)
      agree()
    },
    meet: (from: Db, devices: readonly MetDevice[]) => meetAll(from, tails, devices),
    settle(): void {
      tails.settle()
      known.lastNo = numbers.lastNo
      known.lastDescriptionNo = numbers.lastDescriptionNo
    },
    rewind(): void {
      tails.rewind()
      agree()
    },
  })
}
