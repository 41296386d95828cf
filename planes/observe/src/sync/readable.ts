// Payloads as this room keeps and shows them: decoded, and without the one character PostgreSQL has no place for in text.
// What a payload may be is the contract's; the raw bytes, which are kept too, still have that character.
import { decodePayload, type Payload } from '@muster/contract'
import type { Result } from '@muster/kernel'

const withoutNul = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.replaceAll('\u0000', '\ufffd') : value

/** The same bytes read the same at every time, so that an item that is told again is the item that was stored. */
export const readPayload = (bytes: Uint8Array): Result<Payload, 'invalid_payload'> => {
  const decoded = decodePayload(bytes)
  if (!decoded.ok || !bytes.includes(0)) return decoded
  return { ok: true, value: JSON.parse(JSON.stringify(decoded.value, withoutNul)) as Payload }
}
