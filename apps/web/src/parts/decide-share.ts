// The shares a bar shows; pure.
// Which bars there are is each page's.

/** Percent of a bar, of which something that exists never vanishes. */
export const shareOf = (count: number, total: number): number =>
  count === 0 || total === 0 ? 0 : Math.max(1.5, (count / total) * 100)
