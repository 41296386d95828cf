// A schema as a question that is answered with yes or no, at a fraction of what parsing with it costs.
// What is wrong with a value, only the schema itself can say; whoever hears no has to ask it.
import type { z } from 'zod'

export type Fits = (value: unknown) => boolean

/** What a schema, or a check of one, says of itself; each kind uses some of it. */
interface Definition {
  readonly type?: string
  readonly check?: string
  readonly format?: string
  readonly pattern?: RegExp
  readonly minimum?: number
  readonly maximum?: number
  readonly value?: number
  readonly inclusive?: boolean
  readonly fn?: (value: unknown) => unknown
  readonly innerType?: z.ZodType
  readonly element?: z.ZodType
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly entries?: Readonly<Record<string, string>>
  readonly checks?: readonly { readonly _zod: { readonly def: object } }[]
}

const definitionOf = (schema: z.ZodType): Definition => schema._zod.def

/** For whatever nobody made a quick question of yet. */
const no: Fits = () => false

/** The checks of a schema; some stand in the schema itself. */
const checksOf = (definition: Definition): readonly Definition[] => [
  ...(definition.check === undefined ? [] : [definition]),
  ...(definition.checks ?? []).map(({ _zod }) => _zod.def as Definition),
]

const lengthFits = ({ minimum = 0, maximum = Number.POSITIVE_INFINITY }: Definition): Fits =>
  ((value: string | readonly unknown[]) => value.length >= minimum && value.length <= maximum) as Fits

const numberFits = ({ check, value: bound = 0, inclusive }: Definition): ((value: number) => boolean) => {
  if (check === 'greater_than') return inclusive ? (value) => value >= bound : (value) => value > bound
  return inclusive ? (value) => value <= bound : (value) => value < bound
}

const questionOf = (check: Definition): Fits => {
  const { pattern, fn } = check
  if (check.check === 'min_length' || check.check === 'max_length') return lengthFits(check)
  if (check.check === 'greater_than' || check.check === 'less_than') return numberFits(check) as Fits
  if (check.check === 'number_format' && check.format === 'safeint') return Number.isSafeInteger
  if (check.check === 'string_format' && pattern?.global === false) return (text) => pattern.test(String(text))
  if (check.check === 'custom' && fn !== undefined) return (value) => fn(value) === true
  return no
}

const yes: Fits = () => true

const both = (first: Fits, second: Fits): Fits => (first === yes ? second : (value) => first(value) && second(value))

const allOf = (questions: readonly Fits[]): Fits => questions.reduce(both, yes)

const objectFits = (shape: Readonly<Record<string, z.ZodType>>): Fits => {
  const members = Object.entries(shape).map(([name, schema]) => [name, fitsOf(schema)] as const)
  return (value) => {
    if (typeof value !== 'object' || value === null) return false
    for (const [name, fits] of members) if (!fits((value as Readonly<Record<string, unknown>>)[name])) return false
    return true
  }
}

const arrayFits =
  (fits: Fits, checks: Fits): Fits =>
  (value) =>
    Array.isArray(value) && checks(value) && value.every(fits)

/** Yes only to what the schema takes; to a kind of schema that is not known here, always no. */
export const fitsOf = (schema: z.ZodType): Fits => {
  const definition = definitionOf(schema)
  const { type, innerType, element, shape, entries } = definition
  if (type === 'optional' && innerType !== undefined) {
    const inner = fitsOf(innerType)
    return (value) => value === undefined || inner(value)
  }
  if (type === 'nullable' && innerType !== undefined) {
    const inner = fitsOf(innerType)
    return (value) => value === null || inner(value)
  }
  if (type === 'enum' && entries !== undefined) return (value) => Object.values<unknown>(entries).includes(value)
  const checks = allOf(checksOf(definition).map(questionOf))
  if (type === 'string') return (value) => typeof value === 'string' && checks(value)
  if (type === 'number') return (value) => Number.isFinite(value) && checks(value)
  if (type === 'array' && element !== undefined) return arrayFits(fitsOf(element), checks)
  if (type === 'object' && shape !== undefined) return objectFits(shape)
  return no
}
