// Whether a list of audit entries is the unbroken chain it claims to be; needs nothing but the entries.
// Reading them from a database or a file is the caller's work.
import { type AuditEntry, canonicalJson } from '@muster/contract'
import { type ChainPoint, GENESIS, linkHash } from './link.ts'

/**
 * `missing`: a number was left out. `repeated`: a number came again or out of its place. `altered`: the entry does not
 * hash to its own hash. `unlinked`: it does, but does not name the hash of the entry before it.
 */
export type ChainFault = 'missing' | 'repeated' | 'altered' | 'unlinked'

/**
 * What vouches for the first entry: the beginning of the chain, a place the caller knows, a purge recorded further down
 * in the same chain, or nothing.
 */
export type ChainAnchor = 'genesis' | 'known' | 'purge' | 'none'

export interface ChainCheck {
  readonly checked: number
  readonly anchor: ChainAnchor
  /** The place before the first entry; null until there is one. */
  readonly origin: ChainPoint | null
  /** The last entry found good; null until there is one. */
  readonly head: ChainPoint | null
  readonly bad: { readonly seq: number; readonly fault: ChainFault } | null
}

/** An audit action that says up to where earlier entries were purged, and the hash the rest follows. */
export const PURGE_ACTION = 'audit.purged'

/** Without `known` the first entry is taken at its word about what came before it. */
export const beginCheck = (known?: ChainPoint): ChainCheck => ({
  checked: 0,
  anchor: known === undefined ? 'none' : known.seq === 0 ? 'genesis' : 'known',
  origin: known ?? null,
  head: null,
  bad: null,
})

const isIntact = ({ prevHash, hash, ...rest }: AuditEntry): boolean => {
  try {
    return linkHash(prevHash, canonicalJson(rest)) === hash
  } catch {
    return false // what has no canonical text was never hashed
  }
}

const faultOf = (entry: AuditEntry, before: ChainPoint): ChainCheck['bad'] => {
  const expected = before.seq + 1
  if (entry.seq > expected) return { seq: expected, fault: 'missing' }
  if (entry.seq < expected) return { seq: entry.seq, fault: 'repeated' }
  if (!isIntact(entry)) return { seq: entry.seq, fault: 'altered' }
  return entry.prevHash === before.hash ? null : { seq: entry.seq, fault: 'unlinked' }
}

const namesOrigin = (entry: AuditEntry, origin: ChainPoint): boolean =>
  entry.action === PURGE_ACTION &&
  entry.details['throughSeq'] === origin.seq &&
  entry.details['throughHash'] === origin.hash

/** The check after one more entry; once something is bad, the rest is not looked at. */
export const checkEntry = (check: ChainCheck, entry: AuditEntry): ChainCheck => {
  if (check.bad !== null) return check
  const claimed = { seq: entry.seq - 1, hash: entry.prevHash }
  const origin = check.origin ?? (entry.seq === 1 ? GENESIS : claimed)
  const bad = faultOf(entry, check.head ?? origin)
  if (bad !== null) return { ...check, origin, bad }
  const isVouchedFor = check.anchor === 'none' && namesOrigin(entry, origin)
  const anchor = origin.seq === 0 ? 'genesis' : isVouchedFor ? 'purge' : check.anchor
  return { checked: check.checked + 1, anchor, origin, head: { seq: entry.seq, hash: entry.hash }, bad: null }
}

/**
 * Checks a whole list. A list that is cut at its end cannot be told from a shorter one: compare `head` with what is
 * known of the chain elsewhere.
 */
export const verifyChain = (entries: Iterable<AuditEntry>, known?: ChainPoint): ChainCheck => {
  let check = beginCheck(known)
  for (const entry of entries) {
    check = checkEntry(check, entry)
    if (check.bad !== null) break
  }
  return check
}
