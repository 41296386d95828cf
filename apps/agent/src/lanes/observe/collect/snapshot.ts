// What a collector hands over: items, what could not be seen, and which older items must not be missed because of that.
// How a surface finds its items is each collector's own; what a snapshot changes is decided in scan.
import type { PayloadItem } from '@muster/contract/device'

/** Something could not be seen; an issue never ends a scan, it degrades the surface's health (sensor-agent 4, 13). */
export interface Issue {
  readonly path: string
  readonly reason: string
}

/**
 * A place whose content this scan does not know, so that what was known before still stands (sensor-agent 15).
 * `budget` holds as long as the budget ends early; `unreadable` only for some minutes, then the items are let go.
 */
export interface Unseen {
  readonly path: string
  readonly extent: 'file' | 'tree'
  readonly because: 'budget' | 'unreadable'
}

/** Notes why a place could not be seen, and that what was known of it still stands. */
export const noteUnseen = (
  into: { readonly issues: Issue[]; readonly unseen: Unseen[] },
  { reason, ...unseen }: Unseen & { readonly reason: string },
): void => {
  into.issues.push({ path: unseen.path, reason })
  into.unseen.push(unseen)
}

/** What a file looked like when it was read, by its path; equal stamps mean equal content. */
export type Stamps = ReadonlyMap<string, string>

export interface Snapshot {
  /** Sorted by item id, no id twice. */
  readonly items: readonly PayloadItem[]
  readonly issues: readonly Issue[]
  readonly unseen: readonly Unseen[]
  /** Paths of files that were not read again because their stamp is a known one: their stored items stand as they are. */
  readonly unchanged?: ReadonlySet<string>
  /** The stamps of all files whose content this snapshot rests on, the unchanged among them. */
  readonly stamps?: Stamps
}

/** A place whose change makes the surface worth another scan; it need not exist yet (sensor-agent 14.1). */
export interface Interest {
  readonly path: string
  /** `tree`: everything below the folder too, as far down and with the same folders left out as the collector's walk. */
  readonly extent: 'file' | 'tree'
  /** Only for a tree; without it, all the way down. */
  readonly maxDepth?: number
  readonly excludeDirectories?: readonly string[]
  /** Whether a file of that name in a tree matters; without it, every one does. */
  readonly wants?: (fileName: string) => boolean
}

export interface Collector {
  readonly surface: string
  /** What to watch, as absolute paths; asked whenever the settings change. Without it the surface is only polled. */
  interests?(): readonly Interest[]
  /**
   * Whether a scan that reads everything has so much to read that it is better made in a process of its own. Without
   * it, none has. Rejects with the signal's reason when stopped.
   */
  isHeavy?(signal: AbortSignal): Promise<boolean>
  /**
   * Reads the disk as it is now. Rejects with the signal's reason when stopped. `known` are the stamps of the last
   * committed scan; a collector may leave such files unread. Without it everything is read. `touched`, beside them, are
   * the only files that changed since that scan, as far as is known; without it any may have.
   */
  collect(signal: AbortSignal, known?: Stamps, touched?: ReadonlySet<string>): Promise<Snapshot>
}

export const byItemId = (left: PayloadItem, right: PayloadItem): number =>
  left.itemId < right.itemId ? -1 : left.itemId > right.itemId ? 1 : 0

/** Sorted by id; of items with one id the first given stays (sensor-agent 4). */
export const inOrder = (items: readonly PayloadItem[]): readonly PayloadItem[] => {
  const sorted = items.toSorted(byItemId)
  return sorted.filter((item, at) => at === 0 || item.itemId !== sorted[at - 1]?.itemId)
}
