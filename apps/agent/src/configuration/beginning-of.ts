// The beginning of a file, however long it is and whatever it says of its size.
// What a longer file means is the caller's business.
import { closeSync, openSync, readSync } from 'node:fs'

/** At most so many bytes; a folder, or a file that cannot be read, throws. */
export const beginningOf = (path: string, mostBytes: number): Buffer => {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.allocUnsafe(mostBytes)
    let used = 0
    for (let read = -1; read !== 0 && used < mostBytes; used += read)
      read = readSync(file, bytes, used, mostBytes - used, null)
    return bytes.subarray(0, used)
  } finally {
    closeSync(file)
  }
}
