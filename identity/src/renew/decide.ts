// Whether a device gets its next certificate, and for which key. Pure.
// Who speaks was decided by the certificate it still has; issuing and storing is renew.ts.
import { ok, type Result, refuse } from '@muster/kernel'

/** Our own agent renews in time; sensors that say nothing of the kind never will (sensor-protocol 18.4, D8). */
export const canRenew = (sensorVersion: string): boolean => /^muster-agent\/\d/.test(sensorVersion)

const earliestMs = 30 * 24 * 60 * 60_000

/**
 * In the last third of a certificate's life, but no sooner than thirty days before its end: as our agent counts too, so
 * that one issued a moment ago is never near its end.
 */
export const renewFromMs = (issuedMs: number, expiresMs: number): number =>
  expiresMs - Math.min(earliestMs, (expiresMs - issuedMs) / 3)

/** Whether a device that calls itself `sensorVersion` is to be reminded; who cannot renew is not asked to. */
export const isRenewalDue = (
  device: { readonly renewFromMs: number | null },
  sensorVersion: string,
  nowMs: number,
): boolean => device.renewFromMs !== null && nowMs >= device.renewFromMs && canRenew(sensorVersion)

/** A device needs one certificate every few months; more than this in an hour is a loop or an attack. */
export const mostAnHour = 4
export const hourMs = 60 * 60_000

export interface RenewFacts {
  readonly currentKeyFingerprint: string
  readonly askedKeyFingerprint: string
  /** Null when none was sent. */
  readonly isProofGood: boolean | null
  /** Another device of the tenant has the key that is asked for. */
  readonly isKeyTaken: boolean
  readonly issuedInLastHour: number
}

/** Holding the present certificate proves the present key; a new key has to prove itself. */
export const decideRenew = (
  facts: RenewFacts,
): Result<'same_key' | 'new_key', 'key_proof_invalid' | 'key_taken' | 'rate_limited'> => {
  if (facts.issuedInLastHour >= mostAnHour) return refuse('rate_limited')
  if (facts.askedKeyFingerprint === facts.currentKeyFingerprint) return ok('same_key')
  if (facts.isProofGood !== true) return refuse('key_proof_invalid')
  return facts.isKeyTaken ? refuse('key_taken') : ok('new_key')
}
