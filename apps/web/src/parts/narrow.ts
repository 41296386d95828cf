// Whether there is little room across: a telephone, or a large zoom.
// What is left out then is each list's.
import { useSyncExternalStore } from 'react'

const query = globalThis.matchMedia('(max-width: 52rem)')

const subscribe = (tell: () => void): (() => void) => {
  query.addEventListener('change', tell)
  return () => query.removeEventListener('change', tell)
}

export const useIsNarrow = (): boolean => useSyncExternalStore(subscribe, () => query.matches)
