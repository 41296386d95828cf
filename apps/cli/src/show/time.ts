// Moments and spans for people: local time with a hint of how long ago.
// Programs get RFC 3339 from --json.

const two = (number: number): string => String(number).padStart(2, '0')

const localText = (at: Date): string =>
  `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`

const steps: readonly (readonly [limitSeconds: number, unitSeconds: number, unit: string])[] = [
  [3600, 60, 'min'],
  [48 * 3600, 3600, 'h'],
  [60 * 86_400, 86_400, 'd'],
  [730 * 86_400, 30 * 86_400, 'mo'],
  [Infinity, 365 * 86_400, 'y'],
]

const spanText = (seconds: number): string => {
  const [, unitSeconds, unit] = steps.find(([limit]) => seconds < limit) ?? steps[0]!
  return `${Math.floor(seconds / unitSeconds)} ${unit}`
}

/** `3 h ago`, `in 2 d`, `now`. */
export const relativeText = (atMs: number, nowMs: number): string => {
  const seconds = Math.round((nowMs - atMs) / 1000)
  if (Math.abs(seconds) < 60) return 'now'
  return seconds > 0 ? `${spanText(seconds)} ago` : `in ${spanText(-seconds)}`
}

/** `2026-06-02 14:03 (3 h ago)` in the local zone; nothing for a moment that never came. */
export const momentText = (time: string | null, nowMs: number): string => {
  if (time === null) return ''
  const at = new Date(time)
  return Number.isNaN(at.getTime()) ? time : `${localText(at)} (${relativeText(at.getTime(), nowMs)})`
}
