// Names for things: prefixed random ids that sort by nothing and collide never.
// Which prefix belongs to which noun is written in the contract.
import { randomBytes } from 'node:crypto'

const alphabet = '0123456789abcdefghijkmnpqrstuvwxyz'

/** `<prefix>_` and 20 letters and digits (about 100 random bits), safe in a path and in a subject. */
export const newId = (prefix: string): string => {
  let text = `${prefix}_`
  for (const byte of randomBytes(20)) text += alphabet[byte % alphabet.length]
  return text
}

/** `<prefix>_` and 32 random bytes as 43 base64url characters: a bearer secret, shown once. */
export const newBearer = (prefix: string): string => `${prefix}_${randomBytes(32).toString('base64url')}`
