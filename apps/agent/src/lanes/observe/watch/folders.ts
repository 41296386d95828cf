// The folders of a tree, those near the root first, as a walk of the collector would enter them.
// Opening what is in them is for collectors; watching them for watcher.ts.
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Interest } from '../collect/snapshot.ts'

export interface FoundFolder {
  readonly path: string
  readonly depth: number
}

/** Links are not followed, and a folder that cannot be read has nothing below it. */
export async function* foldersBelow(
  from: string,
  depth: number,
  { maxDepth = Number.POSITIVE_INFINITY, excludeDirectories = [] }: Interest,
): AsyncGenerator<FoundFolder> {
  const excluded = new Set(excludeDirectories)
  const pending: FoundFolder[] = [{ path: from, depth }]
  for (let at = 0; at < pending.length; at++) {
    const folder = pending[at] as FoundFolder
    yield folder
    if (folder.depth >= maxDepth) continue
    try {
      for await (const entry of await opendir(folder.path, { bufferSize: 256 }))
        if (entry.isDirectory() && !excluded.has(entry.name))
          pending.push({ path: join(folder.path, entry.name), depth: folder.depth + 1 })
    } catch {
      // The collector meets the same folder and reports it; here it only means that nothing below can be watched.
    }
  }
}
