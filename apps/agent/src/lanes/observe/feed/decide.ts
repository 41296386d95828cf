// How what happened reads in this machine's own lists (sensor-agent 4, 18). Pure.
// Keeping and cutting the list is store.ts.
import type { PayloadItem } from '@muster/contract/device'

const arrow = (before: string | null, now: string | null): string => `${before ?? '?'} -> ${now ?? '?'}`

/** Versions if they differ, else origins if they do, else the origin it has. */
export const changeDetail = (item: PayloadItem, before: PayloadItem | null): string => {
  if (before !== null && before.version !== item.version) return arrow(before.version, item.version)
  if (before !== null && before.origin !== item.origin) return arrow(before.origin, item.origin)
  return item.origin ?? ''
}

/** The newest of its kind, and how often there is one. */
export type Gathered<Said> = Said & { readonly times: number }

/** What reads the same is one line, where the first of it stands; `said` comes newest first. */
export const gather = <Said extends object>(
  said: readonly Said[],
  keyOf: (one: Said) => readonly string[],
): readonly Gathered<Said>[] => {
  const gathered = new Map<string, Gathered<Said>>()
  for (const one of said) {
    const key = JSON.stringify(keyOf(one))
    const newest = gathered.get(key) ?? { ...one, times: 0 }
    gathered.set(key, { ...newest, times: newest.times + 1 })
  }
  return [...gathered.values()]
}
