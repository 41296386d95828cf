// What a heartbeat says beyond the facts we know: which of it is kept (telemetry 10.4).
// Nothing here refuses; what is left out is named.
import { EXTRAS } from '@muster/contract/device'
import { isObject, type Json } from './aliases.ts'

const { maxKeys, maxDepth, maxTextBytes, keyForm } = EXTRAS
const secretWords = new RegExp(EXTRAS.secretWords.join('|'), 'i')

export interface KeptExtras {
  readonly extras: Json
  readonly dropped: readonly string[]
  /** How many of what was dropped looked like secrets, at any depth. */
  readonly secretCount: number
}

const isShort = (text: string): boolean => text.length <= maxTextBytes && Buffer.byteLength(text) <= maxTextBytes

const fits = (value: unknown, depth: number): boolean => {
  if (typeof value === 'string') return isShort(value)
  if (typeof value !== 'object' || value === null) return true
  return depth < maxDepth && Object.values(value).every((inner) => fits(inner, depth + 1))
}

/** The value without members that look like secrets, and how many there were. */
const withoutSecrets = (value: unknown): { readonly value: unknown; readonly count: number } => {
  if (Array.isArray(value)) {
    const items = value.map(withoutSecrets)
    return { value: items.map((item) => item.value), count: items.reduce((sum, item) => sum + item.count, 0) }
  }
  if (!isObject(value)) return { value, count: 0 }
  let count = 0
  const kept: [string, unknown][] = []
  for (const [key, inner] of Object.entries(value)) {
    const clean = secretWords.test(key) ? undefined : withoutSecrets(inner)
    count += clean === undefined ? 1 : clean.count
    if (clean !== undefined) kept.push([key, clean.value])
  }
  return { value: Object.fromEntries(kept), count }
}

const shownKey = (key: string): string => key.slice(0, 64).replaceAll(/[^\x21-\x7e]/g, '?')

/** Of all members, those that are neither facts nor out of bounds. */
export const keepExtras = (body: Json, isFact: (key: string) => boolean): KeptExtras => {
  const extras: Record<string, unknown> = {}
  const dropped: string[] = []
  let secretCount = 0
  let keyCount = 0
  for (const key in body) {
    if (isFact(key)) continue
    if (secretWords.test(key)) secretCount += 1
    else if (keyForm.test(key) && keyCount < maxKeys && fits(body[key], 0)) {
      const clean = withoutSecrets(body[key])
      secretCount += clean.count
      extras[key] = clean.value
      keyCount += 1
      continue
    }
    dropped.push(shownKey(key))
  }
  return { extras, dropped, secretCount }
}
