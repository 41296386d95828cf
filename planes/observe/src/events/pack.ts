// Events of one batch as two runs of bytes, one row for all of them: what each is called and when it was, and what each says.
// Which events lie together, and in which row, is the store's.
import { EVENT_KINDS, type EventKind } from '@muster/contract'

export const EVENT_BODIES = ['inventoryItem', 'finding'] as const
export type EventBody = (typeof EVENT_BODIES)[number]

/** So many events at most share a row. */
export const mostInPack = 512

export interface PackedEvent {
  readonly eventKey: Uint8Array
  readonly sequence: number
  readonly surface: string
  readonly kind: EventKind
  readonly body: EventBody
  readonly observedMs: number
  readonly collectedMs: number
  readonly payload: Uint8Array
}

/** An event without its payload, and where that lies among the payloads of its pack. */
export interface EventHead extends Omit<PackedEvent, 'payload'> {
  /** Place in the pack, from 0. */
  readonly index: number
  readonly payloadStart: number
  readonly payloadEnd: number
}

export interface Pack {
  /** Separated by spaces, which no surface contains; a head names its surface by the place here. */
  readonly surfaces: string
  readonly heads: Uint8Array
  readonly payloads: Uint8Array
}

/** Key length, surface, kind, body, payload length, sequence, observed, collected; the key follows. */
const headBytes = 2 + 2 + 1 + 1 + 4 + 8 + 8 + 8
/** Where a head says its sequence. */
const sequenceAt = 10
export const firstHeadBytes = sequenceAt + 8

/** At most `mostInPack` events. */
export const packEvents = (events: readonly PackedEvent[]): Pack => {
  let headsLength = events.length * headBytes
  let payloadsLength = 0
  for (const { eventKey, payload } of events) {
    headsLength += eventKey.length
    payloadsLength += payload.length
  }
  const surfaceNos = new Map<string, number>()
  const heads = Buffer.allocUnsafe(headsLength)
  const payloads = Buffer.allocUnsafe(payloadsLength)
  let headAt = 0
  let payloadAt = 0
  for (const event of events) {
    const surfaceNo = surfaceNos.get(event.surface) ?? surfaceNos.size
    surfaceNos.set(event.surface, surfaceNo)
    headAt = writeHead(heads, headAt, event, surfaceNo)
    payloads.set(event.payload, payloadAt)
    payloadAt += event.payload.length
  }
  return { surfaces: [...surfaceNos.keys()].join(' '), heads, payloads }
}

const writeHead = (heads: Buffer, at: number, event: PackedEvent, surfaceNo: number): number => {
  const { eventKey, kind, body, payload, sequence, observedMs, collectedMs } = event
  heads.writeUInt16LE(eventKey.length, at)
  heads.writeUInt16LE(surfaceNo, at + 2)
  heads.writeUInt8(EVENT_KINDS.indexOf(kind), at + 4)
  heads.writeUInt8(EVENT_BODIES.indexOf(body), at + 5)
  heads.writeUInt32LE(payload.length, at + 6)
  heads.writeDoubleLE(sequence, at + sequenceAt)
  heads.writeDoubleLE(observedMs, at + 18)
  heads.writeDoubleLE(collectedMs, at + 26)
  heads.set(eventKey, at + headBytes)
  return at + headBytes + eventKey.length
}

/** In the order they were packed. */
export const unpackHeads = ({ surfaces, heads }: Pick<Pack, 'surfaces' | 'heads'>): readonly EventHead[] => {
  const bytes = Buffer.from(heads.buffer, heads.byteOffset, heads.byteLength)
  const surfaceOf = surfaces.split(' ')
  const unpacked: EventHead[] = []
  let payloadStart = 0
  for (let at = 0; at < bytes.length; ) {
    const keyStart = at + headBytes
    const keyEnd = keyStart + bytes.readUInt16LE(at)
    const payloadEnd = payloadStart + bytes.readUInt32LE(at + 6)
    unpacked.push({
      index: unpacked.length,
      eventKey: bytes.subarray(keyStart, keyEnd),
      surface: surfaceOf[bytes.readUInt16LE(at + 2)] as string,
      kind: EVENT_KINDS[bytes.readUInt8(at + 4)] as EventKind,
      body: EVENT_BODIES[bytes.readUInt8(at + 5)] as EventBody,
      sequence: bytes.readDoubleLE(at + sequenceAt),
      observedMs: bytes.readDoubleLE(at + 18),
      collectedMs: bytes.readDoubleLE(at + 26),
      payloadStart,
      payloadEnd,
    })
    payloadStart = payloadEnd
    at = keyEnd
  }
  return unpacked
}

/** Some events of a pack, as a bit for each place; null when it is none of them. */
export const markEvents = <Event>(events: readonly Event[], marked: ReadonlySet<Event>): Uint8Array | null => {
  if (marked.size === 0 || events.every((event) => !marked.has(event))) return null
  const marks = new Uint8Array(Math.ceil(events.length / 8))
  for (const [index, event] of events.entries())
    if (marked.has(event)) (marks[index >> 3] as number) |= 1 << (index & 7)
  return marks
}

/** The marks of a pack of so many events, with some of them set or taken away. */
export const withMarks = (
  marks: Uint8Array | null,
  eventCount: number,
  changes: readonly { readonly index: number; readonly isMarked: boolean }[],
): Uint8Array | null => {
  const changed = new Map(changes.map((change) => [change.index, change.isMarked]))
  const places = Array.from({ length: eventCount }, (_, index) => index)
  return markEvents(places, new Set(places.filter((index) => changed.get(index) ?? isMarked(marks, index))))
}

export const isMarked = (marks: Uint8Array | null, index: number): boolean =>
  marks !== null && (((marks[index >> 3] ?? 0) >> (index & 7)) & 1) === 1

/** The sequence of the first event of a pack, out of as many bytes of its heads as `firstHeadBytes`. */
export const firstSequenceOf = (heads: Uint8Array): number =>
  Buffer.from(heads.buffer, heads.byteOffset, heads.byteLength).readDoubleLE(sequenceAt)

/** The keys of the events with one of these sequences, by sequence; without making the other heads. */
export const keysOfSequences = (
  heads: Uint8Array,
  sequences: ReadonlySet<number>,
): readonly (readonly [sequence: number, eventKey: Uint8Array])[] => {
  const bytes = Buffer.from(heads.buffer, heads.byteOffset, heads.byteLength)
  const found: [number, Uint8Array][] = []
  for (let at = 0; at < bytes.length; ) {
    const keyStart = at + headBytes
    const keyEnd = keyStart + bytes.readUInt16LE(at)
    const sequence = bytes.readDoubleLE(at + sequenceAt)
    if (sequences.has(sequence)) found.push([sequence, bytes.subarray(keyStart, keyEnd)])
    at = keyEnd
  }
  return found
}

/** The number of an event among all events, by which pages of them go on. */
export const eventNoOf = (packNo: number, index: number): number => packNo * mostInPack + index

/** The pack an event of this number lies in. */
export const packNoOf = (eventNo: number): number => Math.floor(eventNo / mostInPack)
