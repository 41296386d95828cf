// The list of devices as people ask for it: each order, both ways round, with and without a filter, and further pages.
// What is timed is the whole answer as the asking program gets it, one question after the other.
import { DEVICE_SORTS, listDevices, SORT_ORDERS } from '@muster/contract'
import type { Client } from '@muster/http/client'
import { operatorsFor } from '../fleet/operators.ts'
import { seedFleet } from '../fleet/seeded.ts'
import { costOf } from '../harness/measure.ts'
import type { Row } from '../report/row.ts'
import { percentile } from '../wire/latency.ts'
import type { Ground } from './ground.ts'

const barMs = 100
const share = 0.95
/** Asked before the clock runs, each question once. */
const warmUpRounds = 1
const furtherPages = 2

type Query = Readonly<Record<string, string>>

const filters: Readonly<Record<string, Query>> = {
  'no filter': {},
  'a name of many': { name: 'ws-1' },
  'a name of few': { name: 'ws-1042' },
  'a name of one': { name: 'ada-macbook' },
  'a liveness of many': { liveness: 'online' },
  'a liveness of some': { liveness: 'dormant' },
  'a tag of few': { tag: 'team=web' },
  'a group': { group: 'web team' },
  revoked: { status: 'revoked' },
  'gone dark': { goneDark: 'true' },
  'a policy status of many': { policyStatus: 'current' },
  'a coverage of many': { coverage: 'complete' },
  'a coverage of some': { coverage: 'stale' },
  'a coverage of none': { coverage: 'partial' },
}

const ask = async (operator: Client, query: Query): Promise<{ readonly ms: number; readonly next: string | null }> => {
  const startedMs = performance.now()
  const path = `${listDevices.path}?${new URLSearchParams({ limit: '100', ...query }).toString()}`
  const reply = await operator.send({ method: 'GET', path })
  const pieces: Buffer[] = []
  for await (const piece of reply) pieces.push(piece as Buffer)
  const ms = performance.now() - startedMs
  const text = Buffer.concat(pieces).toString()
  if (reply.statusCode !== 200) throw new Error(`the list answered ${reply.statusCode}: ${text}`)
  return { ms, next: (JSON.parse(text) as { nextCursor: string | null }).nextCursor }
}

/** The first page and some after it, each asked for by whoever's turn it is. */
const walk = async (nextOperator: () => Client, query: Query): Promise<readonly number[]> => {
  const times: number[] = []
  let next: string | null = null
  do {
    const answer = await ask(nextOperator(), next === null ? query : { ...query, cursor: next })
    times.push(answer.ms)
    next = answer.next
  } while (next !== null && times.length <= furtherPages)
  return times
}

interface Timed {
  readonly name: string
  readonly times: readonly number[]
}

const questions = Object.entries(filters).flatMap(([filter, query]) =>
  DEVICE_SORTS.flatMap((sort) =>
    SORT_ORDERS.map((order) => ({ name: `${filter} by ${sort} ${order}`, query: { ...query, sort, order } })),
  ),
)

const askAll = async (nextOperator: () => Client, rounds: number): Promise<readonly Timed[]> => {
  const timed = questions.map(({ name, query }) => ({ name, query, times: [] as number[] }))
  for (let round = 0; round < warmUpRounds + rounds; round += 1)
    for (const { query, times } of timed) {
      const walked = await walk(nextOperator, query)
      if (round >= warmUpRounds) times.push(...walked)
    }
  return timed
}

const pagesAtMost = (rounds: number): number => (warmUpRounds + rounds) * questions.length * (1 + furtherPages)

const ms = (value: number): string => `${value.toFixed(0)} ms`

export const runDeviceList = async (ground: Ground): Promise<readonly Row[]> => {
  const { listedDevices, listRounds } = ground.scale
  const dataDir = ground.scratch.fresh('listed')
  ground.tell(`making a fleet of ${listedDevices}`)
  await seedFleet(dataDir, listedDevices)
  const { server, finish } = await ground.serve(dataDir)
  ground.tell(`asking ${questions.length} questions`)
  const nextOperator = await operatorsFor(server, pagesAtMost(listRounds))
  let timed: readonly Timed[] = []
  const { cpuSeconds, window } = await costOf(server, async () => {
    timed = await askAll(nextOperator, listRounds)
  })
  await finish(window)
  ground.scratch.remove(dataDir)
  const all = timed.flatMap(({ times }) => times)
  const asked = (all.length * (warmUpRounds + listRounds)) / listRounds
  const slowest = timed
    .map(({ name, times }) => ({ name, p95: percentile(times, share) }))
    .toSorted((left, right) => right.p95 - left.p95)
  return [
    {
      case: 'device-list',
      what: `${listedDevices.toLocaleString('en')} devices, filtered and sorted, a page of 100, p95`,
      unit: ' ms',
      measured: percentile(all, share),
      bars: [{ of: 'measured', atMost: barMs }],
      notes: [
        `${all.length} pages of ${questions.length} questions, p50 ${ms(percentile(all, 0.5))}, p99 ${ms(percentile(all, 0.99))}; ${ms((cpuSeconds * 1000) / asked)} of processor each`,
        ...slowest.slice(0, 5).map(({ name, p95 }) => `${name}: p95 ${ms(p95)}`),
      ],
    },
  ]
}
