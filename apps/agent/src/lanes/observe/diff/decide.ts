// What changed between what is stored and what the disk shows now (sensor-agent 8). Pure.
// Which stored items still stand although they were not seen is scan/decide.ts.
import type { EventKind, PayloadItem } from '@muster/contract/device'
import { byItemId } from '../collect/snapshot.ts'

export interface Change {
  readonly kind: EventKind
  /** The item as it is now; for a removal, as it was last known. */
  readonly item: PayloadItem
  /** What a modified item was before; null for the other kinds. */
  readonly before: PayloadItem | null
}

const isSame = (left: PayloadItem, right: PayloadItem): boolean =>
  left.version === right.version &&
  left.origin === right.origin &&
  left.detail === right.detail &&
  left.installedOnRequest === right.installedOnRequest

const changesOf = (kind: EventKind, items: readonly PayloadItem[]): readonly Change[] =>
  items.map((item) => ({ kind, item, before: null }))

/** Where nothing was known before, everything is new; no identity is spelled out to find that. */
export const decideBaseline = (current: readonly PayloadItem[]): readonly Change[] => changesOf('added', current)

/**
 * All additions, then all removals, then all modifications, each sorted by item id, as `current` is.
 * `previous` is read once and not kept, so that a large inventory is never in memory twice.
 */
export const decideChanges = (previous: Iterable<PayloadItem>, current: readonly PayloadItem[]): readonly Change[] => {
  const unmatched = new Map<string, PayloadItem>()
  for (const item of current) if (!unmatched.has(item.itemId)) unmatched.set(item.itemId, item)
  const removed: PayloadItem[] = []
  const modified: Change[] = []
  for (const before of previous) {
    const now = unmatched.get(before.itemId)
    unmatched.delete(before.itemId)
    if (now === undefined) removed.push(before)
    else if (!isSame(before, now)) modified.push({ kind: 'modified', item: now, before })
  }
  return [
    // A map gives back its values in the order they came in.
    ...changesOf('added', [...unmatched.values()]),
    ...changesOf('removed', removed.toSorted(byItemId)),
    ...modified.toSorted((left, right) => byItemId(left.item, right.item)),
  ]
}
