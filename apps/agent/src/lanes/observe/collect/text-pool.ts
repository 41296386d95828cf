// Texts that occur many times, kept once: the same package is pinned by many lockfiles of one machine.
// A pool lives as long as one scan.

export interface TextPool {
  /** The one copy of this text, which shares no memory with the text it was cut from. */
  readonly own: (text: string) => string
}

// A short slice is copied by the engine anyway; a longer one keeps the whole file it came from alive.
const shortestSlice = 13

const detached = (text: string): string =>
  text.length < shortestSlice ? text : Buffer.from(text, 'utf8').toString('utf8')

export const createTextPool = (): TextPool => {
  const pool = new Map<string, string>()
  return {
    own(text) {
      const known = pool.get(text)
      if (known !== undefined) return known
      const copy = detached(text)
      pool.set(copy, copy)
      return copy
    },
  }
}
