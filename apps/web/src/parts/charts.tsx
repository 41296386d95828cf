// Charts over one time, read together: with the mouse, with keys, as words, and by a screen reader as one slider.
// Drawing one is plot.tsx, which is loaded by the first page that shows a chart.
import { type KeyboardEvent, lazy, Suspense, useState } from 'react'
import { pointAfter } from './decide-chart.ts'
import type { Drawing } from './plot.tsx'

const Plot = lazy(async () => ({ default: (await import('./plot.tsx')).Plot }))

export interface ChartSaid {
  readonly name: string
  /** After each number, such as ` %`. */
  readonly unit: string
  readonly drawing: Drawing
}

export interface ChartsSaid {
  readonly label: string
  readonly atMs: readonly number[]
  readonly fromMs: number
  readonly toMs: number
  readonly charts: readonly ChartSaid[]
  /** All values of a point as one sentence. */
  readonly wordsAt: (at: number) => string
  /** Beside each other where there is room. */
  readonly isRow?: boolean
}

export const Charts = ({ label, atMs, fromMs, toMs, charts, wordsAt, isRow = false }: ChartsSaid) => {
  const [chosen, setChosen] = useState<number | null>(null)
  const last = atMs.length - 1
  const at = chosen === null || chosen > last ? null : chosen
  const words = wordsAt(at ?? last)
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = pointAfter(event.key, at, atMs.length)
    if (next === null) return
    event.preventDefault()
    setChosen(next)
  }
  return (
    <div className="stack-tight">
      <p className="chart-reading">{words}</p>
      <div
        className="charts"
        {...(isRow && { 'data-row': '' })}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={at ?? last}
        aria-valuetext={words}
        onKeyDown={onKeyDown}
        onBlur={() => setChosen(null)}
      >
        {charts.map(({ name, unit, drawing }) => (
          <div key={name} className="chart">
            <div className="soft small">{name}</div>
            <Suspense fallback={<div className="plot skeleton" aria-busy="true" />}>
              <Plot drawing={drawing} unit={unit} atMs={atMs} fromMs={fromMs} toMs={toMs} at={at} onAt={setChosen} />
            </Suspense>
          </div>
        ))}
      </div>
    </div>
  )
}
