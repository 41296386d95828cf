// Requests that were made before the clock runs, in one piece of memory each device.
// As objects they would be a heap that the load's own collector looks through under way, and its pauses would be counted as the server's.

export interface Stock {
  /** The request of that number, from 0; undefined past the last. */
  at(no: number): Buffer | undefined
}

export const stockUp = (requests: readonly Buffer[]): Stock => {
  const count = requests.length
  const whole = Buffer.concat(requests)
  const starts = new Float64Array(count + 1)
  for (const [index, { length }] of requests.entries()) starts[index + 1] = (starts[index] as number) + length
  return { at: (no) => (no < count ? whole.subarray(starts[no], starts[no + 1]) : undefined) }
}
