// Batches of events, large and small, beside rows of the same kind inserted by a bare loop.
// How the server is loaded is flood.ts.
import type { BatchPlan } from '../events/bodies.ts'
import { createDice } from '../events/dice.ts'
import { type Measured, ratesOf } from '../harness/measure.ts'
import type { Row } from '../report/row.ts'
import { percentile } from '../wire/latency.ts'
import { type Arrived, runOpenLoop } from '../wire/open-loop.ts'
import { besideInserts, type Flood, flood } from './flood.ts'
import type { Ground } from './ground.ts'

const shareOfMaximum = 0.8
/**
 * How much the server takes is asked anew before so many seconds of random arrivals: a machine that is a fifth faster or
 * slower a moment later would make another share of it.
 */
const secondsPerRound = 2.5
/** What a server takes for long: by then it does the work it puts off as fast as more of it comes. */
const asking = { warmUpSeconds: 3, seconds: 3 }
const settlingSeconds = 1

const roundsIn = (seconds: number): number => Math.max(1, Math.round(seconds / secondsPerRound))

const rowOf = (
  { perCommit, loading, connections }: Flood,
  [measured, bare]: readonly [Measured, Measured],
  plan: BatchPlan,
  rowsPerTransaction: number,
): Omit<Row, 'bars' | 'case'> => {
  const [mine, most] = [ratesOf(measured.requests * plan.eventsPerBatch, measured), ratesOf(bare.requests, bare)]
  return {
    what: `sync, ${plan.eventsPerBatch}-event batches${plan.detailed ? ', items with checksums' : ''}`,
    unit: ' events/s',
    measured: mine.perCpuSecond,
    onTheClock: mine.perSecond,
    ceiling: {
      what: `bare inserts, ${rowsPerTransaction} a commit`,
      value: most.perCpuSecond,
      onTheClock: most.perSecond,
    },
    notes: [
      `${connections.length} connections, payload ${Math.round(loading.payloadBytes)} bytes, ${Math.round(perCommit)} events a commit`,
      `saturated p50 ${measured.p50Ms.toFixed(0)} ms, p99 ${measured.p99Ms.toFixed(0)} ms`,
    ],
  }
}

export const runLargeSync = async (ground: Ground, detailed = false): Promise<readonly Row[]> => {
  const plan = { eventsPerBatch: 500, detailed }
  const flooded = await flood(ground, ground.scale.largeSyncConnections, plan, { mostPerSecond: 160_000, more: 0 })
  const both = await besideInserts(ground, flooded, plan.eventsPerBatch)
  await flooded.finish(both[0])
  const bars = [{ of: 'measured', atLeast: 60_000 } as const, { of: 'ratio', atLeast: 0.4 } as const]
  const row = rowOf(flooded, both, plan, plan.eventsPerBatch)
  return [{ ...row, case: detailed ? 'sync-500-detailed' : 'sync-500', bars: detailed ? [] : bars }]
}

/** Batches that arrive at random, at a share of what the server takes by now. */
const arriveAtRandom = async ({ scale, tell }: Ground, { side, connections, loading }: Flood): Promise<Row> => {
  const rounds = roundsIn(scale.seconds)
  const dice = createDice(3)
  const rates: number[] = []
  const arrived: Arrived[] = []
  for (let round = 0; round < rounds; round++) {
    const latest = await side.run(asking)
    const perSecond = Math.round(shareOfMaximum * (latest.requests / latest.seconds))
    tell(`sending ${perSecond} batches a second, round ${round + 1} of ${rounds}`)
    const arrivals = { perSecond, warmUpSeconds: settlingSeconds, seconds: scale.seconds / rounds, dice }
    arrived.push(await runOpenLoop(connections, loading.traffic, arrivals))
    rates.push(perSecond)
  }
  const latenciesMs = arrived.flatMap((round) => round.latenciesMs)
  const heldBack = arrived.reduce((sum, round) => sum + round.heldBack, 0)
  return {
    case: 'sync-10',
    what: 'sync, 10-event batches, p99 acknowledgement at 80 % load',
    unit: ' ms',
    measured: percentile(latenciesMs, 0.99),
    bars: [{ of: 'measured', atMost: 100 }],
    notes: [
      `${rates.join(', ')} batches/s arriving at random, p50 ${percentile(latenciesMs, 0.5).toFixed(1)} ms`,
      `p99 of each round ${arrived.map((round) => percentile(round.latenciesMs, 0.99).toFixed(0)).join(', ')} ms`,
      `${heldBack} found every connection busy`,
    ],
  }
}

export const runSmallSync = async (ground: Ground): Promise<readonly Row[]> => {
  const plan = { eventsPerBatch: 10, detailed: false }
  const { seconds, smallSyncConnections } = ground.scale
  const more = seconds + roundsIn(seconds) * (asking.warmUpSeconds + asking.seconds + settlingSeconds)
  const flooded = await flood(ground, smallSyncConnections, plan, { mostPerSecond: 60_000, more })
  const rowsPerTransaction = Math.max(1, Math.round(flooded.perCommit))
  const both = await besideInserts(ground, flooded, rowsPerTransaction)
  const arrived = await arriveAtRandom(ground, flooded)
  await flooded.finish(both[0])
  const row = rowOf(flooded, both, plan, rowsPerTransaction)
  return [{ ...row, case: 'sync-10', bars: [{ of: 'measured', atLeast: 25_000 }] }, arrived]
}
