// One spelling for every JSON value (RFC 8785), so that equal values have equal bytes and therefore equal hashes.
// Hashing, signing and comparing belong to whoever holds the text.

/** Collects where it happened on its way out, because a path for every member would cost more than its spelling. */
class Unspellable extends Error {
  readonly path: (string | number)[] = []
}

const spell = (value: unknown): string => {
  if (typeof value === 'string') return spellText(value)
  if (typeof value === 'number') return spellNumber(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `[${value.map((entry, at) => spellAt(at, entry)).join(',')}]`
  if (typeof value === 'object' && isPlain(value)) return spellObject(value)
  throw new Unspellable('not a JSON value')
}

const spellAt = (at: string | number, value: unknown): string => {
  try {
    return spell(value)
  } catch (fault) {
    if (fault instanceof Unspellable) fault.path.unshift(at)
    throw fault
  }
}

const isPlain = (value: object): value is Record<string, unknown> => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const spellNumber = (value: number): string => {
  if (!Number.isFinite(value)) throw new Unspellable('not a finite number')
  return JSON.stringify(value)
}

const spellText = (value: string): string => {
  if (!value.isWellFormed()) throw new Unspellable('half of a surrogate pair')
  return JSON.stringify(value)
}

const spellObject = (value: Record<string, unknown>): string => {
  let members = ''
  // The default sort compares UTF-16 code units, which is the order the RFC asks for.
  for (const key of Object.keys(value).sort()) {
    if (value[key] === undefined) continue
    members += `${members === '' ? '' : ','}${spellAt(key, key)}:${spellAt(key, value[key])}`
  }
  return `{${members}}`
}

/**
 * The RFC 8785 text of a JSON value; members that are `undefined` are left out, as in `JSON.stringify`.
 * Throws on what JSON cannot say the same way everywhere: class instances, bigints, NaN, infinities, half surrogates.
 */
export const canonicalJson = (value: unknown): string => {
  try {
    return spell(value)
  } catch (fault) {
    if (!(fault instanceof Unspellable)) throw fault
    const where = fault.path.map((part) => `/${part}`).join('')
    throw new TypeError(`canonical JSON at "${where}": ${fault.message}`, { cause: fault })
  }
}
