// One spelling for every JSON value (RFC 8785), so that equal values have equal bytes and therefore equal hashes.
// Hashing, signing and comparing belong to whoever holds the text.

const spell = (value: unknown, where: string): string => {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return spellNumber(value, where)
  if (typeof value === 'string') return spellText(value, where)
  if (Array.isArray(value)) return `[${value.map((entry, at) => spell(entry, `${where}/${at}`)).join(',')}]`
  if (typeof value === 'object' && isPlain(value)) return spellObject(value, where)
  throw new TypeError(`canonical JSON at "${where}": not a JSON value`)
}

const isPlain = (value: object): value is Record<string, unknown> => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const spellNumber = (value: number, where: string): string => {
  if (!Number.isFinite(value)) throw new TypeError(`canonical JSON at "${where}": not a finite number`)
  return JSON.stringify(value)
}

const spellText = (value: string, where: string): string => {
  if (!value.isWellFormed()) throw new TypeError(`canonical JSON at "${where}": half of a surrogate pair`)
  return JSON.stringify(value)
}

// The default sort compares UTF-16 code units, which is the order the RFC asks for.
const spellObject = (value: Record<string, unknown>, where: string): string => {
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${spellText(key, where)}:${spell(value[key], `${where}/${key}`)}`)
  return `{${members.join(',')}}`
}

/**
 * The RFC 8785 text of a JSON value; members that are `undefined` are left out, as in `JSON.stringify`.
 * Throws on what JSON cannot say the same way everywhere: class instances, bigints, NaN, infinities, half surrogates.
 */
export const canonicalJson = (value: unknown): string => spell(value, '')
