// What a run of changes comes to: which devices hold a content now that did not, and which do no longer.
// Rows and when they are written are the others' of this folder.

/** An item's place and the content it came to have, or lost. */
export interface HoldingChange {
  readonly contentNo: number
  readonly deviceNo: number
  readonly pathNo: number
  readonly labelNo: number
  readonly held: boolean
}

/**
 * Changes as four numbers each: content, device, path, label; the content's is negative for one that was lost. There are
 * as many as events, so they stay numbers from the event to the index.
 */
export type PackedChanges = Float64Array
export const cellsEach = 4

export const packChanges = (changes: readonly HoldingChange[]): PackedChanges => {
  const cells = new Float64Array(changes.length * cellsEach)
  let at = 0
  for (const { contentNo, deviceNo, pathNo, labelNo, held } of changes) {
    cells[at] = held ? contentNo : -contentNo
    cells[at + 1] = deviceNo
    cells[at + 2] = pathNo
    cells[at + 3] = labelNo
    at += cellsEach
  }
  return cells
}

const comparePlaces = (cells: PackedChanges, left: number, right: number): number =>
  (cells[left + 1] as number) - (cells[right + 1] as number) ||
  (cells[left + 2] as number) - (cells[right + 2] as number) ||
  (cells[left + 3] as number) - (cells[right + 3] as number)

/** Changes of one content, by where they begin: the last one of each place, in order of places. */
const netOfContent = (cells: PackedChanges, starts: readonly number[]): readonly number[] => {
  const sorted = starts.toSorted((left, right) => comparePlaces(cells, left, right) || left - right)
  return sorted.filter((start, index) => {
    const next = sorted[index + 1]
    return next === undefined || comparePlaces(cells, start, next) !== 0
  })
}

/**
 * Of changes in the order they happened: where the last one for each content and place begins, in the order of the
 * index, so that neighbours there are written together. One after the other, since others wait while they are found.
 */
export function* netChanges(cells: PackedChanges): Generator<number, void> {
  const count = cells.length / cellsEach
  // Content and position as one number each, because sorting numbers takes a tenth of what sorting objects takes.
  const keys = new Float64Array(count)
  for (let index = 0; index < count; index += 1)
    keys[index] = Math.abs(cells[index * cellsEach] as number) * count + index
  keys.sort()
  const startOf = (key: number): number => (key % count) * cellsEach
  for (let first = 0, end = 0; first < count; first = end) {
    const nextContent = (Math.floor((keys[first] as number) / count) + 1) * count
    for (end = first + 1; end < count && (keys[end] as number) < nextContent; ) end += 1
    if (end === first + 1) yield startOf(keys[first] as number)
    else yield* netOfContent(cells, Array.from(keys.subarray(first, end), startOf))
  }
}
