// Event ids as table keys: 16 bytes for the upper-case UUIDs agents send, their own bytes for anything else.
// Distinct ids always have distinct keys, and a key gives its id back.

const upperUuid = /^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$/
const uuidBytes = 16
/** No UTF-8 text contains this byte, so it can tell a text key from a UUID key. */
const textMark = 0xff

export const eventKeyOf = (eventId: string): Uint8Array => {
  if (eventId.length === 36 && upperUuid.test(eventId)) return Buffer.from(eventId.replaceAll('-', ''), 'hex')
  const text = Buffer.from(eventId)
  const marks = Math.max(1, uuidBytes + 1 - text.length)
  return Buffer.concat([Buffer.alloc(marks, textMark), text])
}

export const eventIdOf = (eventKey: Uint8Array): string => {
  const key = Buffer.from(eventKey.buffer, eventKey.byteOffset, eventKey.byteLength)
  if (key.length !== uuidBytes) return key.subarray(key.findLastIndex((byte) => byte === textMark) + 1).toString()
  const hex = key.toString('hex').toUpperCase()
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
