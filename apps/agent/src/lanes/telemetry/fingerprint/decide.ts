// Which source tells this computer from others (telemetry 7.2), among those that can be read. Pure.
// Reading them is sources.ts; what is made of the identifier is fingerprint.ts.
import { FINGERPRINT_SOURCES, type FingerprintSource } from '@muster/contract/device'

export type Identifiers = Partial<Record<FingerprintSource, string | null>>

export interface Chosen {
  readonly source: FingerprintSource
  /** Trimmed and in lower case: it is the machine's own name and never leaves it. */
  readonly identifier: string
}

/** What makers write where nothing was written. */
const placeholders: ReadonlySet<string> = new Set([
  'to be filled by o.e.m.',
  'default string',
  'none',
  'not specified',
  '0123456789',
  'system serial number',
  '03000200-0400-0500-0006-000700080009',
])

const isPlaceholder = (identifier: string): boolean =>
  placeholders.has(identifier) || /^[0:-]*$/.test(identifier) || /^[f:-]+$/.test(identifier)

const usable = (said: string | null | undefined): string | null => {
  const identifier = (said ?? '').trim().toLowerCase()
  return isPlaceholder(identifier) ? null : identifier
}

/**
 * The best source there is in the order of the contract, or the one that was chosen before, so that an account with other rights does not become
 * another computer. Null when there is none: a made-up one would defeat its purpose unseen.
 */
export const chooseIdentifier = (identifiers: Identifiers, before: FingerprintSource | null): Chosen | null => {
  for (const source of before === null ? FINGERPRINT_SOURCES : [before]) {
    const identifier = usable(identifiers[source])
    if (identifier !== null) return { source, identifier }
  }
  return null
}

/** Which sources have to be read to know the choice. */
export const sourcesToRead = (before: FingerprintSource | null): readonly FingerprintSource[] =>
  before === null ? FINGERPRINT_SOURCES : [before]

/** Given out by somebody and not made up on the spot: the second bit of the first byte is clear. */
const isGivenOut = (mac: string): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 0x02) === 0

/** The hardware addresses of real interfaces as one text, or null when there is none. */
export const macIdentifier = (macs: readonly (string | null)[]): string | null => {
  const real = macs.filter((mac) => mac !== null).filter(isGivenOut)
  return real.length === 0 ? null : [...new Set(real)].toSorted().join(',')
}
