// Percentiles of latencies.
// Collecting them is the load's business.

/** The smallest value that `share` of the values do not exceed; NaN of nothing. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = Float64Array.from(values).toSorted()
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
