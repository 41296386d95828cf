// Which event ids a device may have sent before: a Bloom filter for some hundred of its events.
// "No" is certain; for "maybe" the events themselves are asked. The rows are store.ts.

/**
 * Of one row: small enough that four share a page of the database, so a batch writes one page to remember its ids,
 * however many it has.
 */
export const filterBytes = 1920
/** With so many keys in it, a filter takes one strange key in twenty thousand for its own. */
export const mostKeys = 640

const bits = filterBytes * 8
const probes = 8

/** The bits of each key, `probes` for each. */
export type KeyBits = Uint16Array

/** Ids are random; whoever sends others only makes the look-ups of their own device longer. */
export const bitsOf = (keys: readonly Uint8Array[]): KeyBits => {
  const found = new Uint16Array(keys.length * probes)
  let at = 0
  for (const key of keys) {
    let first = 0x811c9dc5
    let step = 0x9747b28c
    for (let index = 0; index < key.length; index += 1) {
      const byte = key[index] as number
      first = Math.imul(first ^ byte, 0x01000193)
      step = Math.imul(step ^ byte, 0x85ebca6b) ^ (step >>> 13)
    }
    for (let probe = 0; probe < probes; probe += 1) {
      found[at++] = (first >>> 0) % bits
      first = (first + (step | 1)) | 0
    }
  }
  return found
}

/** Adds the key at this place of those the bits were made for. */
export const addKey = (filter: Uint8Array, keyBits: KeyBits, place: number): void => {
  for (let at = place * probes; at < (place + 1) * probes; at += 1) {
    const bit = keyBits[at] as number
    filter[bit >>> 3] = (filter[bit >>> 3] as number) | (1 << (bit & 7))
  }
}

/** The places of those keys, of all the bits were made for, that may have been added; every other one never was. */
export const mayHold = (filter: Uint8Array, keyBits: KeyBits): readonly number[] => {
  const places: number[] = []
  for (let place = 0; place * probes < keyBits.length; place += 1) if (holds(filter, keyBits, place)) places.push(place)
  return places
}

/** Whether two of these keys may be the same; "no" is certain. With more than `mostKeys` of them it is often "maybe". */
export const mayRepeat = (keyBits: KeyBits): boolean => {
  const filter = new Uint8Array(filterBytes)
  for (let place = 0; place * probes < keyBits.length; place += 1) {
    if (holds(filter, keyBits, place)) return true
    addKey(filter, keyBits, place)
  }
  return false
}

const holds = (filter: Uint8Array, keyBits: KeyBits, place: number): boolean => {
  for (let at = place * probes; at < (place + 1) * probes; at += 1) {
    const bit = keyBits[at] as number
    if (((filter[bit >>> 3] as number) & (1 << (bit & 7))) === 0) return false
  }
  return true
}
