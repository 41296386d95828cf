// The load of a device over time: which spans there are to choose, its points as columns, as words and as a table; pure.
// How finely a span is told is the API's.
import type { HeartbeatPoint, HeartbeatResolution } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'
import type { Values } from '../../parts/decide-chart.ts'

const dayMs = 86_400_000

/** A day goes without saying. */
export const loadSpans = ['week', 'month', 'year'] as const
export type LoadSpan = (typeof loadSpans)[number]

/** Each as long as its resolution is kept, and no longer. */
const spanDays: Readonly<Record<LoadSpan, number>> = { week: 7, month: 30, year: 400 }

export const loadSpanWords: readonly (readonly [LoadSpan, string])[] = [
  ['week', 'the last 7 days'],
  ['month', 'the last 30 days'],
  ['year', 'the last 400 days'],
]

export const lengthMs = (span: LoadSpan | undefined): number => (span === undefined ? 1 : spanDays[span]) * dayMs

export const resolutionWords: Readonly<Record<HeartbeatResolution, string>> = {
  minute: 'by the minute',
  hour: 'by the hour: mean, and from least to most',
  day: 'by the day: mean, and from least to most',
}

export const measures = ['cpuPercent', 'memoryPercent', 'diskPercent'] as const
export type Measure = (typeof measures)[number]

export const measureWords: Readonly<Record<Measure, string>> = {
  cpuPercent: 'Processors',
  memoryPercent: 'Memory',
  diskPercent: 'The fullest disk',
}

export interface Columns {
  readonly least: Values
  readonly values: Values
  readonly most: Values
}

export const columnsOf = (points: readonly HeartbeatPoint[], measure: Measure): Columns => ({
  least: points.map((point) => point[measure]?.least ?? null),
  values: points.map((point) => point[measure]?.mean ?? null),
  most: points.map((point) => point[measure]?.most ?? null),
})

/** The span that was asked for, widened to what came: the clock of a browser may be another than the server's. */
export const extentOf = (
  points: readonly HeartbeatPoint[],
  lengthInMs: number,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } => {
  const atMs = points.map(({ from }) => Date.parse(from))
  return { fromMs: Math.min(nowMs - lengthInMs, ...atMs), toMs: Math.max(nowMs, ...atMs) }
}

const percent = (value: number): string => value.toLocaleString(undefined, { maximumFractionDigits: 1 })

/** Such as `12.5 % (3 to 40)`. */
export const rangeWords = (range: HeartbeatPoint[Measure]): string => {
  if (range === null) return 'unknown'
  const { least, mean, most } = range
  return least === most ? `${percent(mean)} %` : `${percent(mean)} % (${percent(least)} to ${percent(most)})`
}

export const pointWords = (point: HeartbeatPoint, time: string): string => {
  const said = measures.map((measure) => `${measureWords[measure].toLowerCase()} ${rangeWords(point[measure])}`)
  return `${time}: ${said.join(', ')}; ${point.heartbeats.toLocaleString()} heartbeat${point.heartbeats === 1 ? '' : 's'}`
}

export const HEARTBEATS_CSV: CsvTable<HeartbeatPoint> = {
  columns: [
    'from',
    'heartbeats',
    ...measures.flatMap((measure) => [`${measure}Least`, `${measure}Mean`, `${measure}Most`]),
  ],
  rowsOf: (point) => [
    [
      point.from,
      point.heartbeats,
      ...measures.flatMap((measure) => {
        const range = point[measure]
        return [range?.least ?? null, range?.mean ?? null, range?.most ?? null]
      }),
    ],
  ],
}
