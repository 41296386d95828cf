// What came in over time as charts, words and a table, and what an address says about how finely it is told; pure.
// The counts are the API's.
import type { ActivityPoint, ActivityResolution } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'
import type { ChartSaid } from '../../parts/charts.tsx'
import { localTime } from '../../parts/decide-time.ts'
import { oneOf, type Words, withoutUnsaid } from '../../parts/decide-words.ts'
import { severities } from '../../wire/routes.built.ts'

export interface OverviewView {
  /** Absent for days. */
  readonly by?: 'hour'
}

export const readOverviewView = (words: Words): OverviewView =>
  withoutUnsaid<OverviewView>({ by: oneOf(words['by'], ['hour']) })

const hourMs = 3_600_000
export const stepMs: Readonly<Record<ActivityResolution, number>> = { hour: hourMs, day: 24 * hourMs }

/** Days are the server's usual ones. */
export const hoursShown = 48

export const chartsOf = (points: readonly ActivityPoint[]): readonly ChartSaid[] => [
  {
    name: 'Events received',
    unit: '',
    drawing: { kind: 'bars', layers: [{ tone: 'notable', values: points.map(({ events }) => events) }] },
  },
  {
    name: 'Findings first seen',
    unit: '',
    drawing: {
      kind: 'bars',
      layers: severities.map((severity) => ({
        tone: severity,
        values: points.map(({ findings }) => findings[severity]),
      })),
    },
  },
]

/** From the first span to where the last one ends. */
export const extentOf = (points: readonly ActivityPoint[], resolution: ActivityResolution) => ({
  fromMs: Date.parse(points[0]?.from ?? ''),
  toMs: Date.parse(points.at(-1)?.from ?? '') + stepMs[resolution],
})

/** A day is one of UTC, and called so. */
export const spanWords = (atMs: number, resolution: ActivityResolution): string =>
  resolution === 'hour'
    ? `the hour from ${localTime(atMs)}`
    : `${new Date(atMs).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })} (UTC)`

export const pointWords = ({ events, findings }: ActivityPoint, span: string): string => {
  const found = severities
    .toReversed()
    .flatMap((severity) => (findings[severity] === 0 ? [] : [`${findings[severity].toLocaleString()} ${severity}`]))
  const said = found.length === 0 ? 'no new findings' : `new findings: ${found.join(', ')}`
  return `${span}: ${events.toLocaleString()} event${events === 1 ? '' : 's'}, ${said}`
}

export const ACTIVITY_CSV: CsvTable<ActivityPoint> = {
  columns: ['from', 'events', ...severities.map((severity) => `${severity}Findings`)],
  rowsOf: ({ from, events, findings }) => [[from, events, ...severities.map((severity) => findings[severity])]],
}
