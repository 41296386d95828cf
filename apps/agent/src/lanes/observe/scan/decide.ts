// What a snapshot means for the stored inventory: what still stands unseen, what changed, what rules find in it.
// Pure. Reading the disk is collect, writing the verdict is store.ts.
import type { PayloadItem } from '@muster/contract/device'
import { isWithin } from '../collect/path-prefix.ts'
import type { Snapshot, Unseen } from '../collect/snapshot.ts'
import { type Change, decideBaseline, decideChanges } from '../diff/decide.ts'
import { decideChangeHits, decidePresentHits, type Hit, hitKey, type RuleSet } from '../rules/decide.ts'

/** How long the items of a file that can no longer be read are kept before they are let go (sensor-agent 15). */
export const mostUnreadableMs = 10 * 60_000

export interface ScanFacts {
  /** The first scan of a surface: everything is new and nothing of it is news (sensor-agent 10.3). */
  readonly isBaseline: boolean
  /** Since when a place has been unreadable, by its path. */
  readonly unreadableSinceMs: ReadonlyMap<string, number>
  readonly completedMs: number
  readonly rules: RuleSet
  /** Hits on what is there that were told before. */
  readonly told: ReadonlySet<string>
}

export interface ScanVerdict {
  readonly changes: readonly Change[]
  /** In the order they are told: those of changes, then those of what is there. */
  readonly hits: readonly Hit[]
  readonly unreadableSinceMs: ReadonlyMap<string, number>
}

/** A time that lies ahead comes from a clock that was put back; the place counts as unreadable from now on. */
const sinceMs = ({ unreadableSinceMs, completedMs }: ScanFacts, path: string): number =>
  Math.min(unreadableSinceMs.get(path) ?? completedMs, completedMs)

const stillUnreadable = (unseen: readonly Unseen[], facts: ScanFacts): ReadonlyMap<string, number> =>
  new Map(unseen.filter(({ because }) => because === 'unreadable').map(({ path }) => [path, sinceMs(facts, path)]))

const coversItem = (holding: readonly Unseen[]) => {
  const files = new Set(holding.filter(({ extent }) => extent === 'file').map(({ path }) => path))
  const trees = holding.filter(({ extent }) => extent === 'tree').map(({ path }) => path)
  return (item: PayloadItem): boolean => files.has(item.path) || trees.some((tree) => isWithin(item.path, tree))
}

const isFreshlyUnreadable = ({ because, path }: Unseen, facts: ScanFacts): boolean =>
  because === 'unreadable' && facts.completedMs - sinceMs(facts, path) <= mostUnreadableMs

/** Whether a change is to be believed, and not only what a scan makes of a place that it could not see. */
const isSeen = (unseen: readonly Unseen[], facts: ScanFacts) => {
  const unreadable = unseen.filter((place) => isFreshlyUnreadable(place, facts))
  const isUnreadable = coversItem(unreadable)
  const isHeld = coversItem([...unreadable, ...unseen.filter(({ because }) => because === 'budget')])
  return ({ kind, item }: Change): boolean => {
    if (kind === 'removed') return !isHeld(item)
    // What a budget kept from being seen is not there to differ; what was seen in spite of it is as it is.
    return kind !== 'modified' || !isUnreadable(item)
  }
}

const decideHits = (changes: readonly Change[], snapshot: Snapshot, facts: ScanFacts): readonly Hit[] => {
  const ofChanges = facts.isBaseline ? [] : decideChangeHits(facts.rules, changes)
  const told = new Set([...facts.told, ...ofChanges.map(({ item, rule }) => hitKey(item.itemId, rule.id))])
  return [...ofChanges, ...decidePresentHits(facts.rules, snapshot.items, told)]
}

const standing = (previous: Iterable<PayloadItem>, snapshot: Snapshot, facts: ScanFacts): readonly Change[] =>
  decideChanges(previous, snapshot.items).filter(isSeen(snapshot.unseen, facts))

/**
 * The verdict on one snapshot. A stored item that lies in a place this scan could not see stays as it was.
 * `previous` are the stored items of every place that the snapshot does not call unchanged.
 */
export const decideScan = (snapshot: Snapshot, previous: Iterable<PayloadItem>, facts: ScanFacts): ScanVerdict => {
  const changes = facts.isBaseline ? decideBaseline(snapshot.items) : standing(previous, snapshot, facts)
  return {
    changes,
    hits: decideHits(changes, snapshot, facts),
    unreadableSinceMs: stillUnreadable(snapshot.unseen, facts),
  }
}

const resnapshotEveryMs = 10 * 60_000

export interface ResnapshotFacts {
  readonly isWanted: boolean
  readonly waitingBytes: number
  readonly mostWaitingBytes: number
  readonly lastMs: number
  readonly nowMs: number
}

/** At most every ten minutes, and not into a queue that is still half full: that would only push out what waits there. */
export const isResnapshotDue = ({
  isWanted,
  waitingBytes,
  mostWaitingBytes,
  lastMs,
  nowMs,
}: ResnapshotFacts): boolean =>
  isWanted && waitingBytes <= mostWaitingBytes / 2 && (nowMs - lastMs >= resnapshotEveryMs || nowMs < lastMs)
