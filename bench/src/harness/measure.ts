// One measured phase: what was done, in how much time, and what it cost the process that did it.
// The load is wire/'s; what the numbers are held against is the report's.

import { type Loaded, runClosedLoop, type Traffic } from '../wire/closed-loop.ts'
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
  readonly seconds: number
  readonly cpuSeconds: number
}

export interface Measured extends Cost {
  readonly requests: number
  readonly window: Window
  readonly p50Ms: number
  readonly p99Ms: number
}

/** How many of something per second of the clock, and per second of CPU time. */
export const ratesOf = (count: number, { seconds, cpuSeconds }: Cost) => ({
  perSecond: count / seconds,
  perCpuSecond: count / cpuSeconds,
})

const summarize = ({ requests, seconds, latenciesMs }: Loaded, cpuSeconds: number, window: Window): Measured => ({
  requests,
  window,
  seconds,
  cpuSeconds,
  p50Ms: percentile(latenciesMs, 0.5),
  p99Ms: percentile(latenciesMs, 0.99),
})

/** Saturates the target for `seconds`, after a warm-up. */
export const saturate = async (
  target: Target,
  connections: readonly Connection[],
  traffic: Traffic,
  { seconds, warmUpSeconds }: { readonly seconds: number; readonly warmUpSeconds: number },
): Promise<Measured> => {
  let [cpuFrom, cpuThrough, fromUs, throughUs] = [0, 0, 0, 0]
  const loaded = await runClosedLoop(connections, traffic, {
    warmUpSeconds,
    seconds,
    begins: () => {
      fromUs = monotonicUs()
      cpuFrom = target.cpuSeconds()
    },
    ends: () => {
      throughUs = monotonicUs()
      cpuThrough = target.cpuSeconds()
    },
  })
  return summarize(loaded, cpuThrough - cpuFrom, { fromUs, throughUs })
}
