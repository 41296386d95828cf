// JSON as the macOS agent writes it (sensor-protocol 2): every slash escaped, keys in any order, absent means omitted.
// And a reader that is as strict as its decoder, which knows what a number looked like.

const shuffled = <T>(entries: readonly T[]): readonly T[] =>
  entries
    .map((entry) => [Math.random(), entry] as const)
    .toSorted(([left], [right]) => left - right)
    .map(([, entry]) => entry)

const writeText = (text: string): string => JSON.stringify(text).replaceAll('/', String.raw`\/`)

/** The order of keys differs from call to call, so that nobody can come to rely on one. */
export const writeJson = (value: unknown): string => {
  if (typeof value === 'string') return writeText(value)
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${shuffled(members)
    .map(([key, member]) => `${writeText(key)}:${writeJson(member)}`)
    .join(',')}}`
}

/** A number with a fraction or an exponent, which no integer field may have, whatever its value. */
export class NotAnInteger {
  readonly source: string

  constructor(source: string) {
    this.source = source
  }
}

const plainInteger = /^-?(?:0|[1-9]\d*)$/

type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown

const reviver: Reviver = (_key, value, context) =>
  typeof value === 'number' && !plainInteger.test(context?.source ?? '')
    ? new NotAnInteger(context?.source ?? '')
    : value

/** Throws on anything that is not one JSON document. */
export const readJson = (text: string): unknown => JSON.parse(text, reviver)
