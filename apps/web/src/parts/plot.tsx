// A chart drawn on a canvas, in the colours of the page it is on; loaded by the first page that shows one.
// What it is called, how it is read with the keyboard, and its values as a table are charts.tsx.
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { breakMs, stacked, type Values } from './decide-chart.ts'
import type { Tone } from './marks.tsx'
import { useTheme } from './theme.ts'

/** A line with the span its values lay in around it, or bars of layers. */
export type Drawing =
  | {
      readonly kind: 'line'
      readonly tone: Tone
      readonly values: Values
      readonly least: Values
      readonly most: Values
      /** As high as the chart is. */
      readonly top: number
    }
  | { readonly kind: 'bars'; readonly layers: readonly { readonly tone: Tone; readonly values: Values }[] }

export interface PlotSaid {
  readonly drawing: Drawing
  readonly unit: string
  /** In milliseconds, ascending; where a value stands for a while, its beginning. */
  readonly atMs: readonly number[]
  readonly fromMs: number
  readonly toMs: number
  /** The point that is read; null for none. */
  readonly at: number | null
  readonly onAt: (at: number | null) => void
}

interface Colours {
  readonly strong: string
  readonly wash: string
}

/** A canvas takes no variables: what they stand for is read where the chart will be. */
const coloursOf = (place: HTMLElement, tone: Tone): Colours => {
  const probe = place.appendChild(document.createElement('span'))
  probe.className = `pill tone-${tone}`
  const { color: strong, backgroundColor: wash } = getComputedStyle(probe)
  probe.remove()
  return { strong, wash }
}

const rem = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
const heightRem = 8.5

/** No line goes on through a time nobody spoke in. */
const gapsOf =
  (longestMs: number): uPlot.Series.GapsRefiner =>
  (plot, _series, from, to, gaps) => {
    const [seconds] = plot.data
    for (let at = from + 1; at <= to; at += 1) {
      const [before = 0, after = 0] = [seconds[at - 1], seconds[at]]
      if ((after - before) * 1000 > longestMs)
        uPlot.addGap(gaps, plot.valToPos(before, 'x', true), plot.valToPos(after, 'x', true))
    }
    return gaps
  }

type Drawn = Pick<uPlot.Options, 'series' | 'bands'> & { readonly columns: readonly Values[] }

const drawnLine = (drawing: Extract<Drawing, { kind: 'line' }>, atMs: readonly number[], colours: Colours): Drawn => {
  const gaps = gapsOf(breakMs(atMs))
  const edge: uPlot.Series = { stroke: 'transparent', points: { show: false }, gaps }
  const line: uPlot.Series = { stroke: colours.strong, width: 1.5, gaps, points: { size: 3, fill: colours.strong } }
  return {
    series: [{}, edge, edge, line],
    bands: [{ series: [2, 1], fill: colours.wash }],
    columns: [drawing.least, drawing.most, drawing.values],
  }
}

/** The highest first, so that what is lower lies before it. */
const drawnBars = (drawing: Extract<Drawing, { kind: 'bars' }>, colours: (tone: Tone) => Colours): Drawn => {
  const heights = stacked(drawing.layers.map(({ values }) => values))
  const paths = uPlot.paths.bars?.({ size: [0.85, 48], align: 1 })
  const series = drawing.layers.map(({ tone }): uPlot.Series => {
    const { strong } = colours(tone)
    return { fill: strong, width: 0, points: { show: false }, ...(paths !== undefined && { paths }) }
  })
  return { series: [{}, ...series.toReversed()], columns: heights.toReversed() }
}

/** As whoever looks writes times: days where the marks are days apart, else hours and minutes. */
const timeWords: uPlot.Axis.DynamicValues = (_plot, seconds, _axis, _space, stepSeconds) =>
  seconds.map((at) =>
    new Date(at * 1000).toLocaleString(
      undefined,
      stepSeconds >= 86_400 ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' },
    ),
  )

const axesOf = (place: HTMLElement, unit: string): uPlot.Axis[] => {
  const { color, fontFamily } = getComputedStyle(place)
  const lines = getComputedStyle(place.parentElement ?? place).borderTopColor
  const [root, common] = [rem(), { stroke: color, font: `${0.6875 * rem()}px ${fontFamily}` }]
  const grid = { stroke: lines, width: 1 }
  return [
    { ...common, grid: { show: false }, ticks: grid, values: timeWords, size: 1.75 * root, space: 4.5 * root },
    {
      ...common,
      grid,
      ticks: { show: false },
      size: 3 * root,
      space: 1.75 * root,
      values: (_plot, values) => values.map((value) => `${value.toLocaleString()}${unit}`),
    },
  ]
}

const heightOf =
  (drawing: Drawing): uPlot.Range.Function =>
  (_plot, _least, most) =>
    drawing.kind === 'line' ? [0, drawing.top] : uPlot.rangeNum(0, Math.max(4, most), 0.1, true)

const makePlot = (said: PlotSaid, place: HTMLElement, onAt: (at: number | null) => void): uPlot => {
  const { drawing, unit, atMs, fromMs, toMs } = said
  const colours = (tone: Tone): Colours => coloursOf(place, tone)
  const { columns, ...drawn } =
    drawing.kind === 'line' ? drawnLine(drawing, atMs, colours(drawing.tone)) : drawnBars(drawing, colours)
  const options: uPlot.Options = {
    ...drawn,
    width: place.clientWidth,
    height: heightRem * rem(),
    axes: axesOf(place, unit),
    scales: { x: { range: [fromMs / 1000, toMs / 1000] }, y: { range: heightOf(drawing) } },
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: drawing.kind === 'line', size: 6 } },
    hooks: { setCursor: [({ cursor }) => onAt(cursor.idx ?? null)] },
  }
  return new uPlot(options, [atMs.map((at) => at / 1000), ...columns.map((column) => [...column])], place)
}

const showAt = (plot: uPlot | null, at: number | null): void => {
  const seconds = at === null ? undefined : plot?.data[0][at]
  plot?.setCursor({ left: seconds === undefined ? -10 : plot.valToPos(seconds, 'x'), top: 0 }, false)
}

export const Plot = (said: PlotSaid) => {
  const { drawing, unit, atMs, fromMs, toMs, at, onAt } = said
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const theme = useTheme()
  useEffect(() => {
    if (place.current === null) return undefined
    const here = place.current
    const made = makePlot({ drawing, unit, atMs, fromMs, toMs, at: null, onAt }, here, onAt)
    plot.current = made
    const resized = new ResizeObserver(() => made.setSize({ width: here.clientWidth, height: heightRem * rem() }))
    resized.observe(here)
    return () => {
      resized.disconnect()
      made.destroy()
      plot.current = null
    }
    // Colours are read once: another theme is another plot.
  }, [drawing, unit, atMs, fromMs, toMs, onAt, theme])
  useEffect(() => showAt(plot.current, at), [at, drawing])
  return <div ref={place} className="plot" />
}
