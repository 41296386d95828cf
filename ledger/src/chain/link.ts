// How one audit entry follows another: each hash covers the entry and the hash before it (fleet-product 11).
// Keeping the entries is the history's work; checking them is verify.ts.
import { type AuditEntry, type AuditStatement, canonicalJson } from '@muster/contract'
import { sha256Hex } from '@muster/kernel'

/** A place in a chain: the entry with this seq has this hash. Seq 0 is the place before the first entry. */
export interface ChainPoint {
  readonly seq: number
  readonly hash: string
}

export const GENESIS: ChainPoint = { seq: 0, hash: '0'.repeat(64) }

/** An entry together with the text its hash was made from. */
export interface Link extends ChainPoint {
  readonly prevHash: string
  /** RFC 8785 text of the entry without prevHash and hash. */
  readonly body: string
  readonly statement: AuditStatement
}

export const linkHash = (prevHash: string, body: string): string => sha256Hex(`${prevHash}\n${body}`)

/** The statements as the next entries after `point`, in the order given; all must be of one tenant. */
export const linkAfter = (point: ChainPoint, statements: readonly AuditStatement[]): readonly Link[] => {
  let prevHash = point.hash
  return statements.map((statement, index) => {
    const seq = point.seq + index + 1
    const body = canonicalJson({ seq, ...statement })
    const link = { seq, prevHash, hash: linkHash(prevHash, body), body, statement }
    prevHash = link.hash
    return link
  })
}

export const entryOf = ({ seq, statement, prevHash, hash }: Link): AuditEntry => ({ seq, ...statement, prevHash, hash })
