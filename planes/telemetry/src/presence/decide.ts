// What is kept of samples as they age: minutes for a day, hours for thirty, days for four hundred; and how they roll up.
// Which rows go, and where they lie, is roll-up.ts and store.ts (telemetry 13.3).
import {
  AGENT_LIVENESS_SECONDS,
  type AgentLiveness,
  HEARTBEAT_RESOLUTIONS,
  type HeartbeatResolution,
} from '@muster/contract'

export const STEP_MS: Readonly<Record<HeartbeatResolution, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}

const dayMs = STEP_MS.day

/** How long each is kept at least. */
export const KEPT_MS: Readonly<Record<HeartbeatResolution, number>> = {
  minute: 7 * dayMs,
  hour: 90 * dayMs,
  day: 400 * dayMs,
}

/** Up to how long ago each is what somebody gets who did not ask for another. */
const usualMs: Readonly<Record<HeartbeatResolution, number>> = { minute: dayMs, hour: 30 * dayMs, day: 400 * dayMs }

/** The finest resolution that covers the whole span without being more than anybody can look at. */
export const decideResolution = (fromMs: number, nowMs: number): HeartbeatResolution =>
  HEARTBEAT_RESOLUTIONS.find((resolution) => nowMs - fromMs <= usualMs[resolution]) ?? 'day'

export interface Range {
  readonly least: number
  readonly mean: number
  readonly most: number
}

/** A span of time in three figures each; null where no heartbeat in it knew. */
export interface Point {
  readonly fromMs: number
  readonly heartbeats: number
  readonly cpuPercent: Range | null
  readonly memoryPercent: Range | null
  readonly diskPercent: Range | null
}

export const MEASURES = ['cpuPercent', 'memoryPercent', 'diskPercent'] as const
export type Measure = (typeof MEASURES)[number]

/** What of a sample is rolled up. */
export interface Measured extends Readonly<Record<Measure, number | null>> {
  readonly receivedMs: number
}

const tenth = (value: number): number => Math.round(value * 10) / 10

const rangeOf = (values: readonly (number | null)[]): Range | null => {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return null
  const sum = known.reduce((total, value) => total + value, 0)
  return { least: Math.min(...known), mean: tenth(sum / known.length), most: Math.max(...known) }
}

export const startOf = (atMs: number, resolution: HeartbeatResolution): number => atMs - (atMs % STEP_MS[resolution])

/** A point for every span in which something was heard, oldest first; server time says which span. */
export const rollUp = (samples: readonly Measured[], resolution: HeartbeatResolution): readonly Point[] => {
  const spans = Map.groupBy(samples, ({ receivedMs }) => startOf(receivedMs, resolution))
  return [...spans]
    .toSorted(([left], [right]) => left - right)
    .map(([fromMs, held]) => ({
      fromMs,
      heartbeats: held.length,
      cpuPercent: rangeOf(held.map((sample) => sample.cpuPercent)),
      memoryPercent: rangeOf(held.map((sample) => sample.memoryPercent)),
      diskPercent: rangeOf(held.map((sample) => sample.diskPercent)),
    }))
}

const mergeRanges = (points: readonly Point[], measure: Measure): Range | null => {
  const known = points.flatMap((point) =>
    point[measure] === null ? [] : [{ ...point[measure], of: point.heartbeats }],
  )
  if (known.length === 0) return null
  const weight = known.reduce((total, { of }) => total + of, 0)
  return {
    least: Math.min(...known.map(({ least }) => least)),
    mean: tenth(known.reduce((total, { mean, of }) => total + mean * of, 0) / weight),
    most: Math.max(...known.map(({ most }) => most)),
  }
}

/** Points of one span as one; every heartbeat counts the same, in whichever of them it was. */
export const mergePoints = (points: readonly Point[], resolution: HeartbeatResolution): readonly Point[] =>
  [...Map.groupBy(points, ({ fromMs }) => startOf(fromMs, resolution))]
    .toSorted(([left], [right]) => left - right)
    .map(([fromMs, held]) => ({
      fromMs,
      heartbeats: held.reduce((total, point) => total + point.heartbeats, 0),
      cpuPercent: mergeRanges(held, 'cpuPercent'),
      memoryPercent: mergeRanges(held, 'memoryPercent'),
      diskPercent: mergeRanges(held, 'diskPercent'),
    }))

/** Derived whenever it is asked for; it never decides about a heartbeat (telemetry 9). */
export const decideAgentLiveness = (lastSeenMs: number | null, nowMs: number): AgentLiveness => {
  if (lastSeenMs === null) return 'never'
  const silentSeconds = (nowMs - lastSeenMs) / 1000
  if (silentSeconds <= AGENT_LIVENESS_SECONDS.online) return 'online'
  return silentSeconds <= AGENT_LIVENESS_SECONDS.late ? 'late' : 'offline'
}
