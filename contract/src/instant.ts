// A moment as the wires write it (RFC 3339) read into milliseconds.
// Whether a moment is plausible is the reader's business; nothing is clamped or ordered here.

// Read by character and not by a pattern: two moments of every event pass here, and a pattern costs ten times as much.
const shape = /^....-..-..[Tt ]..:..:..(?:\.\d+)?(?:[Zz]|[+-]..:..)$/
const canonicalLength = 24

const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const isLeapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

const isCalendarDay = (year: number, month: number, day: number): boolean =>
  day >= 1 && day <= (month === 2 && !isLeapYear(year) ? 28 : (daysOfMonth[month - 1] ?? 0))

/** The number its decimal digits spell, or NaN, which no bound admits. */
const digits = (text: string, at: number, count: number): number => {
  let value = 0
  for (let place = at; place < at + count; place++) {
    const digit = text.charCodeAt(place) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

/** `yyyy-mm-ddThh:mm:ss.mmmZ`, which is what nearly every sensor sends. */
const isCanonical = (text: string): boolean =>
  text.length === canonicalLength &&
  text[4] === '-' &&
  text[7] === '-' &&
  text[10] === 'T' &&
  text[13] === ':' &&
  text[16] === ':' &&
  text[19] === '.' &&
  text[23] === 'Z'

const secondsMs = (text: string): number | null => {
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 2)
  const day = digits(text, 8, 2)
  const hour = digits(text, 11, 2)
  const minute = digits(text, 14, 2)
  const second = digits(text, 17, 2)
  if (!(year >= 0 && isCalendarDay(year, month, day) && hour <= 23 && minute <= 59 && second <= 60)) return null
  const dayMs = year < 100 ? new Date(0).setUTCFullYear(year, month - 1, day) : Date.UTC(year, month - 1, day)
  return dayMs + ((hour * 60 + minute) * 60 + Math.min(second, 59)) * 1000
}

const offsetMs = (text: string): number | null => {
  if (/[Zz]$/.test(text)) return 0
  const hours = digits(text, text.length - 5, 2)
  const minutes = digits(text, text.length - 2, 2)
  if (!(hours <= 23 && minutes <= 59)) return null
  return (text.at(-6) === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

const fractionMs = (text: string): number => Number((/\.(\d{1,3})/.exec(text)?.[1] ?? '').padEnd(3, '0'))

/**
 * Milliseconds since the Unix epoch of any RFC 3339 timestamp (sensor-protocol 2), or null for anything else.
 * Finer fractions are cut to the millisecond; a leap second counts as the second before it.
 */
export const parseInstantMs = (text: string): number | null => {
  const canonical = isCanonical(text)
  if (!canonical && !shape.test(text)) return null
  const atMs = secondsMs(text)
  const fraction = canonical ? digits(text, 20, 3) : fractionMs(text)
  const offset = canonical ? 0 : offsetMs(text)
  return atMs === null || offset === null || Number.isNaN(fraction) ? null : atMs + fraction - offset
}
