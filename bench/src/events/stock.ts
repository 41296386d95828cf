// The batches of one device, made before the clock runs, in one piece of memory: as objects they would be a heap that the
// load's own collector looks through under way, and its pauses would count as the server's. What is in them is bodies.ts.
import type { Batch } from './bodies.ts'

export interface Stock {
  /** The request of that number, from 0; undefined past the last. */
  at(no: number): Buffer | undefined
  /** Of the first batch. */
  readonly payloadBytes: number
}

export const stockUp = (batches: readonly Batch[]): Stock => {
  const [first] = batches
  if (first === undefined) throw new Error('a device has no batch to send')
  const whole = Buffer.concat(batches.map(({ request }) => request))
  const count = batches.length
  const starts = new Float64Array(count + 1)
  for (const [index, { request }] of batches.entries()) starts[index + 1] = (starts[index] as number) + request.length
  return {
    at: (no) => (no < count ? whole.subarray(starts[no], starts[no + 1]) : undefined),
    payloadBytes: first.payloadBytes,
  }
}
