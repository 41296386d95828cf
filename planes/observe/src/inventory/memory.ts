// A bounded memory of names: two generations, of which the older is forgotten when the younger is full.
// What is remembered, and when it may be believed, is names.ts.

export interface Memory<Value> {
  recall(key: string): Value | undefined
  remember(key: string, value: Value): void
}

/** Holds at least the last `size` keys that were recalled or remembered, and at most twice as many. */
export const createMemory = <Value>(size: number): Memory<Value> => {
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()
  const remember = (key: string, value: Value): void => {
    if (young.size >= size) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
  return {
    remember,
    recall(key) {
      const fresh = young.get(key)
      if (fresh !== undefined) return fresh
      const faded = old.get(key)
      if (faded !== undefined) remember(key, faded)
      return faded
    },
  }
}
