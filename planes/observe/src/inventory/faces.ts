// Items met before, known again by their bytes: what an item's payload says beyond its path is its face.
// A face leads to numbers; where those come from, and when they may be believed, is names.ts.
import { endsPlainly, type ItemBytes, isSameBytes } from './item-bytes.ts'

export interface FaceNumbers {
  readonly labelNo: number
  readonly contentNo: number
}

export interface Faces {
  /** What was remembered of this tenant's item that is the same but for its path. */
  recall(tenantId: string, payload: Uint8Array, at: ItemBytes): FaceNumbers | undefined
  remember(tenantId: string, payload: Uint8Array, at: ItemBytes, numbers: FaceNumbers): void
}

/** Neighbours looked at before a face counts as unknown, so that nobody can make the search long. */
const maxProbes = 16
/** Name, version, id and checksum of a package, with some room, and what leads them. */
const usualBytes = 192

/** The end of a face's last part that counts for its hash: there the checksum is. */
const hashedEnd = 24

/** FNV-1a, because it is short; a device that makes its faces collide loses nothing but the shortcut. */
const hashOn = (hash: number, bytes: Uint8Array, start: number, end: number): number => {
  let on = hash
  for (let index = start; index < end; index += 1) on = Math.imul(on ^ (bytes[index] as number), 16777619)
  return on
}

/** Never zero, which marks an empty slot. */
const hashOf = (tenantNo: number, payload: Uint8Array, { surfaceEnd, namedEnd, pathEnd }: ItemBytes): number => {
  const named = hashOn(tenantNo ^ 0x811c9dc5, payload, surfaceEnd, namedEnd)
  return hashOn(named, payload, Math.max(pathEnd, payload.length - hashedEnd), payload.length) || 1
}

/**
 * Open addressing over numbers, out of the collector's way. Faces lie one after the other in one block, each behind its
 * numbers and lengths, because a far piece of memory costs more than all that is done with it: a face that is found
 * takes two, its slot and its record.
 */
interface Shelf {
  readonly mask: number
  /** For each slot: the hash, and where the record begins, in words. */
  readonly slots: Int32Array
  readonly bytes: Buffer
  readonly words: Uint32Array
  readonly doubles: Float64Array
  faces: number
  usedBytes: number
}

// A record: label and content as doubles; tenant and the lengths of the three parts as words; the parts, and room to the
// next multiple of eight.
const [tenantAt, namedAt, endAt, restAt] = [4, 5, 6, 7]
const [wordBytes, headBytes] = [4, 32]

const createShelf = (size: number): Shelf => {
  const slots = 2 ** Math.ceil(Math.log2(size * 2))
  const block = new ArrayBuffer(size * usualBytes)
  return {
    mask: slots - 1,
    slots: new Int32Array(slots * 2),
    bytes: Buffer.from(block),
    words: new Uint32Array(block),
    doubles: new Float64Array(block),
    faces: 0,
    usedBytes: 0,
  }
}

const isFace = ({ words, bytes }: Shelf, record: number, tenantNo: number, payload: Uint8Array, at: ItemBytes) => {
  const [named, end, rest] = [at.namedEnd - at.idEnd, payload.length - at.pathEnd, at.idEnd - at.restStart]
  const start = record * wordBytes + headBytes
  return (
    words[record + tenantAt] === tenantNo &&
    words[record + namedAt] === named &&
    words[record + endAt] === end &&
    words[record + restAt] === rest &&
    isSameBytes(bytes, start, payload, at.idEnd, named) &&
    isSameBytes(bytes, start + named, payload, at.pathEnd, end) &&
    isSameBytes(bytes, start + named + end, payload, at.restStart, rest)
  )
}

/** The slot of the face, or the complement of the free one it could have; undefined when there is neither. */
const seek = (shelf: Shelf, hash: number, tenantNo: number, payload: Uint8Array, at: ItemBytes): number | undefined => {
  for (let probe = 0; probe < maxProbes; probe += 1) {
    const slot = (hash + probe) & shelf.mask
    const held = shelf.slots[slot * 2]
    if (held === 0) return ~slot
    if (held === hash && isFace(shelf, shelf.slots[slot * 2 + 1] as number, tenantNo, payload, at)) return slot
  }
  return undefined
}

const bytesFor = (parts: readonly Uint8Array[]): number =>
  Math.ceil(parts.reduce((sum, { length }) => sum + length, headBytes) / 8) * 8

/** A face as it is put on a shelf. */
interface KeptFace {
  readonly hash: number
  readonly tenantNo: number
  readonly numbers: FaceNumbers
  readonly parts: readonly Uint8Array[]
}

const fill = (shelf: Shelf, slot: number, { hash, tenantNo, numbers, parts }: KeptFace): void => {
  const start = shelf.usedBytes
  const record = start / wordBytes
  shelf.slots.set([hash, record], slot * 2)
  shelf.doubles.set([numbers.labelNo, numbers.contentNo], start / 8)
  shelf.words.set([tenantNo, ...parts.map(({ length }) => length)], record + tenantAt)
  let at = start + headBytes
  for (const part of parts) {
    shelf.bytes.set(part, at)
    at += part.length
  }
  shelf.usedBytes += bytesFor(parts)
  shelf.faces += 1
}

/** `size`: about how many faces are remembered at least; the older half is let go when the younger is full. */
export const createFaces = (size: number): Faces => {
  const tenantNos = new Map<string, number>()
  const mostBytes = Math.min(16, size) * usualBytes
  let young = createShelf(size)
  let old = createShelf(1)

  const tenantNoOf = (tenantId: string): number => {
    const known = tenantNos.get(tenantId)
    if (known !== undefined) return known
    tenantNos.set(tenantId, tenantNos.size + 1)
    return tenantNos.size
  }
  const put = (tenantNo: number, hash: number, payload: Uint8Array, at: ItemBytes, numbers: FaceNumbers): void => {
    const parts = [
      payload.subarray(at.idEnd, at.namedEnd),
      payload.subarray(at.pathEnd),
      payload.subarray(at.restStart, at.idEnd),
    ]
    const bytes = bytesFor(parts)
    if (bytes > mostBytes) return
    if (young.faces >= size || young.usedBytes + bytes > young.bytes.length) {
      old = young
      young = createShelf(size)
    }
    const slot = seek(young, hash, tenantNo, payload, at)
    if (slot === undefined || slot >= 0) return
    fill(young, ~slot, { hash, tenantNo, numbers, parts })
  }
  const read = ({ slots, doubles }: Shelf, slot: number | undefined): FaceNumbers | undefined => {
    if (slot === undefined || slot < 0) return undefined
    const at = ((slots[slot * 2 + 1] as number) * wordBytes) / 8
    return { labelNo: doubles[at] as number, contentNo: doubles[at + 1] as number }
  }
  return {
    recall(tenantId, payload, at) {
      const tenantNo = tenantNoOf(tenantId)
      const hash = hashOf(tenantNo, payload, at)
      const fresh = read(young, seek(young, hash, tenantNo, payload, at))
      if (fresh !== undefined) return fresh
      const faded = read(old, seek(old, hash, tenantNo, payload, at))
      if (faded !== undefined) put(tenantNo, hash, payload, at, faded)
      return faded
    },
    remember(tenantId, payload, at, numbers) {
      if (!endsPlainly(payload, at)) return
      const tenantNo = tenantNoOf(tenantId)
      put(tenantNo, hashOf(tenantNo, payload, at), payload, at, numbers)
    },
  }
}
