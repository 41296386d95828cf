// Replies at rest that only the sender of the key can open, because a reply may hold a token shown once.
// Which replies are kept, and how long, is decided elsewhere.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const saltBytes = 16
const nonceBytes = 12
const tagBytes = 16

const deriveKey = (key: string, salt: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, 'muster idempotent reply', 32))

/** Salt, nonce, tag, ciphertext. */
export const sealReply = (key: string, reply: string): Buffer => {
  const salt = randomBytes(saltBytes)
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(algorithm, deriveKey(key, salt), nonce)
  const sealed = Buffer.concat([cipher.update(reply, 'utf8'), cipher.final()])
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), sealed])
}

/** Throws when the bytes were not sealed with this key. */
export const openReply = (key: string, bytes: Uint8Array): string => {
  const nonceAt = saltBytes
  const tagAt = nonceAt + nonceBytes
  const sealedAt = tagAt + tagBytes
  const decipher = createDecipheriv(
    algorithm,
    deriveKey(key, bytes.subarray(0, nonceAt)),
    bytes.subarray(nonceAt, tagAt),
  )
  decipher.setAuthTag(bytes.subarray(tagAt, sealedAt))
  return Buffer.concat([decipher.update(bytes.subarray(sealedAt)), decipher.final()]).toString('utf8')
}
