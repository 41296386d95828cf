// Bodies as nearly every agent sends them: canonical names, every fact right, nothing else. They are read in one pass.
// It says of any other body only that it is another; the thorough reading is decide.ts, and both come to the same.
import { parseInstantMs } from '@muster/contract'
import { IDENTITY_KEYS } from '@muster/contract/device'
import type { z } from 'zod'
import { isObject, type Json } from './aliases.ts'
import type { Bound } from './decide.ts'
import { Facts, REQUIRED, tidyInterface } from './facts.ts'
import { type Fits, fitsOf } from './fits.ts'

export interface PlainBody {
  readonly facts: Facts
  /** The canonical JSON of all that was said. */
  readonly canonical: string
  readonly observedAt: string
  readonly observedMs: number
}

/** The same value with the members of its objects in canonical order; undefined when there are others. */
type InOrder = (value: unknown) => unknown

interface Member {
  readonly name: string
  readonly isRequired: boolean
  readonly fits: Fits
  readonly inOrder: InOrder
}

const asItIs: InOrder = (value) => value

/** An object with exactly these members. */
const orderedObject =
  (names: readonly string[]): InOrder =>
  (value) => {
    if (!isObject(value) || Object.keys(value).length !== names.length) return undefined
    const ordered: Record<string, unknown> = {}
    for (const name of names) {
      if (value[name] === undefined) return undefined
      ordered[name] = value[name]
    }
    return ordered
  }

const orderedList =
  (inOrder: InOrder): InOrder =>
  (value) => {
    if (!Array.isArray(value)) return value
    const ordered = value.map(inOrder)
    return ordered.includes(undefined) ? undefined : ordered
  }

const unwrapped = (schema: z.ZodType): z.ZodType => {
  const { innerType } = schema._zod.def as { readonly innerType?: z.ZodType }
  return innerType === undefined ? schema : unwrapped(innerType)
}

/** Only lists of objects have members to bring in order. */
const inOrderOf = (schema: z.ZodType): InOrder => {
  const { element } = unwrapped(schema)._zod.def as { readonly element?: z.ZodType }
  const { shape } = (element?._zod.def ?? {}) as { readonly shape?: object }
  return shape === undefined ? asItIs : orderedList(orderedObject(Object.keys(shape).sort()))
}

const factMembers = Object.entries<z.ZodType>(Facts.shape).map(
  ([name, schema]): Member => ({
    name,
    isRequired: REQUIRED.includes(name),
    fits: fitsOf(schema),
    inOrder: inOrderOf(schema),
  }),
)
const moment: Member = {
  name: 'observed_at',
  isRequired: true,
  fits: (value) => typeof value === 'string',
  inOrder: asItIs,
}
const identityNames = Object.keys(IDENTITY_KEYS) as readonly (keyof typeof IDENTITY_KEYS)[]
const identity = identityNames.map((name): Member => ({ name, isRequired: false, fits: () => true, inOrder: asItIs }))

const members = [...factMembers, moment, ...identity].sort(({ name: left }, { name: right }) => (left < right ? -1 : 1))

/** As the schemas give them back: known members in the order of the schema. */
const tidyFacts = (said: Json): Json => {
  const { network_interfaces: interfaces, collection_errors: errors } = said
  return {
    ...said,
    ...(Array.isArray(interfaces) && { network_interfaces: interfaces.map(tidyInterface) }),
    ...(Array.isArray(errors) && {
      collection_errors: errors.map((error) =>
        isObject(error) ? { fact: error['fact'], code: error['code'] } : error,
      ),
    }),
  }
}

const inOrder = (said: Json, facts: Json): Json | undefined => {
  const ordered: Record<string, unknown> = {}
  let count = 0
  for (const member of members) {
    const value = said[member.name]
    if (value === undefined) {
      if (member.isRequired) return undefined
      continue
    }
    const found = member.fits(facts[member.name]) ? member.inOrder(value) : undefined
    if (found === undefined) return undefined
    ordered[member.name] = found
    count += 1
  }
  return Object.keys(said).length === count ? ordered : undefined
}

const namesOthers = (said: Json, bound: Bound): boolean =>
  identityNames.some((name) => said[name] !== undefined && said[name] !== bound[IDENTITY_KEYS[name]])

const usesMoreThanThereIs = ({ memory_used_bytes: used, memory_total_bytes: total }: Facts): boolean =>
  typeof used === 'number' && typeof total === 'number' && used > total

/** Half a surrogate pair is spelled like this, and has no canonical spelling. */
const halfPair = String.raw`\ud`

/** Undefined for a body that has to be read thoroughly. */
export const readPlain = (said: Json, bound: Bound): PlainBody | undefined => {
  const facts = tidyFacts(said) as Facts
  const ordered = inOrder(said, facts)
  if (ordered === undefined || namesOthers(said, bound) || usesMoreThanThereIs(facts)) return undefined
  const observedAt = said['observed_at'] as string
  const observedMs = parseInstantMs(observedAt)
  const canonical = JSON.stringify(ordered)
  return observedMs === null || canonical.includes(halfPair) ? undefined : { facts, canonical, observedAt, observedMs }
}
