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
/** Name, version, id and checksum of a package, with some room. */
const usualBytes = 160

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

/** Open addressing over numbers; the faces themselves lie one after the other in one block, out of the collector's way. */
interface Shelf {
  readonly mask: number
  readonly hashes: Int32Array
  /** For each slot: tenant, where the face begins, and how long its three parts are. */
  readonly heads: Uint32Array
  /** For each slot: label and content. */
  readonly numbers: Float64Array
  readonly block: Buffer
  faces: number
  usedBytes: number
}

const headLength = 5

const createShelf = (size: number): Shelf => {
  const slots = 2 ** Math.ceil(Math.log2(size * 2))
  return {
    mask: slots - 1,
    hashes: new Int32Array(slots),
    heads: new Uint32Array(slots * headLength),
    numbers: new Float64Array(slots * 2),
    block: Buffer.alloc(size * usualBytes),
    faces: 0,
    usedBytes: 0,
  }
}

const isFace = (shelf: Shelf, slot: number, tenantNo: number, payload: Uint8Array, at: ItemBytes): boolean => {
  const { heads, block } = shelf
  const head = slot * headLength
  const [named, end, rest] = [at.namedEnd - at.idEnd, payload.length - at.pathEnd, at.idEnd - at.restStart]
  const start = heads[head + 1] as number
  return (
    heads[head] === tenantNo &&
    heads[head + 2] === named &&
    heads[head + 3] === end &&
    heads[head + 4] === rest &&
    isSameBytes(block, start, payload, at.idEnd, named) &&
    isSameBytes(block, start + named, payload, at.pathEnd, end) &&
    isSameBytes(block, start + named + end, payload, at.restStart, rest)
  )
}

/** The slot of the face, or the complement of the free one it could have; undefined when there is neither. */
const seek = (shelf: Shelf, hash: number, tenantNo: number, payload: Uint8Array, at: ItemBytes): number | undefined => {
  for (let probe = 0; probe < maxProbes; probe += 1) {
    const slot = (hash + probe) & shelf.mask
    const held = shelf.hashes[slot]
    if (held === 0) return ~slot
    if (held === hash && isFace(shelf, slot, tenantNo, payload, at)) return slot
  }
  return undefined
}

const fill = (shelf: Shelf, slot: number, tenantNo: number, parts: readonly Uint8Array[]): void => {
  shelf.heads.set([tenantNo, shelf.usedBytes, ...parts.map(({ length }) => length)], slot * headLength)
  for (const part of parts) {
    shelf.block.set(part, shelf.usedBytes)
    shelf.usedBytes += part.length
  }
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
    const bytes = parts.reduce((sum, { length }) => sum + length, 0)
    if (bytes > mostBytes) return
    if (young.faces >= size || young.usedBytes + bytes > young.block.length) {
      old = young
      young = createShelf(size)
    }
    const slot = seek(young, hash, tenantNo, payload, at)
    if (slot === undefined || slot >= 0) return
    young.hashes[~slot] = hash
    young.numbers.set([numbers.labelNo, numbers.contentNo], ~slot * 2)
    fill(young, ~slot, tenantNo, parts)
  }
  const read = ({ numbers }: Shelf, slot: number | undefined): FaceNumbers | undefined =>
    slot === undefined || slot < 0
      ? undefined
      : { labelNo: numbers[slot * 2] as number, contentNo: numbers[slot * 2 + 1] as number }
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
