// When a silence is news: a device that used to be heard on most days, and then was not for two working days.
// A broken local file silences an agent completely, and nothing else would tell (fleet-product 5.5).

/** When a device was last heard, and on which days before: bit n stands for the day n days before that one, UTC. */
export interface Heard {
  readonly lastMs: number
  readonly days: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const keptDays = 14
const lookedDays = 7
const usualDays = 5
const silentWorkingMs = 48 * hourMs

const dayOf = (atMs: number): number => Math.floor(atMs / dayMs)

const atDay = ({ lastMs, days }: Heard, day: number): number => {
  const since = day - dayOf(lastMs)
  return since >= keptDays ? 0 : (days << since) & (2 ** keptDays - 1)
}

/** Both together; in any order and however often, the same comes out. */
export const mergeHeard = (one: Heard | undefined, other: Heard): Heard => {
  if (one === undefined) return other
  const lastMs = Math.max(one.lastMs, other.lastMs)
  const day = dayOf(lastMs)
  return { lastMs, days: atDay(one, day) | atDay(other, day) }
}

export const heardAt = (atMs: number): Heard => ({ lastMs: atMs, days: 1 })

const isWeekend = (day: number): boolean => {
  // The first of January 1970 was a Thursday.
  const weekday = (day + 4) % 7
  return weekday === 0 || weekday === 6
}

/** How much of this time lies on Mondays to Fridays, UTC. */
export const workingMsBetween = (fromMs: number, toMs: number): number => {
  let working = 0
  for (let day = dayOf(fromMs); day <= dayOf(toMs); day += 1)
    if (!isWeekend(day)) working += Math.max(0, Math.min(toMs, (day + 1) * dayMs) - Math.max(fromMs, day * dayMs))
  return working
}

const countDays = (days: number): number => {
  let count = 0
  for (let rest = days & (2 ** lookedDays - 1); rest > 0; rest >>= 1) count += rest & 1
  return count
}

/** Of the seven days that ended with its last contact it was heard on five or more; since then it kept silent. */
export const isGoneDark = ({ lastMs, days }: Heard, nowMs: number): boolean => {
  if (nowMs - lastMs < silentWorkingMs || countDays(days) < usualDays) return false
  return nowMs - lastMs > keptDays * dayMs || workingMsBetween(lastMs, nowMs) >= silentWorkingMs
}
