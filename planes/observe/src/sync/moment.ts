// A reader of timestamps that remembers the last texts, because the events of one scan share their moments.
// What a timestamp may look like is the contract's; whether it is believable is judged where it is shown.
import { parseInstantMs } from '@muster/contract'

/** Milliseconds since the epoch, or undefined when the value is no RFC 3339 timestamp (sensor-protocol 2). */
export const createMomentReader = (): ((text: unknown) => number | undefined) => {
  const recent: { text: string; atMs: number | undefined }[] = []
  return (text) => {
    if (typeof text !== 'string' || text.length > 40) return undefined
    const known = recent.find((seen) => seen.text === text)
    if (known !== undefined) return known.atMs
    const read = { text, atMs: parseInstantMs(text) ?? undefined }
    recent.unshift(read)
    recent.length = Math.min(recent.length, 2)
    return read.atMs
  }
}
