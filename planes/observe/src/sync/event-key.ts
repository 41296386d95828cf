// Event ids as table keys: 16 bytes for the upper-case UUIDs agents send, their own bytes for anything else.
// Distinct ids always have distinct keys, and a key gives its id back.

const uuidLength = 36
const uuidBytes = 16
const hyphens: ReadonlySet<number> = new Set([8, 13, 18, 23])
/** No UTF-8 text contains this byte, so it can tell a text key from a UUID key. */
const textMark = 0xff

const digitOf = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48
  return code >= 65 && code <= 70 ? code - 55 : -1
}

/** By hand, because it runs for every event and a pattern and a hex decoder take three times as long. */
const uuidKeyOf = (eventId: string): Uint8Array | undefined => {
  if (eventId.length !== uuidLength) return undefined
  const key = Buffer.allocUnsafe(uuidBytes)
  let at = 0
  for (let index = 0; index < uuidLength; index += 2) {
    if (hyphens.has(index)) {
      if (eventId.charCodeAt(index) !== 45) return undefined
      index += 1
    }
    const high = digitOf(eventId.charCodeAt(index))
    const low = digitOf(eventId.charCodeAt(index + 1))
    if (high < 0 || low < 0) return undefined
    key[at++] = high * 16 + low
  }
  return key
}

export const eventKeyOf = (eventId: string): Uint8Array => {
  const uuid = uuidKeyOf(eventId)
  if (uuid !== undefined) return uuid
  const text = Buffer.from(eventId)
  const marks = Math.max(1, uuidBytes + 1 - text.length)
  return Buffer.concat([Buffer.alloc(marks, textMark), text])
}

/** The id as a JSON text; one with a UUID's key has nothing that would need to be escaped. */
export const quotedEventId = (eventId: string, eventKey: Uint8Array): string =>
  eventKey.length === uuidBytes ? `"${eventId}"` : JSON.stringify(eventId)

export const eventIdOf = (eventKey: Uint8Array): string => {
  const key = Buffer.from(eventKey.buffer, eventKey.byteOffset, eventKey.byteLength)
  if (key.length !== uuidBytes) return key.subarray(key.findLastIndex((byte) => byte === textMark) + 1).toString()
  const hex = key.toString('hex').toUpperCase()
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
