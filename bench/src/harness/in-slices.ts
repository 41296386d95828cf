// A program and its ceiling on one core, a second of this and then a second of that, until both had their time.
// A machine has fast and slow minutes: what is measured one after the other says more of the minute than of the program.
import type { Traffic } from '../wire/closed-loop.ts'
import type { Connection } from '../wire/connection.ts'
import { type Measured, type Phases, type Slice, saturate, summarize } from './measure.ts'
import type { Target } from './server.ts'

/** One of the two that are compared. */
export interface Side {
  readonly target: Pick<Target, 'cpuSeconds'>
  readonly run: (phases: Phases) => Promise<Slice>
}

export interface SaturatedSide extends Side {
  close(): void
}

/** A target that is asked over all these connections without a pause. */
export const saturated = (target: Target, connections: readonly Connection[], traffic: Traffic): SaturatedSide => ({
  target,
  run: (phases) => saturate(target, connections, traffic, phases),
  close() {
    for (const connection of connections) connection.close()
  },
})

const sliceSeconds = 1
/** Until every connection waits for a reply again. */
export const leadInSeconds = 0.2

const slicesOf = ({ seconds }: Pick<Phases, 'seconds'>): number => Math.max(1, Math.round(seconds / sliceSeconds))

/** How long each side is busy, lead-ins included. */
export const secondsInSlices = (phases: Pick<Phases, 'seconds'>): number =>
  (slicesOf(phases) + 1) * (sliceSeconds + leadInSeconds)

interface Course {
  readonly side: Side
  readonly slices: Slice[]
  /** What the target had used when its last slice ended. */
  cpuThrough: number
  /** What it did while it was the other's turn. */
  aftermathSeconds: number
}

const begin = (side: Side): Course => ({
  side,
  slices: [],
  cpuThrough: side.target.cpuSeconds(),
  aftermathSeconds: 0,
})

const countAftermath = (course: Course): void => {
  course.aftermathSeconds += course.side.target.cpuSeconds() - course.cpuThrough
}

const takeSlice = async (course: Course): Promise<void> => {
  countAftermath(course)
  course.slices.push(await course.side.run({ warmUpSeconds: leadInSeconds, seconds: sliceSeconds }))
  course.cpuThrough = course.side.target.cpuSeconds()
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const join = ({ slices, aftermathSeconds }: Course): Measured => {
  const [first, last] = [slices.at(0) as Slice, slices.at(-1) as Slice]
  const cost = {
    seconds: sum(slices.map(({ seconds }) => seconds)),
    cpuSeconds: sum(slices.map(({ cpuSeconds }) => cpuSeconds)) + aftermathSeconds,
    window: { fromUs: first.window.fromUs, throughUs: last.window.throughUs },
  }
  const requests = sum(slices.map((slice) => slice.requests))
  return summarize(
    cost,
    requests,
    slices.flatMap(({ latenciesMs }) => latenciesMs),
  )
}

/** Warms both up, then takes slices of each in turn; what either still does when it is the other's turn is its cost, too. */
export const measureInSlices = async (
  mine: Side,
  ceiling: Side,
  { warmUpSeconds, seconds }: Phases,
): Promise<readonly [Measured, Measured]> => {
  for (const side of [mine, ceiling]) await side.run({ warmUpSeconds, seconds: leadInSeconds })
  const courses = [begin(mine), begin(ceiling)] as const
  for (let turn = 0; turn < slicesOf({ seconds }); turn++) for (const course of courses) await takeSlice(course)
  for (const course of courses) countAftermath(course)
  return [join(courses[0]), join(courses[1])]
}
