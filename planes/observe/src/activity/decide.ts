// Which spans of time an answer about activity has, and what was counted in each. Pure.
// The counts are store.ts and the tallies'.
import type { ActivityPoint, ActivityResolution, Severity } from '@muster/contract'
import { MOST_ACTIVITY_SPANS, SEVERITIES } from '@muster/contract'
import { ok, type Result, refuse, toIso } from '@muster/kernel'

export const hourMs = 3_600_000
const dayMs = 24 * hourMs
const usualDays = 30

const spanMs: Readonly<Record<ActivityResolution, number>> = { hour: hourMs, day: dayMs }

export interface ActivityAsked {
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  readonly resolution: ActivityResolution | undefined
}

/** Whole spans: from the one that `fromMs` lies in to the one that `toMs` lies in. */
export interface ActivityWindow {
  readonly resolution: ActivityResolution
  readonly spanMs: number
  readonly fromMs: number
  /** Where the last span ends. */
  readonly endMs: number
}

const floorTo = (ms: number, stepMs: number): number => Math.floor(ms / stepMs) * stepMs

export const decideWindow = (
  { fromMs, toMs, resolution = 'day' }: ActivityAsked,
  nowMs: number,
): Result<ActivityWindow, 'request_malformed'> => {
  const stepMs = spanMs[resolution]
  const last = toMs ?? nowMs
  const first = fromMs ?? last - usualDays * dayMs
  if (first > last) return refuse('request_malformed', 'query.from: The window ends before it begins.')
  const window = { resolution, spanMs: stepMs, fromMs: floorTo(first, stepMs), endMs: floorTo(last, stepMs) + stepMs }
  return (window.endMs - window.fromMs) / stepMs <= MOST_ACTIVITY_SPANS
    ? ok(window)
    : refuse('request_malformed', `The window has more than ${MOST_ACTIVITY_SPANS} spans; ask for days, or for less.`)
}

export interface Counted {
  /** Where an hour, or a day, begins. */
  readonly atMs: number
  readonly count: number
}

export interface CountedFindings extends Counted {
  readonly severity: Severity
}

const none = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>

/** One point for each span of the window, whatever was counted in it. */
export const toPoints = (
  { fromMs, endMs, spanMs: stepMs }: ActivityWindow,
  events: readonly Counted[],
  findings: readonly CountedFindings[],
): ActivityPoint[] => {
  const points = Array.from({ length: (endMs - fromMs) / stepMs }, (_, at) => ({
    from: toIso(fromMs + at * stepMs),
    events: 0,
    findings: { ...none },
  }))
  const pointAt = (ms: number) => points[Math.floor((ms - fromMs) / stepMs)]
  for (const { atMs, count } of events) {
    const point = pointAt(atMs)
    if (point !== undefined) point.events += count
  }
  for (const { atMs, count, severity } of findings) {
    const point = pointAt(atMs)
    if (point !== undefined) point.findings[severity] += count
  }
  return points
}
