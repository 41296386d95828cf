// When each page of the dashboard is first of use, in a browser that was never there, on a fleet of ten thousand; and what
// a first load weighs. The browser runs beside the load, the server on its own core where there are two.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Shown, seedFleet } from '../fleet/seeded.ts'
import { startProgram } from '../harness/processes.ts'
import type { Row } from '../report/row.ts'
import { percentile } from '../wire/latency.ts'
import type { Ground } from './ground.ts'

const devices = 10_000
const barMs = 1500
const barKilobytes = 300

interface Painted {
  readonly place: string
  readonly ms: readonly number[]
}

interface PaintReply {
  readonly painted: readonly Painted[]
  readonly firstLoadBytes: number
  readonly browser: string
}

const paint = async (order: {
  readonly url: string
  readonly token: string
  readonly shown: Shown
  readonly times: number
}): Promise<PaintReply> => {
  const program = startProgram({ file: 'tests/browser/paint.ts', core: 'load' })
  const reply = (await program.ask(order)) as PaintReply
  await program.stop()
  return reply
}

const half = (times: readonly number[]): number => percentile(times, 0.5)

const paintRow = ({ painted, browser }: PaintReply): Row => {
  const places = painted.toSorted((left, right) => half(right.ms) - half(left.ms))
  const times = painted.flatMap(({ ms }) => ms)
  return {
    case: 'web-paint',
    what: `first useful paint, cold, ${devices.toLocaleString('en')} devices, the slowest page`,
    unit: ' ms',
    measured: half(places[0]?.ms ?? []),
    bars: [{ of: 'measured', atMost: barMs }],
    notes: [
      `Chromium ${browser}; ${painted.length} pages, each ${painted[0]?.ms.length ?? 0} times, the middle one counts`,
      `all loads: p50 ${half(times).toFixed(0)} ms, p95 ${percentile(times, 0.95).toFixed(0)} ms, slowest ${Math.max(...times).toFixed(0)} ms`,
      ...places.slice(0, 5).map(({ place, ms }) => `${place}: ${half(ms).toFixed(0)} ms`),
    ],
  }
}

const weightRow = ({ firstLoadBytes }: PaintReply): Row => ({
  case: 'web-paint',
  what: 'first load of the dashboard, compressed',
  unit: ' KB',
  measured: firstLoadBytes / 1000,
  bars: [{ of: 'measured', atMost: barKilobytes }],
  notes: ['scripts, styles and pictures of the overview'],
})

export const runWebPaint = async (ground: Ground): Promise<readonly Row[]> => {
  const dataDir = ground.scratch.fresh('painted')
  ground.tell(`making a fleet of ${devices}`)
  const shown = await seedFleet(dataDir, devices)
  const { server, finish } = await ground.serve(dataDir)
  ground.tell('opening every page')
  const token = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim()
  const reply = await paint({ url: server.api.origin, token, shown, times: ground.scale.paints })
  await finish()
  ground.scratch.remove(dataDir)
  return [paintRow(reply), weightRow(reply)]
}
