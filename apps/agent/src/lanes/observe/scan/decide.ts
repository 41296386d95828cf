// What a snapshot means for the stored inventory: what still stands unseen, what changed, what is told to the server.
// Pure. Reading the disk is collect, writing the verdict is store.ts.
import type { EventKind, PayloadItem } from '@muster/contract'
import { isWithin } from '../collect/path-prefix.ts'
import type { Snapshot, Unseen } from '../collect/snapshot.ts'
import { type Change, decideChanges } from '../diff/decide.ts'

/** How long the items of a file that can no longer be read are kept before they are let go (sensor-agent 15). */
export const mostUnreadableMs = 10 * 60_000

export interface ScanFacts {
  /** Every current item is told again, changed or not (sensor-agent 11.6). */
  readonly isResnapshot: boolean
  /** Since when a place has been unreadable, by its path. */
  readonly unreadableSinceMs: ReadonlyMap<string, number>
  readonly completedMs: number
}

export interface ScanVerdict {
  readonly changes: readonly Change[]
  /** What is queued for the server, in order. */
  readonly told: readonly Change[]
  readonly unreadableSinceMs: ReadonlyMap<string, number>
}

const stillUnreadable = (unseen: readonly Unseen[], facts: ScanFacts): ReadonlyMap<string, number> =>
  new Map(
    unseen
      .filter(({ because }) => because === 'unreadable')
      .map(({ path }) => [path, facts.unreadableSinceMs.get(path) ?? facts.completedMs]),
  )

const holdsBack = (unseen: readonly Unseen[], sinceMs: ReadonlyMap<string, number>, facts: ScanFacts) => {
  const holding = unseen.filter(
    ({ because, path }) => because === 'budget' || facts.completedMs - (sinceMs.get(path) ?? 0) <= mostUnreadableMs,
  )
  const files = new Set(holding.filter(({ extent }) => extent === 'file').map(({ path }) => path))
  const trees = holding.filter(({ extent }) => extent === 'tree').map(({ path }) => path)
  return (item: PayloadItem): boolean => files.has(item.path) || trees.some((tree) => isWithin(item.path, tree))
}

const told = (changes: readonly Change[], current: readonly PayloadItem[], facts: ScanFacts): readonly Change[] => {
  if (!facts.isResnapshot) return changes
  const inDelta = new Set(changes.map(({ item }) => item.itemId))
  const again = current.filter(({ itemId }) => !inDelta.has(itemId))
  return [...changes, ...again.map((item) => ({ kind: 'added' as EventKind, item }))]
}

/**
 * The verdict on one snapshot. A stored item that lies in a place this scan could not see is neither removed nor told.
 * On the first scan of a surface every item is an addition (sensor-agent 10.3).
 */
export const decideScan = (snapshot: Snapshot, previous: Iterable<PayloadItem>, facts: ScanFacts): ScanVerdict => {
  const unreadableSinceMs = stillUnreadable(snapshot.unseen, facts)
  const isHeld = holdsBack(snapshot.unseen, unreadableSinceMs, facts)
  const seen = decideChanges(previous, snapshot.items)
  const changes = seen.filter(({ kind, item }) => kind !== 'removed' || !isHeld(item))
  return { changes, told: told(changes, snapshot.items, facts), unreadableSinceMs }
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
