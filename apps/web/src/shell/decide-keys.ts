// What a key press means for the whole dashboard: a place to go, the field to search in, the list of keys; pure.
// Listening for keys is keys.ts; lists have keys of their own.
import type { Place } from './places.ts'

export type Wish =
  | { readonly kind: 'go'; readonly path: string }
  | { readonly kind: 'search' }
  | { readonly kind: 'help' }
  /** The first of two keys; the next one decides. */
  | { readonly kind: 'prefix' }

export interface Press {
  readonly key: string
  /** Whether `g` was pressed just before. */
  readonly isAfterPrefix: boolean
  /** In a field, keys are letters. */
  readonly isWriting: boolean
  readonly hasModifier: boolean
}

export const wishOf = (press: Press, places: readonly Pick<Place, 'key' | 'path'>[]): Wish | null => {
  if (press.isWriting || press.hasModifier) return null
  if (press.isAfterPrefix) {
    const place = places.find(({ key }) => key === press.key)
    return place === undefined ? null : { kind: 'go', path: place.path }
  }
  if (press.key === 'g') return { kind: 'prefix' }
  if (press.key === '/') return { kind: 'search' }
  return press.key === '?' ? { kind: 'help' } : null
}
