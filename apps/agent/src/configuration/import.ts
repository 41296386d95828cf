// Reads an existing koban.yaml as it is, so that its owner need not write it anew (sensor-agent 3.1 to 3.4).
// It is read as patiently as its own agent reads it: unknown keys are passed over, numbers out of bounds are bent into
// them, and only a wrong type refuses the file. Laying the agent's own file over it is configuration.ts.
import { statSync } from 'node:fs'
import * as z from 'zod'
import { PlainFault, reasonOf } from '../plain-fault.ts'
import { beginningOf } from './beginning-of.ts'
import { readDocument } from './document.ts'
import { faultLines } from './fault-lines.ts'
import { Observe, withoutNulls } from './schema.ts'

type Mapping = Record<string, unknown>

export interface Imported {
  /** Sections of `observe`, each with the keys the file spelled out and this agent knows. */
  readonly observe: Mapping
  /** Null while the file has sync switched off. */
  readonly server: string | null
  readonly serverCa: string | null
  readonly enrollmentToken: string | null
  readonly warnings: readonly string[]
}

/** A longer file is no configuration. */
export const mostConfigBytes = 1_000_000

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Never more than the limit is read, whatever the file says of its size. */
export const readConfigText = (path: string): string => {
  try {
    const { size } = statSync(path)
    if (size > mostConfigBytes) throw new PlainFault(`${path}: has ${size} bytes; ${mostConfigBytes} is the most`, 2)
    const bytes = beginningOf(path, mostConfigBytes + 1)
    if (bytes.length > mostConfigBytes)
      throw new PlainFault(`${path}: has more than ${mostConfigBytes} bytes, the most`, 2)
    return bytes.toString()
  } catch (fault) {
    if (fault instanceof PlainFault) throw fault
    throw new PlainFault(`${path}: cannot be read: ${reasonOf(fault)}`, 2, { cause: fault })
  }
}

const objectIn = (schema: unknown): z.ZodObject | null => {
  if (schema instanceof z.ZodObject) return schema
  return schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional ? objectIn(schema.unwrap()) : null
}

/** What of the mapping the schema knows; the names of everything else go to `unknown`. */
const pick = (said: Mapping, schema: z.ZodObject, at: string, unknown: string[]): Mapping =>
  Object.fromEntries(
    Object.entries(said).flatMap(([key, value]) => {
      const known = Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined
      if (known === undefined) {
        unknown.push(`${at}${key}`)
        return []
      }
      const inner = objectIn(known)
      return [[key, inner !== null && isMapping(value) ? pick(value, inner, `${at}${key}.`, unknown) : value]]
    }),
  )

const SyncIdentity = z.looseObject({
  enabled: z.boolean().default(false),
  endpoint: z.string().optional(),
  enrollmentToken: z.string().optional(),
  caFile: z.string().optional(),
})

/** Keys of a koban.yaml that stand in its sync section only; in our own file they stand elsewhere. */
const syncOnly = ['enabled', 'protocol', 'endpoint', 'enrollmentToken', 'caFile']

const holderOf = (root: unknown, path: readonly PropertyKey[]): Record<PropertyKey, unknown> =>
  path
    .slice(0, -1)
    .reduce((within, key) => within[key] as Record<PropertyKey, unknown>, root as Record<PropertyKey, unknown>)

/** Behind the last entries first, so that the places of those before them stay true. */
const fromTheEnd = (issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] =>
  issues.toSorted((left, right) => Number(right.path.at(-1)) - Number(left.path.at(-1)) || 0)

/** A number goes to its bound, a list is cut, a text in a list that cannot be used is dropped. False: nothing helps. */
const bendOne = (root: Mapping, issue: z.core.$ZodIssue): boolean => {
  const key = issue.path.at(-1)
  if (key === undefined) return false
  const holder = holderOf(root, issue.path)
  const isBound = issue.code === 'too_small' || issue.code === 'too_big'
  const bound = issue.code === 'too_small' ? issue.minimum : issue.code === 'too_big' ? issue.maximum : 0
  if (isBound && (issue.origin === 'int' || issue.origin === 'number')) holder[key] = Number(bound)
  else if (isBound && issue.origin === 'array') holder[key] = (holder[key] as unknown[]).slice(0, Number(bound))
  else if (Array.isArray(holder) && typeof holder[Number(key)] === 'string' && issue.code !== 'invalid_value')
    holder.splice(Number(key), 1)
  else return false
  return true
}

/** The sections in `value`, bent into their bounds; the faults that are left when that does not help. */
export const settle = (value: Mapping): { readonly value: Mapping; readonly issues: readonly z.core.$ZodIssue[] } => {
  const settled = structuredClone(value)
  for (;;) {
    const judged = Observe.safeParse(settled)
    if (judged.success) return { value: settled, issues: [] }
    const bent = fromTheEnd(judged.error.issues).filter((issue) => bendOne(settled, issue))
    if (bent.length === 0) return { value: settled, issues: judged.error.issues }
  }
}

export const pickSections = (said: Mapping): { readonly sections: Mapping; readonly unknown: readonly string[] } => {
  const { sync, ...rest } = said
  const unknown: string[] = []
  const knownSync = isMapping(sync)
    ? Object.fromEntries(Object.entries(sync).filter(([key]) => !syncOnly.includes(key)))
    : sync
  const sections = pick({ ...rest, ...(sync !== undefined && { sync: knownSync }) }, Observe, '', unknown)
  return { sections, unknown }
}

export const readImported = (path: string): Imported => {
  const reading = readDocument(path, readConfigText(path))
  if (!reading.ok) {
    const { line, column, message } = reading.fault
    throw new PlainFault(`${path}:${line}:${column}: ${message}`, 2)
  }
  const said = withoutNulls(reading.document.value ?? {})
  if (!isMapping(said)) throw new PlainFault(`${path}: must be one mapping of sections`, 2)
  const { sections, unknown } = pickSections(said)
  const { value, issues } = settle(sections)
  const identity = SyncIdentity.safeParse(said['sync'] ?? {})
  const all = [
    ...issues,
    ...(identity.error?.issues ?? []).map((issue) => ({ ...issue, path: ['sync', ...issue.path] })),
  ]
  if (all.length > 0 || !identity.success) throw new PlainFault(faultLines(path, reading.document, all), 2)
  const { enabled, endpoint = null, enrollmentToken = null, caFile = null } = identity.data
  return {
    observe: value,
    server: enabled ? endpoint : null,
    serverCa: caFile,
    enrollmentToken: enabled ? enrollmentToken : null,
    warnings: unknown.map((key) => `${path}: ${key} is no key of this agent and is passed over`),
  }
}
