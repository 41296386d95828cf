// What a chart over time is beside its values: where its line breaks, what lies on what, and where a key leads; pure.
// Drawing it is plot.tsx, what it is about is each page's.

/** In the order of the times they belong to; null where nothing is known. */
export type Values = readonly (number | null)[]

/** So many times as far apart as usual, and there was silence in between. */
const silentSteps = 2.5

/** Points further apart than this have no line between them; infinite while there are too few to tell. */
export const breakMs = (atMs: readonly number[]): number => {
  const steps = atMs
    .slice(1)
    .map((at, index) => at - (atMs[index] ?? at))
    .toSorted((left, right) => left - right)
  const usual = steps[Math.floor(steps.length / 2)]
  return usual === undefined ? Number.POSITIVE_INFINITY : usual * silentSteps
}

/** Each layer on top of those before it. */
export const stacked = (layers: readonly Values[]): readonly Values[] =>
  layers.map((layer, above) =>
    layer.map((_value, at) => layers.slice(0, above + 1).reduce((sum, one) => sum + (one[at] ?? 0), 0)),
  )

const leaps = 10

/** The point a key leads to from `at`, or null when the key does not move; the first step leads to the newest. */
export const pointAfter = (key: string, at: number | null, count: number): number | null => {
  const last = count - 1
  const leap = Math.max(1, Math.round(count / leaps))
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowDown: -1,
    ArrowRight: 1,
    ArrowUp: 1,
    PageDown: -leap,
    PageUp: leap,
  }
  if (last < 0) return null
  if (key === 'Home') return 0
  if (key === 'End') return last
  const step = steps[key]
  if (step === undefined) return null
  return at === null ? last : Math.min(last, Math.max(0, at + step))
}
