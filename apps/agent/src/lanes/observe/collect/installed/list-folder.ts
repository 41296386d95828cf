// The folders in a folder, as package managers lay out what they installed (sensor-agent 5.1, 5.3).
// Hidden ones and links are not among them; what lies in each is for its collector.
import { opendir } from 'node:fs/promises'
import { codeOf } from '../../../../plain-fault.ts'
import { enterFolder } from '../folder.ts'
import { garbled, isGarbled } from '../garbled.ts'

/** Entries of every kind that are looked at in one folder. */
export const mostEntries = 25_000

export interface FolderListing {
  /** Sorted by name. */
  readonly names: readonly string[]
  /** Why the listing does not show everything; null when it does. */
  readonly reason: string | null
  readonly because: 'budget' | 'unreadable'
}

const nothing = (reason: string | null): FolderListing => ({ names: [], reason, because: 'unreadable' })

export const isShown = (name: string): boolean => !name.startsWith('.')

/**
 * A missing folder is an empty one, and so is a link where there may be none. Rejects with the signal's reason when
 * stopped.
 */
export const listFolders = async (
  path: string,
  signal: AbortSignal,
  isWanted = isShown,
  mayBeLink = true,
): Promise<FolderListing> => {
  signal.throwIfAborted()
  const entry = await enterFolder(path, null, new Set(), mayBeLink)
  if (entry.state === 'absent' && isGarbled(path)) return nothing(garbled)
  if (entry.state !== 'entered') return nothing(entry.state === 'refused' ? entry.reason : null)
  const names: string[] = []
  let entries = 0
  let reason: string | null = null
  try {
    for await (const inner of await opendir(path, { bufferSize: 256 })) {
      signal.throwIfAborted()
      entries += 1
      if (entries > mostEntries) {
        reason = `entry limit reached: ${mostEntries} entries`
        break
      }
      if (inner.isDirectory() && isWanted(inner.name)) names.push(inner.name)
    }
  } catch (fault) {
    signal.throwIfAborted()
    if (codeOf(fault) === 'ENOENT') return nothing(null)
    return { ...nothing(`cannot be enumerated: ${codeOf(fault)}`), names: names.toSorted() }
  }
  return { names: names.toSorted(), reason, because: 'budget' }
}
