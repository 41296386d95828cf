// One enrolment token for all lanes of this agent: it goes when none of them can use it any more.
// Reading it, and taking it out of its file, is spend-token.ts.
import { type Secret, sha256Hex } from '@muster/kernel'
import type { Plane } from './schema.ts'

export interface TokenKeeperNeeds {
  readonly planes: readonly Plane[]
  readonly read: () => Secret | null
  readonly spend: () => void
}

/** What one lane says about the token. */
export interface LaneToken {
  readonly readToken: () => Secret | null
  /** The lane has joined and needs no token. */
  readonly spendToken: () => void
  /** The server said no to this token for this lane. */
  readonly refuseToken: (token: Secret) => void
}

const digestOf = (token: Secret): string => sha256Hex(token.reveal())

export const createTokenKeeper = ({ planes, read, spend }: TokenKeeperNeeds) => {
  const joined = new Set<Plane>()
  const refused = new Map<Plane, string>()

  /** A lane that still hopes keeps the token where it is; so does a server that let no lane in. */
  const settle = (): void => {
    const token = read()
    if (token === null || joined.size === 0) return
    const digest = digestOf(token)
    if (planes.every((plane) => joined.has(plane) || refused.get(plane) === digest)) spend()
  }

  return (plane: Plane): LaneToken => ({
    readToken: read,
    spendToken: () => {
      joined.add(plane)
      settle()
    },
    refuseToken: (token) => {
      refused.set(plane, digestOf(token))
      settle()
    },
  })
}
