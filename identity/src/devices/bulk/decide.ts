// What a request for many devices does to each of them: which tags it has afterwards, whether it is revoked. Pure.
// Writing is bulk.ts; the steps of one device's life are ../decide.ts.
import type { DeviceVerdict } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'

/** Tags one device can have, as when it is changed alone. */
const mostTags = 64

export interface TagDeed {
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

export interface TagChange {
  /** What it did not have, and what it had. */
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** What it has from then on, in order. */
  readonly tags: readonly string[]
}

/** Adding what is there and taking what is not change nothing. */
export const decideTags = (held: readonly string[], { add, remove }: TagDeed): Result<TagChange, 'state_conflict'> => {
  const before = new Set(held)
  const added = [...new Set(add)].filter((tag) => !before.has(tag))
  const removed = [...new Set(remove)].filter((tag) => before.has(tag))
  const tags = [...before, ...added].filter((tag) => !removed.includes(tag)).toSorted()
  return added.length > 0 && tags.length > mostTags
    ? refuse('state_conflict', `It would have more than ${mostTags} tags.`)
    : ok({ added, removed, tags })
}

const words = { not_found: 'There is no such device.', state_conflict: 'Its state does not allow that.' } as const

export const done = (id: string): DeviceVerdict => ({ id, outcome: 'done', refusal: null })
export const unchanged = (id: string): DeviceVerdict => ({ id, outcome: 'unchanged', refusal: null })
export const refused = (id: string, code: keyof typeof words, detail?: string): DeviceVerdict => ({
  id,
  outcome: 'refused',
  refusal: { code, message: detail ?? words[code] },
})
