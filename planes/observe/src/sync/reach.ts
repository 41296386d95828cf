// Which sequences of one epoch are stored: a contiguous run from 1, and islands above it.
// It is small because outboxes rarely have gaps, and bounded because a hostile one may have nothing else.

/** First and last sequence of a run, both included. */
export type Island = readonly [first: number, last: number]

export interface Reach {
  /** Every sequence up to here is stored, or was taken for stored at a cold start. */
  readonly contiguous: number
  /** Up to here nothing is known to be stored by us; it was only assumed at a cold start (sensor-protocol 18.2, 5). */
  readonly assumed: number
  readonly islands: readonly Island[]
}

export const emptyReach: Reach = { contiguous: 0, assumed: 0, islands: [] }

/** Islands beyond this are forgotten from the lowest: the watermark then stops early, which costs nothing. */
export const maxIslands = 256

/** Whether this sequence is bound to an event that is stored. */
export const isBound = (reach: Reach, sequence: number): boolean =>
  (sequence > reach.assumed && sequence <= reach.contiguous) ||
  reach.islands.some(([first, last]) => sequence >= first && sequence <= last)

/** The reach with these sequences added, in any order. */
export const extendReach = (reach: Reach, sequences: readonly number[]): Reach => {
  let contiguous = reach.contiguous
  const apart: number[] = []
  for (const sequence of sequences) {
    if (sequence === contiguous + 1) contiguous = sequence
    else if (sequence > contiguous) apart.push(sequence)
  }
  if (apart.length === 0 && reach.islands.length === 0) return { ...reach, contiguous }
  return { assumed: reach.assumed, ...settle(contiguous, joinRuns(reach.islands, apart)) }
}

const joinRuns = (islands: readonly Island[], sequences: readonly number[]): Island[] => {
  const runs = [...islands, ...sequences.map((sequence): Island => [sequence, sequence])]
  runs.sort((left, right) => left[0] - right[0])
  const joined: [number, number][] = []
  for (const [first, last] of runs) {
    const before = joined.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else joined.push([first, last])
  }
  return joined
}

const settle = (from: number, runs: readonly Island[]): Pick<Reach, 'contiguous' | 'islands'> => {
  let contiguous = from
  let index = 0
  for (const [first, last] of runs) {
    if (first > contiguous + 1) break
    contiguous = Math.max(contiguous, last)
    index += 1
  }
  return { contiguous, islands: runs.slice(index).slice(-maxIslands) }
}

/** `503-900,1000-1000`: how islands are kept in a column. */
export const writeIslands = (islands: readonly Island[]): string =>
  islands.map(([first, last]) => `${first}-${last}`).join(',')

export const readIslands = (text: string): readonly Island[] =>
  text === ''
    ? []
    : text.split(',').map((run): Island => {
        const [first = 0, last = 0] = run.split('-').map(Number)
        return [first, last]
      })
