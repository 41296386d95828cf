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
   * Waits for company: a group starts when nobody came for `quietMs`, when it has waited `mostMs`, or when it is full. For
   * items whose answer nobody is in a hurry for and whose transaction costs more than they do.
   */
  readonly gather?: { readonly quietMs: number; readonly mostMs: number }
  /** Told after each run how many items it held. */
  readonly onGroup?: (items: number) => void
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
  const { maxItems, weigh = () => 1, run, onGroup, gather } = settings
  let queue: Waiting<Item, Verdict>[] = []
  let running = false

  const take = (): readonly Waiting<Item, Verdict>[] => {
    let weight = 0
    const end = queue.findIndex((waiting, index) => (weight += waiting.weight) > maxItems && index > 0)
    const group = end === -1 ? queue : queue.slice(0, end)
    queue = end === -1 ? [] : queue.slice(end)
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
    onGroup?.(group.length)
  }
  const next = async (): Promise<void> => {
    await settle(take())
    if (queue.length > 0) schedule()
    else running = false
  }
  const start = (): void => {
    setImmediate(() => void next())
  }
  const isFull = (): boolean => queue.reduce((weight, { item }) => weight + weigh(item), 0) >= maxItems
  // Looks again and again instead of being told of each item: one timer a turn, however many come.
  const wait = ({ quietMs, mostMs }: NonNullable<typeof gather>, waitedMs: number, seen: number): void => {
    if (waitedMs >= mostMs || queue.length === seen || isFull()) return start()
    const count = queue.length
    setTimeout(() => wait({ quietMs, mostMs }, waitedMs + quietMs, count), quietMs)
  }
  // An immediate comes after the messages and sockets that are ready now, so everyone already here gets into the group.
  const schedule = (): void => {
    running = true
    if (gather === undefined) start()
    else setImmediate(() => wait(gather, 0, 0))
  }
  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, weight: weigh(item), resolve, reject })
      if (!running) schedule()
    })
}
