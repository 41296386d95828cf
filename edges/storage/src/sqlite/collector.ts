// The young generation emptied when its owner says that hardly anything in it lives, as between two groups of requests.
// How large it may become is set with the thread; whoever knows of no such moment leaves it to V8.
import { getHeapSpaceStatistics } from 'node:v8'

/** With less in it a collection costs more than it saves. */
const worthwhileBytes = 24 * 1024 * 1024

/**
 * V8 collects when the young generation is full, which is in the middle of a group: all that lives then is copied, kept as
 * if it were old, and found to be dead by a collection of everything. Does nothing in a program without `--expose-gc`.
 */
export const collectYoung = (): void => {
  const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')
  if (young === undefined || young.space_used_size < worthwhileBytes) return
  globalThis.gc?.({ type: 'minor', execution: 'sync' })
}
