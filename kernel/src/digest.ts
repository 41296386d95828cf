// SHA-256 in the two forms the house uses, and a comparison that takes the same time for any two inputs.
// Keys, signatures and certificates belong to identity.
import { hash, timingSafeEqual } from 'node:crypto'

export const sha256Hex = (data: string | Uint8Array): string => hash('sha256', data, 'hex')

export const sha256Bytes = (data: string | Uint8Array): Buffer => hash('sha256', data, 'buffer')

/** Compares digests, not texts, so that not even the length of the expected text shows. */
export const equalInConstantTime = (left: string, right: string): boolean =>
  timingSafeEqual(sha256Bytes(left), sha256Bytes(right))
