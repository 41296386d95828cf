// Where the parts of an inventory item lie in its payload, as agents write it: every field once, in ascending order.
// Any other order is as good on the wire and read by the contract's decoder; here it is only not recognised.

/** Offsets into a payload. */
export interface ItemBytes {
  readonly surfaceStart: number
  readonly surfaceEnd: number
  /** Surface, kind, name and, where there is one, version: from the end of the id to here. */
  readonly idEnd: number
  readonly namedEnd: number
  readonly pathStart: number
  readonly pathEnd: number
  /** What the id says after surface, kind and path: from here to its end. */
  readonly restStart: number
}

// Tags of sensor-protocol 9: a field number, and the wire type of bytes with a length.
const [payloadVersionTag, itemTag] = [0x08, 0x12]
const [idTag, surfaceTag, kindTag, nameTag, versionTag, pathTag] = [0x0a, 0x12, 0x1a, 0x22, 0x2a, 0x32]
const [provenanceTag, attributeTag] = [0x3a, 0x42]
const slash = 0x2f

export const isSameBytes = (left: Uint8Array, leftAt: number, right: Uint8Array, rightAt: number, length: number) => {
  for (let index = 0; index < length; index += 1) if (left[leftAt + index] !== right[rightAt + index]) return false
  return true
}

/** A length of one to three bytes and where it ends, as one number; -1 for a longer one. */
const readLength = (bytes: Uint8Array, at: number): number => {
  const first = bytes[at] as number
  if (first < 0x80) return first * 4 + 1
  const second = bytes[at + 1] as number
  if (second < 0x80) return ((first & 0x7f) | (second << 7)) * 4 + 2
  const third = bytes[at + 2] as number
  return third < 0x80 ? ((first & 0x7f) | ((second & 0x7f) << 7) | (third << 14)) * 4 + 3 : -1
}

/** Where the bytes of the field at `at` begin; -1 when another field is there, or it is cut short. */
const startOf = (bytes: Uint8Array, at: number, tag: number): number => {
  if (bytes[at] !== tag) return -1
  const length = readLength(bytes, at + 1)
  const start = at + 1 + (length & 3)
  return length >= 0 && start + (length >> 2) <= bytes.length ? start : -1
}

/** Where they end, for a field that `startOf` found there. */
const endOf = (bytes: Uint8Array, at: number): number => {
  const length = readLength(bytes, at + 1)
  return at + 1 + (length & 3) + (length >> 2)
}

/** Undefined when the payload is laid out otherwise, is no item, or has an id that does not follow from its parts. */
export const locateItem = (bytes: Uint8Array): ItemBytes | undefined => {
  if (bytes[0] !== payloadVersionTag || bytes[1] !== 1) return undefined
  const itemStart = startOf(bytes, 2, itemTag)
  if (itemStart < 0 || endOf(bytes, 2) !== bytes.length) return undefined
  const idStart = startOf(bytes, itemStart, idTag)
  if (idStart < 0) return undefined
  const idEnd = endOf(bytes, itemStart)
  const surfaceStart = startOf(bytes, idEnd, surfaceTag)
  if (surfaceStart < 0) return undefined
  const surfaceEnd = endOf(bytes, idEnd)
  const kindStart = startOf(bytes, surfaceEnd, kindTag)
  if (kindStart < 0) return undefined
  const kindEnd = endOf(bytes, surfaceEnd)
  if (startOf(bytes, kindEnd, nameTag) < 0) return undefined
  const nameEnd = endOf(bytes, kindEnd)
  const namedEnd = startOf(bytes, nameEnd, versionTag) < 0 ? nameEnd : endOf(bytes, nameEnd)
  const pathStart = startOf(bytes, namedEnd, pathTag)
  if (pathStart < 0) return undefined
  const pathEnd = endOf(bytes, namedEnd)
  const kindAt = idStart + surfaceEnd - surfaceStart + 1
  const pathAt = kindAt + kindEnd - kindStart + 1
  const restStart = pathAt + pathEnd - pathStart + 1
  const isUsual =
    restStart <= idEnd &&
    bytes[kindAt - 1] === slash &&
    bytes[pathAt - 1] === slash &&
    bytes[restStart - 1] === slash &&
    isSameBytes(bytes, idStart, bytes, surfaceStart, surfaceEnd - surfaceStart) &&
    isSameBytes(bytes, kindAt, bytes, kindStart, kindEnd - kindStart) &&
    isSameBytes(bytes, pathAt, bytes, pathStart, pathEnd - pathStart)
  return isUsual ? { surfaceStart, surfaceEnd, idEnd, namedEnd, pathStart, pathEnd, restStart } : undefined
}

/** Whether nothing after the path says again what was said before it; the last of a repeated field would count. */
export const endsPlainly = (bytes: Uint8Array, { pathEnd }: ItemBytes): boolean => {
  let at = pathEnd
  while (at < bytes.length) {
    const tag = bytes[at] as number
    if ((tag !== provenanceTag && tag !== attributeTag) || startOf(bytes, at, tag) < 0) return false
    at = endOf(bytes, at)
  }
  return true
}
