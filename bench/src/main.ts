// `npm run bench`: measures a real server beside the bare machine, prints a table and writes JSON.
// Exit code 0 also when a bar is missed, because this is no test; 1 when something could not be measured, 2 for usage.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { toIso } from '@muster/kernel'
import { CASES, type Case } from './cases/cases.ts'
import { createGround } from './cases/ground.ts'
import { pinSelf, pins } from './harness/processes.ts'
import { checkout, openScratch, type Scratch } from './harness/scratch.ts'
import { helpText, type Options, readOptions } from './options.ts'
import { type Machine, readMachine, showMachine } from './report/machine.ts'
import { isMet, type Row, ratioOf } from './report/row.ts'
import { showTable } from './report/table.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

const messageOf = (fault: unknown): string => {
  if (!(fault instanceof Error)) return String(fault)
  return fault.cause === undefined ? fault.message : `${fault.message}: ${messageOf(fault.cause)}`
}

const write = (file: string, startedAt: string, machine: Machine, options: Options, rows: readonly Row[]): void => {
  const results = rows.map((row) => ({ ...row, ratio: ratioOf(row), met: isMet(row) }))
  const { scaleName, scale, profiles } = options
  const document = { startedAt, machine, pinned: pins, scaleName, scale, profiles, results }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`)
}

const runCases = async (options: Options, scratch: Scratch): Promise<readonly Row[]> => {
  const chosen = options.cases.map((name) => [name, CASES[name] as Case] as const)
  const mostDevices = Math.max(...chosen.map(([, { devices }]) => devices(options.scale)))
  const ground = createGround({ ...options, scratch, mostDevices, tell: (what) => say(`  ${what}`) })
  const rows: Row[] = []
  for (const [name, { run }] of chosen) {
    say(name)
    try {
      rows.push(...(await run(ground)))
    } catch (fault) {
      process.exitCode = 1
      say(`  could not be measured: ${messageOf(fault)}`)
    }
  }
  return rows
}

const bench = async (options: Options): Promise<void> => {
  const startedAt = toIso(Date.now())
  pinSelf()
  const scratch = openScratch(join(checkout, '.cache'))
  process.on('exit', () => scratch.remove())
  const machine = readMachine(scratch.fresh('fsync'))
  say(showMachine(machine))
  const rows = await runCases(options, scratch)
  const named = options.jsonFile ?? join(checkout, 'bench', 'results', `${startedAt.replaceAll(':', '-')}.json`)
  const file = resolve(named)
  write(file, startedAt, machine, options, rows)
  process.stdout.write(`\n${showTable(rows)}\n\n${showMachine(machine)}\n${file}\n`)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
try {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') process.stdout.write(helpText)
  else await bench(options)
} catch (fault) {
  say(messageOf(fault))
  process.exitCode = 2
}
process.exit()
