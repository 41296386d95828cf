// Which values of a document a reader may see, as a tree of its keys; everything it does not name is concealed.
// Concealing is conceal-json.ts and conceal-toml.ts, which do it before any of it becomes a text.

export interface Disclosure {
  /** A string here is shown. Without it a reader sees that there is a string, and whether it is empty. */
  readonly isShown?: true
  /** Of a mapping: these keys, and below them what each discloses. */
  readonly keys?: Readonly<Record<string, Disclosure>>
  /** Of a mapping: every other key, by name, and below it what this discloses. */
  readonly anyKey?: Disclosure
  /** Of a list: what each of its members discloses. */
  readonly members?: Disclosure
}

export const shown: Disclosure = { isShown: true }
/** A name without anything of its value. */
export const named: Disclosure = {}

/** What is disclosed below a key; undefined when nothing is, not even the key. */
export const below = (disclosure: Disclosure | undefined, key: string): Disclosure | undefined => {
  const { keys, anyKey } = disclosure ?? {}
  return keys !== undefined && Object.hasOwn(keys, key) ? keys[key] : anyKey
}
