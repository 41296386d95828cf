// Exact searches by name and version over a large generated history, through the operator API of a real server.
// Beside them, the plain statements that read the same intervals, in this process and without a server.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { searchInventory } from '@muster/contract'
import { createDice } from '../events/dice.ts'
import { costOf } from '../harness/measure.ts'
import { startProgram } from '../harness/processes.ts'
import type { Server } from '../harness/server.ts'
import type { GenerateOrder } from '../intervals/generate.ts'
import { choose, devices, historyOf, type Sought } from '../intervals/shape.ts'
import type { Row } from '../report/row.ts'
import { percentile } from '../wire/latency.ts'
import type { Ground } from './ground.ts'

/** Asked before the clock runs, with names of their own. */
const warmUpSearches = 10
const share = 0.95

/** All of history: machines that have it, and machines that had it. */
const ever = { from: new Date(0).toISOString(), to: new Date().toISOString() }

const barMs = (millions: number): number => (millions >= 50 ? 1000 : 100)

const fill = async (order: GenerateOrder): Promise<void> => {
  const program = startProgram({ file: 'bench/src/intervals/generate.ts', core: 'load' })
  await program.ask(order)
  await program.stop()
}

interface Found {
  readonly totals: { readonly devicesMatched: number }
}

/** How long until the whole reply was here; what it says is looked at afterwards. */
const search = async (server: Server, { name, version }: Sought): Promise<{ ms: number; found: Found }> => {
  const body = JSON.stringify({ ecosystem: 'npm', names: [name], versions: [version], window: ever })
  const startedMs = performance.now()
  const headers = { 'content-type': 'application/json' }
  const reply = await server.api.send({ method: 'POST', path: searchInventory.path, headers, body })
  const pieces: Buffer[] = []
  for await (const piece of reply) pieces.push(piece as Buffer)
  const ms = performance.now() - startedMs
  const text = Buffer.concat(pieces).toString()
  if (reply.statusCode !== 200) throw new Error(`the search for ${name} answered ${reply.statusCode}: ${text}`)
  return { ms, found: JSON.parse(text) as Found }
}

const bareTimes = (file: string, wanted: readonly Sought[]): readonly number[] => {
  const db = new DatabaseSync(file, { readOnly: true })
  const columns = 'device_no, path_no, from_ms, from_baseline, confirmed_ms'
  const statement = db.prepare(`select ${columns} from observe_holding join observe_present
    using (device_no, path_no, label_no) where observe_holding.content_no = ?1
    union all select ${columns} from observe_past where content_no = ?1`)
  const times = wanted.map(({ contentNo }) => {
    const startedMs = performance.now()
    statement.all(contentNo)
    return performance.now() - startedMs
  })
  db.close()
  return times
}

interface Asked {
  readonly times: readonly number[]
  readonly matched: readonly number[]
}

const askAll = async (server: Server, wanted: readonly Sought[]): Promise<Asked> => {
  const times: number[] = []
  const matched: number[] = []
  for (const [index, sought] of wanted.entries()) {
    const { ms, found } = await search(server, sought)
    if (found.totals.devicesMatched === 0) throw new Error(`the search for ${sought.name} found nothing`)
    if (index < warmUpSearches) continue
    times.push(ms)
    matched.push(found.totals.devicesMatched)
  }
  return { times, matched }
}

const searchIn = async (ground: Ground, millions: number): Promise<Row> => {
  const { dataDir } = await ground.prepare(devices)
  const file = join(dataDir, 'muster.db')
  const { intervals } = historyOf(millions)
  ground.tell(`generating ${intervals} intervals`)
  await fill({ file, millions })
  const sizeGb = statSync(file).size / 1e9
  const { server, finish } = await ground.serve(dataDir)
  ground.tell('searching')
  const wanted = choose(warmUpSearches + ground.scale.searches, createDice(6))
  let asked: Asked = { times: [], matched: [] }
  const { cpuSeconds, window } = await costOf(server, async () => {
    asked = await askAll(server, wanted)
  })
  await finish(window)
  const { times, matched } = asked
  const cpuMs = (cpuSeconds / wanted.length) * 1000
  const bare = bareTimes(file, wanted).slice(warmUpSearches)
  ground.scratch.remove(dataDir)
  const ms = (value: number): string => `${value.toFixed(0)} ms`
  return {
    case: 'search',
    what: `exact search over ${(intervals / 1e6).toFixed(intervals < 1e6 ? 2 : 0)} million intervals, p95`,
    unit: ' ms',
    measured: percentile(times, share),
    ceiling: { what: 'plain SQL, p95', value: percentile(bare, share) },
    bars: [{ of: 'measured', atMost: barMs(millions) }],
    notes: [
      `${times.length} names, p50 ${ms(percentile(times, 0.5))}, slowest ${ms(percentile(times, 1))}, ${ms(cpuMs)} of CPU each`,
      `${devices} devices, database ${sizeGb.toFixed(1)} GB, matches on ${percentile(matched, 0.5)} devices (median) to ${percentile(matched, 1)}`,
    ],
  }
}

export const runSearch = async (ground: Ground): Promise<readonly Row[]> => {
  const rows: Row[] = []
  for (const millions of ground.scale.intervals) rows.push(await searchIn(ground, millions))
  return rows
}
