// Group commit: requests that wait at the same moment share one run, and each keeps its own verdict.
// What a run does, and in which transaction, is the caller's.
import { beyondTenants } from './tenant.ts'

export interface GroupSettings<Item, Verdict> {
  /** A group closes when it holds this many items, or this much weight. */
  readonly maxItems: number
  /** What an item counts for against `maxItems`; one unless told. A single heavier item still gets a group. */
  readonly weigh?: (item: Item) => number
  /** One verdict per item, in order. What it throws is thrown to every item of the group. */
  readonly run: (items: readonly Item[]) => Promise<readonly Verdict[]>
  /**
   * A group that is not full begins no sooner than this after the one before it began. What a transaction costs whatever
   * is in it is shared by more that way; who comes after a pause does not wait at all.
   */
  readonly paceMs?: number
  /** Told after each run how many items it held, and whether those who came meanwhile fill another. */
  readonly onGroup?: (items: number, isNextFull: boolean) => void
}

interface Waiting<Item, Verdict> {
  readonly item: Item
  readonly weight: number
  resolve(verdict: Verdict): void
  reject(error: unknown): void
}

/** Returns the door for one item. One group runs at a time; the next takes whoever came meanwhile, in order. */
export const createGroup = <Item, Verdict>(
  settings: GroupSettings<Item, Verdict>,
): ((item: Item) => Promise<Verdict>) => {
  const { maxItems, weigh = () => 1, run, onGroup, paceMs = 0 } = settings
  let queue: Waiting<Item, Verdict>[] = []
  let queuedWeight = 0
  let running = false
  let beganMs = Number.NEGATIVE_INFINITY
  let pause: NodeJS.Timeout | undefined

  const take = (): readonly Waiting<Item, Verdict>[] => {
    let weight = 0
    const end = queue.findIndex((waiting, index) => (weight += waiting.weight) > maxItems && index > 0)
    const group = end === -1 ? queue : queue.slice(0, end)
    queue = end === -1 ? [] : queue.slice(end)
    for (const taken of group) queuedWeight -= taken.weight
    return group
  }
  const settle = async (group: readonly Waiting<Item, Verdict>[]): Promise<void> => {
    try {
      const verdicts = await beyondTenants(() => run(group.map(({ item }) => item)))
      if (verdicts.length !== group.length) throw new Error(`${group.length} items got ${verdicts.length} verdicts`)
      for (const [index, { resolve }] of group.entries()) resolve(verdicts[index] as Verdict)
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
    onGroup?.(group.length, isFull())
  }
  const next = async (): Promise<void> => {
    beganMs = performance.now()
    await settle(take())
    if (queue.length > 0) schedule()
    else running = false
  }
  // An immediate comes after the messages and sockets that are ready now, so everyone already here gets into the group.
  const start = (): void => {
    clearTimeout(pause)
    pause = undefined
    setImmediate(() => void next())
  }
  const isFull = (): boolean => queuedWeight >= maxItems
  const schedule = (): void => {
    running = true
    const pauseMs = beganMs + paceMs - performance.now()
    if (pauseMs <= 0 || isFull()) start()
    else pause = setTimeout(start, pauseMs)
  }
  return (item) =>
    new Promise((resolve, reject) => {
      const weight = weigh(item)
      queue.push({ item, weight, resolve, reject })
      queuedWeight += weight
      if (!running) schedule()
      else if (pause !== undefined && isFull()) start()
    })
}
