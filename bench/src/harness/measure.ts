// One measured phase: what was done, in how much time, and what it cost the process that did it.
// The load is wire/'s; what the numbers are held against is the report's.

import { runClosedLoop, type Traffic } from '../wire/closed-loop.ts'
import type { Connection } from '../wire/connection.ts'
import { percentile } from '../wire/latency.ts'
import type { Target } from './server.ts'

/** A stretch of the system's monotonic clock, which profiles are stamped with too. */
export interface Window {
  readonly fromUs: number
  readonly throughUs: number
}

const monotonicUs = (): number => Number(process.hrtime.bigint() / 1000n)

export interface Cost {
  readonly window: Window
  readonly seconds: number
  readonly cpuSeconds: number
}

export interface Measured extends Cost {
  readonly requests: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** How many of something per second of the clock, and per second of CPU time. */
export const ratesOf = (count: number, { seconds, cpuSeconds }: Pick<Cost, 'seconds' | 'cpuSeconds'>) => ({
  perSecond: count / seconds,
  perCpuSecond: count / cpuSeconds,
})

interface Meter {
  begin(): void
  end(): Cost
}

const createMeter = (target: Pick<Target, 'cpuSeconds'>): Meter => {
  let [fromUs, cpuFrom] = [0, 0]
  return {
    begin() {
      fromUs = monotonicUs()
      cpuFrom = target.cpuSeconds()
    },
    end() {
      const throughUs = monotonicUs()
      const cpuSeconds = target.cpuSeconds() - cpuFrom
      return { seconds: (throughUs - fromUs) / 1e6, cpuSeconds, window: { fromUs, throughUs } }
    },
  }
}

/** What it cost the target that `work` was done. */
export const costOf = async (target: Pick<Target, 'cpuSeconds'>, work: () => Promise<void>): Promise<Cost> => {
  const meter = createMeter(target)
  meter.begin()
  await work()
  return meter.end()
}

export const summarize = (cost: Cost, requests: number, latenciesMs: readonly number[]): Measured => ({
  ...cost,
  requests,
  p50Ms: percentile(latenciesMs, 0.5),
  p99Ms: percentile(latenciesMs, 0.99),
})

export interface Phases {
  readonly warmUpSeconds: number
  readonly seconds: number
}

/** What was done in one go, and how long each of it took, where somebody waited for it. */
export interface Slice extends Cost {
  readonly requests: number
  readonly latenciesMs: readonly number[]
}

/** Saturates the target over kept connections, after a warm-up. */
export const saturate = async (
  target: Target,
  connections: readonly Connection[],
  traffic: Traffic,
  phases: Phases,
): Promise<Slice> => {
  const meter = createMeter(target)
  let cost: Cost | undefined
  const latenciesMs = await runClosedLoop(connections, traffic, {
    ...phases,
    begins: meter.begin,
    ends: () => {
      cost = meter.end()
    },
  })
  return { ...(cost as Cost), requests: latenciesMs.length, latenciesMs }
}

/** As `saturate`, with jobs that each bring a connection of their own; a job that answers false was the last. */
export const pace = async (
  target: Target,
  atOnce: number,
  { warmUpSeconds, seconds }: Phases,
  job: (no: number) => Promise<boolean>,
): Promise<Measured> => {
  const meter = createMeter(target)
  const latenciesMs: number[] = []
  const startMs = performance.now()
  const fromMs = startMs + warmUpSeconds * 1000
  const endMs = fromMs + seconds * 1000
  let next = 0
  let measuring = false
  const work = async (): Promise<void> => {
    for (;;) {
      const beginMs = performance.now()
      if (beginMs >= endMs) return
      if (!measuring && beginMs >= fromMs) {
        measuring = true
        meter.begin()
      }
      const counts = measuring
      if (!(await job(next++))) return
      if (counts) latenciesMs.push(performance.now() - beginMs)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return summarize(meter.end(), latenciesMs.length, latenciesMs)
}
