// One walk for all surfaces that ask for the same at the same time, as they do at every poll.
// A walk is begun only after everybody asked: one that was under way could have passed what has just changed.
import { setTimeout as wait } from 'node:timers/promises'
import { type Discovery, discover, type WalkOrder } from './discover.ts'

export type Walk = (order: WalkOrder, signal: AbortSignal) => Promise<Discovery>

interface Member {
  readonly order: WalkOrder
  readonly signal: AbortSignal
}

interface Batch {
  readonly members: Member[]
  readonly walked: Promise<Discovery>
}

/** How long a walk waits for others to join it; the surfaces of a poll ask within a few milliseconds. */
const gatheringMs = 15

/** Orders with one key see the same folders. */
export const keyOf = ({ roots, realRoots, maxDepth, excludeDirectories, budget }: WalkOrder): string =>
  JSON.stringify([roots, realRoots, maxDepth, excludeDirectories, budget])

interface Patience {
  /** Ends when nobody waits any more. */
  readonly signal: AbortSignal
  /** A signal outlives its scan, and whatever listens to it would keep that scan's whole snapshot in memory. */
  release(): void
}

const patienceOf = (waiting: readonly AbortSignal[]): Patience => {
  const stop = new AbortController()
  const look = (): void => {
    if (waiting.every((signal) => signal.aborted)) stop.abort(waiting[0]?.reason)
  }
  for (const signal of waiting) signal.addEventListener('abort', look, { once: true })
  look()
  return {
    signal: stop.signal,
    release() {
      for (const signal of waiting) signal.removeEventListener('abort', look)
    },
  }
}

const walkFor = async (members: readonly Member[], { budget, ...order }: WalkOrder): Promise<Discovery> => {
  const { signal, release } = patienceOf(members.map((member) => member.signal))
  const all = {
    ...order,
    budget: { ...budget, maxFiles: budget.maxFiles * members.length },
    isWanted: (name: string) => members.some((member) => member.order.isWanted(name)),
  }
  try {
    return await discover(all, signal)
  } finally {
    release()
  }
}

/** What one surface would have seen alone; null when a limit makes that another matter. */
const shareOf = ({ files, issues, unseen }: Discovery, { isWanted, budget }: WalkOrder): Discovery | null => {
  const own = files.filter(({ name }) => isWanted(name))
  return own.length > budget.maxFiles || unseen.some(({ because }) => because === 'budget')
    ? null
    : { files: own, issues, unseen }
}

export const createSharedWalk = (): Walk => {
  const waiting = new Map<string, Batch>()

  const begin = (order: WalkOrder): Batch => {
    const key = keyOf(order)
    const members: Member[] = []
    const walked = wait(gatheringMs).then(() => {
      waiting.delete(key)
      return walkFor(members, order)
    })
    const batch = { members, walked }
    waiting.set(key, batch)
    return batch
  }

  return async (order, signal) => {
    const { members, walked } = waiting.get(keyOf(order)) ?? begin(order)
    members.push({ order, signal })
    const discovery = await walked
    signal.throwIfAborted()
    // Each surface has a budget of its own, so where it runs out together each walks alone.
    return shareOf(discovery, order) ?? (await discover(order, signal))
  }
}
