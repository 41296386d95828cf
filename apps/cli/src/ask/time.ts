// Moments and spans as people type them.
// Showing them is show/time.ts.

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400, w: 604_800 }

/** `90s`, `15m`, `24h`, `7d`, `2w` or a bare number of seconds; null for anything else. */
export const parseSpanSeconds = (text: string): number | null => {
  const found = /^(\d{1,9})\s*(s|m|min|h|d|w)?$/.exec(text.trim())
  return found === null ? null : Number(found[1]) * (unitSeconds[found[2] ?? 's'] ?? 1)
}

const localMoment = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?$/
const zonedMoment = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i

const localMs = (parts: readonly (string | undefined)[]): number => {
  const [year, month, day, hour = 0, minute = 0, second = 0] = parts.map((part) =>
    part === undefined ? part : Number(part),
  )
  const at = new Date(year!, month! - 1, day, hour, minute, second)
  return at.getMonth() === month! - 1 && at.getDate() === day ? at.getTime() : Number.NaN
}

/**
 * `2026-03-31`, `2026-03-31 14:00` (local zone), RFC 3339, `now`, or a span before now such as `3d` or `2h ago`.
 * Answers milliseconds; null for anything else.
 */
export const parseMomentMs = (text: string, nowMs: number): number | null => {
  const trimmed = text.trim()
  if (trimmed === 'now') return nowMs
  const local = localMoment.exec(trimmed)
  const atMs =
    local !== null ? localMs(local.slice(1)) : zonedMoment.test(trimmed) ? Date.parse(trimmed.replace(' ', 'T')) : null
  if (atMs !== null) return Number.isNaN(atMs) ? null : atMs
  const seconds = /\d\s*[a-z]/.test(trimmed) ? parseSpanSeconds(trimmed.replace(/\s+ago$/, '')) : null
  return seconds === null ? null : nowMs - seconds * 1000
}
