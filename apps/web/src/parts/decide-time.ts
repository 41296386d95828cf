// How moments and spans of time read: near ones by their distance, far ones by their date; pure, told what time it is.
// The element that shows them is moment.tsx.

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

const units: readonly (readonly [belowMs: number, unitMs: number, one: string])[] = [
  [hourMs, minuteMs, 'min'],
  [dayMs, hourMs, 'h'],
  [14 * dayMs, dayMs, 'd'],
]

/** `just now`, `12 min ago`, `in 3 h`; null when a date says more. */
export const distance = (atMs: number, nowMs: number): string | null => {
  const awayMs = Math.abs(nowMs - atMs)
  if (awayMs < minuteMs) return 'just now'
  const unit = units.find(([belowMs]) => awayMs < belowMs)
  if (unit === undefined) return null
  const text = `${Math.floor(awayMs / unit[1])} ${unit[2]}`
  return atMs <= nowMs ? `${text} ago` : `in ${text}`
}

/** In the zone and manner of whoever looks. */
export const localTime = (atMs: number, zone?: string): string =>
  new Date(atMs).toLocaleString(undefined, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(zone !== undefined && { timeZone: zone }),
  })

/** To the second and without a zone to think about, such as `2026-06-02 12:00:00 UTC`. */
export const utcTime = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`

const two = (number: number): string => String(number).padStart(2, '0')

/** As a field for local moments holds it, such as `2026-06-02T14:00`. */
export const inputTime = (atMs: number): string => {
  const at = new Date(atMs)
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** How long something takes or lasts, in one or two units. */
export const span = (seconds: number): string => {
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor((seconds % 86_400) / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const parts = [
    ...(days > 0 ? [`${days} d`] : []),
    ...(hours > 0 ? [`${hours} h`] : []),
    ...(minutes > 0 && days === 0 ? [`${minutes} min`] : []),
  ]
  return parts.slice(0, 2).join(' ') || `${Math.round(seconds)} s`
}
