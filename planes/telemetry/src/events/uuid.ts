// Ids of events that come out the same however often they are made: version 5 of RFC 9562.
// What goes into one is event.ts.
import { hash } from 'node:crypto'

/** The namespace of our events; any fixed id serves, and this one is ours alone. */
const namespace = Buffer.from('6f1d0c1e9a5b4d0f8f1f4a6a3c2b7e10', 'hex')

export const uuidOf = (name: string): string => {
  const bytes = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]), 'buffer').subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
