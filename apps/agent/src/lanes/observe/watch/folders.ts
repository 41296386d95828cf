// The folders of a tree, those near the root first, as a walk of the collector would enter them.
// Opening what is in them is for collectors; watching them for watcher.ts.
import { opendirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Interest } from '../collect/snapshot.ts'

export interface FoundFolder {
  readonly path: string
  readonly depth: number
}

/** So long may the search keep the thread before others have their turn. */
const mostTurnMs = 10

/** In this thread, where watches are opened too, and a few names at a time, however many there are. */
function* namesOfFolders(path: string): Generator<string> {
  const folder = opendirSync(path, { bufferSize: 256 })
  try {
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
      if (entry.isDirectory()) yield entry.name
    }
  } finally {
    folder.closeSync()
  }
}

/** Links are not followed, and a folder that cannot be read has nothing below it. */
export async function* foldersBelow(
  from: string,
  depth: number,
  { maxDepth = Number.POSITIVE_INFINITY, excludeDirectories = [] }: Interest,
): AsyncGenerator<FoundFolder> {
  const excluded = new Set(excludeDirectories)
  const pending: FoundFolder[] = [{ path: from, depth }]
  let turnMs = performance.now()
  for (let at = 0; at < pending.length; at++) {
    const folder = pending[at] as FoundFolder
    yield folder
    if (folder.depth >= maxDepth) continue
    if (performance.now() - turnMs > mostTurnMs) {
      await nextTurn()
      turnMs = performance.now()
    }
    try {
      for (const name of namesOfFolders(folder.path))
        if (!excluded.has(name)) pending.push({ path: join(folder.path, name), depth: folder.depth + 1 })
    } catch {
      // The collector meets the same folder and reports it; here it only means that nothing below can be watched.
    }
  }
}
