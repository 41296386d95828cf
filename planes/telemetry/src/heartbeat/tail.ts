// What the unit holds of a device in memory: the heartbeats not packed yet, the newest one, what it last said of itself.
// A group of heartbeats changes tails before its transaction is on disk; `rewind` takes that back when it fails.
import { keyStart, keyStartOf, observedOf, receivedOf } from './sample.ts'

/** What is on disk in packs of this device. */
export interface PackedPast {
  /** The greatest observation among them. */
  readonly observedMs: number
  /** The last heartbeat among them. */
  readonly throughNo: number
  /** How many heartbeats the device ever sent, through the newest pack. */
  readonly total: number
  readonly throughMs: number
}

export interface Described {
  readonly descriptionNo: number
  /** Tells whether a heartbeat says the same of the machine as the one before. */
  readonly digest: string
  /** The same for what makes `asset.updated`: host name, system, addresses. */
  readonly face: string
}

interface TailState {
  /** Samples one after the other; only the first `used` bytes count. */
  bytes: Buffer
  used: number
  /** The number of each sample; appended to in place. */
  nos: number[]
  /** How the key of each begins, likewise: looking for one through the samples would read all of them. */
  keyStarts: number[]
  /** When the first of them came. */
  firstMs: number
  newest: Buffer | null
  lastSeenMs: number | null
  described: Described | null
  packed: PackedPast | null
  /** The tail is packed when it holds so many. */
  fullAt: number
}

export interface Tail extends TailState {
  readonly deviceNo: number
  readonly tenantId: string
}

const firstRoom = 256

/** How many heartbeats make a pack. */
export const packSize = 32

/** Devices that came together must not be packed together, so the first pack of each is shorter by its number. */
export const createTail = (
  deviceNo: number,
  tenantId: string,
  past: Pick<TailState, 'newest' | 'lastSeenMs' | 'described' | 'packed'>,
): Tail => ({
  deviceNo,
  tenantId,
  bytes: Buffer.alloc(0),
  used: 0,
  nos: [],
  keyStarts: [],
  firstMs: 0,
  fullAt: packSize / 2 + (deviceNo % packSize),
  ...past,
})

/** False where no sample has this key, true where one may. */
export const mayHold = ({ keyStarts }: Tail, key: string): boolean => keyStarts.includes(keyStart(key))

export const samplesOf = (tail: Tail): Buffer => tail.bytes.subarray(0, tail.used)

const roomFor = (tail: Tail, more: number): Buffer => {
  if (tail.used + more <= tail.bytes.length) return tail.bytes
  const grown = Buffer.allocUnsafeSlow(Math.max(firstRoom, (tail.used + more) * 2))
  tail.bytes.copy(grown, 0, 0, tail.used)
  return grown
}

export const newestObservedMs = ({ newest, packed }: Tail): number | null =>
  newest === null ? (packed?.observedMs ?? null) : Math.max(observedOf(newest), packed?.observedMs ?? 0)

export const append = (tail: Tail, no: number, sample: Buffer): void => {
  const atMs = receivedOf(sample)
  const before = newestObservedMs(tail)
  tail.bytes = roomFor(tail, sample.length)
  sample.copy(tail.bytes, tail.used)
  tail.used += sample.length
  if (tail.nos.length === 0) tail.firstMs = atMs
  tail.nos.push(no)
  tail.keyStarts.push(keyStartOf(sample))
  tail.lastSeenMs = Math.max(tail.lastSeenMs ?? 0, atMs)
  if (before === null || observedOf(sample) >= before) tail.newest = sample
}

const lengthOf = (bytes: Buffer, start: number): number => bytes.readUInt16BE(start)

/** Lets go of what a pack holds now. */
export const cut = (tail: Tail, packed: PackedPast): void => {
  let start = 0
  const gone = tail.nos.filter((no) => no <= packed.throughNo).length
  for (let count = 0; count < gone; count += 1) start += lengthOf(tail.bytes, start)
  const rest = Buffer.from(tail.bytes.subarray(start, tail.used))
  tail.bytes = rest
  tail.used = rest.length
  tail.nos = tail.nos.slice(gone)
  tail.keyStarts = tail.keyStarts.slice(gone)
  tail.firstMs = rest.length === 0 ? 0 : receivedOf(rest)
  tail.packed = packed
  tail.fullAt = packSize
}

/** A tail as it was; its lists are shared with the present one, in which they may be longer. */
interface Kept {
  readonly state: TailState
  readonly count: number
}

export interface Tails {
  get(deviceNo: number): Tail | undefined
  add(tail: Tail): void
  forget(deviceNo: number): void
  all(): Iterable<Tail>
  /** Remembers how the tail is now, once until the next `settle`, so that `rewind` can bring it back. */
  keep(tail: Tail): void
  settle(): void
  rewind(): void
}

export const createTails = (): Tails => {
  const tails = new Map<number, Tail>()
  const kept = new Map<Tail, Kept>()
  return {
    get: (deviceNo) => tails.get(deviceNo),
    add: (tail) => void tails.set(tail.deviceNo, tail),
    forget: (deviceNo) => void tails.delete(deviceNo),
    all: () => tails.values(),
    keep(tail) {
      if (!kept.has(tail)) kept.set(tail, { state: { ...tail }, count: tail.nos.length })
    },
    settle: () => kept.clear(),
    rewind() {
      for (const [tail, { state, count }] of kept) {
        Object.assign(tail, state)
        tail.nos.length = count
        tail.keyStarts.length = count
      }
      kept.clear()
    },
  }
}
