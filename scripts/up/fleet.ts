// Answers of the fleet API for a program that has nobody to ask: a refusal is a fault.
// Which questions are asked is the caller's.
import type { Called } from '@muster/http'

/** The value of an answer; throws what was tried and why it was declined. */
export const expectValue = <T>(what: string, called: Called<T>): T => {
  if (called.ok) return called.value
  throw new Error(`${what}: ${called.refusal.detail ?? called.refusal.code}`)
}
