// Arguments and flags as commander hands them over, checked and turned into what the contract wants.
// A wrong one ends the run as a usage error before anything is asked of the server.
import { InvalidArgumentError, Option } from 'commander'
import { EXIT, Stop } from '../stop.ts'
import { parseMomentMs, parseSpanSeconds } from './time.ts'

const limitOf = (text: string): number => {
  if (text === 'all') return Infinity
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Say how many, or all.')
  return Number(text)
}

/** `--limit N` or `--limit all`; all of them, unless told how many it is otherwise. */
export const limitOption = (otherwise = Infinity, noun = ''): Option =>
  new Option('--limit <n>', `how many ${noun}at most, or all`)
    .argParser(limitOf)
    .default(otherwise, otherwise === Infinity ? 'all' : String(otherwise))

export const countOf = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Say a whole number.')
  return Number(text)
}

/** `90s`, `15m`, `24h`, `7d`, `2w` as seconds. */
export const spanOf = (text: string): number => {
  const seconds = parseSpanSeconds(text)
  if (seconds === null) throw new InvalidArgumentError('Say a span such as 90s, 15m, 24h, 7d or 2w.')
  return seconds
}

/** A flag that may be given several times. */
export const listed = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  text,
]

/** A moment as RFC 3339; `undefined` stays. */
export const momentOf = (flag: string, text: string | undefined, nowMs: number): string | undefined => {
  if (text === undefined) return undefined
  const atMs = parseMomentMs(text, nowMs)
  if (atMs === null)
    throw new Stop(
      EXIT.usage,
      `${flag} "${text}" is no moment; say 2026-03-31, "2026-03-31 14:00", RFC 3339, or 3d for three days ago`,
    )
  return new Date(atMs).toISOString()
}

export type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }

/** The fields that were given, without those that are `undefined`. */
export const given = <Fields extends object>(fields: Fields): Given<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>
