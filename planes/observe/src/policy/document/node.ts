// A policy document as a tree in which every value knows its JSON pointer, line and column.
// read.ts makes the tree from YAML; what the values must be is for the validating files to say.
import type { Place } from './fault.ts'

export type PolicyNode = Place & Content

type Content =
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, PolicyEntry> }
  | { readonly kind: 'list'; readonly items: readonly PolicyNode[] }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'nothing' }
  /** Already reported while reading; nothing more is said about it. */
  | { readonly kind: 'unreadable' }

export interface PolicyEntry {
  /** Where the key stands; the value has a place of its own. */
  readonly key: Place
  readonly value: PolicyNode
}

/** One more segment of a JSON pointer (RFC 6901). */
export const pointer = (path: string, segment: string | number): string =>
  `${path}/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`
