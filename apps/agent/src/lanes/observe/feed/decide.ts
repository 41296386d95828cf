// How a change reads in this machine's own list of what happened (sensor-agent 4). Pure.
// Keeping and cutting the list is store.ts.
import type { PayloadItem } from '@muster/contract/device'

const arrow = (before: string | null, now: string | null): string => `${before ?? '?'} -> ${now ?? '?'}`

/** Versions if they differ, else origins if they do, else the origin it has. */
export const changeDetail = (item: PayloadItem, before: PayloadItem | null): string => {
  if (before !== null && before.version !== item.version) return arrow(before.version, item.version)
  if (before !== null && before.origin !== item.origin) return arrow(before.origin, item.origin)
  return item.origin ?? ''
}
