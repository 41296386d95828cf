// A hint that two enrolments come from one computer (telemetry 7.1): never a secret, never the machine's own identifier.
// Where the identifier comes from is sources.ts, and which is taken decide.ts.
import { createHmac } from 'node:crypto'
import { type FingerprintSource, fingerprintMessage } from '@muster/contract/device'
import type { OsFamily } from '../facts/facts.ts'
import { chooseIdentifier, type Identifiers, sourcesToRead } from './decide.ts'

export interface Fingerprint {
  readonly source: FingerprintSource
  /** `sha256:` and 64 digits. */
  readonly value: string
}

/** Keyed with the identifier, so that it cannot be found again from the value. */
export const fingerprintOf = (identifier: string): string =>
  `sha256:${createHmac('sha256', identifier.trim().toLowerCase()).update(fingerprintMessage).digest('hex')}`

/** So long may one source take; then the next one counts. */
const patienceMs = 5_000

/** The computer's fingerprint from the source used before, or from the best there is; null when there is none. */
export const takeFingerprint = async (
  osFamily: OsFamily,
  before: FingerprintSource | null,
): Promise<Fingerprint | null> => {
  const { sourcesOf } = await import('./sources.ts')
  const sources = sourcesOf(osFamily)
  const identifiers: Identifiers = {}
  for (const source of sourcesToRead(before)) {
    try {
      identifiers[source] = (await sources[source]?.(AbortSignal.timeout(patienceMs))) ?? null
    } catch {
      // Not there, or not for this account: the next source is as good as the list says.
    }
    if (chooseIdentifier(identifiers, before) !== null) break
  }
  const chosen = chooseIdentifier(identifiers, before)
  return chosen === null ? null : { source: chosen.source, value: fingerprintOf(chosen.identifier) }
}
