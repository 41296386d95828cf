// What a scanner remembers of its last committed scan of each surface, so that files that did not change need not be
// read, compared or judged again. It is lost with the process, and then everything is read once more.
import type { Rule } from '@muster/contract/device'
import type { Snapshot, Stamps } from '../collect/snapshot.ts'
import { type RuleSet, readyRules } from '../rules/decide.ts'
import type { Part } from './store.ts'

/** Of one surface. */
export interface Remembered {
  readonly stamps: Stamps
  /** Where stored items lie, and of which kinds they are. */
  readonly paths: ReadonlySet<string>
  readonly kinds: ReadonlySet<string>
  readonly presentDigests: ReadonlyMap<string, string>
}

/** So often is everything read although it looks unchanged: a stamp is good evidence, and not proof. */
const fullEvery = 24

export const createScanMemory = () => {
  const remembered = new Map<string, Remembered>()
  const ready = new Map<string, { readonly rules: readonly Rule[]; readonly set: RuleSet }>()
  const partial = new Map<string, number>()

  const rulesOf = (surface: string, rules: readonly Rule[]): RuleSet => {
    const held = ready.get(surface)
    if (held?.rules === rules) return held.set
    const set = readyRules(rules, surface)
    ready.set(surface, { rules, set })
    return set
  }

  const isSame = (left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): boolean =>
    left.size === right.size && [...left].every(([id, digest]) => right.get(id) === digest)

  return {
    rulesOf,

    /** Stamps of files that may be left unread; undefined when all must be read, as after a change of the rules. */
    known(surface: string, rules: readonly Rule[]): Stamps | undefined {
      const held = remembered.get(surface)
      const rounds = (partial.get(surface) ?? 0) + 1
      const isFull =
        held === undefined ||
        rounds >= fullEvery ||
        !isSame(held.presentDigests, rulesOf(surface, rules).presentDigests)
      partial.set(surface, isFull ? 0 : rounds)
      return isFull ? undefined : held.stamps
    },

    /** The places whose stored items must be compared; undefined for all of them. */
    readAgain(surface: string, { unchanged }: Snapshot): Part | undefined {
      const held = remembered.get(surface)
      if (held === undefined || unchanged === undefined || unchanged.size === 0) return undefined
      return { kinds: [...held.kinds], paths: [...held.paths].filter((path) => !unchanged.has(path)) }
    },

    keep(surface: string, { items, stamps, unchanged, unseen }: Snapshot): void {
      // Items that stand unseen lie where no scan has just been, so the next one looks at all of them.
      if (stamps === undefined || unseen.length > 0) {
        remembered.delete(surface)
        return
      }
      const paths = new Set(unchanged)
      const kinds = new Set(remembered.get(surface)?.kinds)
      for (const { path, kind } of items) {
        paths.add(path)
        kinds.add(kind)
      }
      const { presentDigests } = ready.get(surface)?.set ?? { presentDigests: new Map() }
      remembered.set(surface, { stamps, paths, kinds, presentDigests })
    },

    forget: (surface: string): void => void remembered.delete(surface),

    of: (surface: string): Remembered | null => remembered.get(surface) ?? null,

    /** What another process remembered of a scan of this surface that it has committed. */
    adopt(surface: string, held: Remembered | null): void {
      if (held === null) remembered.delete(surface)
      else remembered.set(surface, held)
    },
  }
}
