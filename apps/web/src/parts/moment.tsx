// A moment of the API's, as whoever looks understands it: near or local, with UTC on hover.
// How it reads is decide-time.ts.
import { useSyncExternalStore } from 'react'
import { distance, localTime, utcTime } from './decide-time.ts'

const beatMs = 15_000
let nowMs = Date.now()
const listeners = new Set<() => void>()
setInterval(() => {
  nowMs = Date.now()
  for (const tell of listeners) tell()
}, beatMs)

const subscribe = (tell: () => void): (() => void) => {
  listeners.add(tell)
  return () => void listeners.delete(tell)
}

/** What time it is, to a quarter of a minute; whatever uses it is drawn again. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => nowMs)

export interface MomentSaid {
  /** As the API writes it; null for never. */
  readonly at: string | null
  readonly never?: string
  /** Always the date, where a distance says too little. */
  readonly exact?: boolean
}

export const Moment = ({ at, never = 'never', exact = false }: MomentSaid) => {
  const now = useNow()
  if (at === null) return <span className="faint">{never}</span>
  const atMs = Date.parse(at)
  const local = localTime(atMs)
  const near = exact ? null : distance(atMs, now)
  return (
    <time dateTime={at} title={near === null ? utcTime(atMs) : `${local} (${utcTime(atMs)})`}>
      {near ?? local}
    </time>
  )
}
