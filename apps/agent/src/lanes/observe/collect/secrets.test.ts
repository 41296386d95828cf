// Proof that no environment value, header or token of any tool gets further than the bytes it was read as
// (sensor-agent 7): not into items, issues, log lines or the database, nor into what the process has in memory.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { groundWith, put } from './testing/ground.ts'
import { plantedSecrets, SECRET_MARK, toolHomeFiles, toolHomeSettings } from './testing/tool-home.ts'

const program = join(import.meta.dirname, 'testing', 'scan-aloud.ts')

interface Said {
  readonly items: readonly { readonly itemId: string }[]
  readonly issues: readonly unknown[]
  readonly lines: readonly string[]
}

const scratch = (): string => mkdtempSync(join(tmpdir(), 'muster-agent-aloud-'))

/** Scans the home in a process of its own and tells where text of it turned up. */
const scanAloud = (files: Readonly<Record<string, string>>) => {
  const home = groundWith(files)
  const [out, folder] = [scratch(), scratch()]
  const configuration = join(out, 'agent.yaml')
  put(configuration, JSON.stringify({ observe: { home, ...toolHomeSettings } }))
  const heap = join(out, 'heap.heapsnapshot')
  const arguments_ = [program, configuration, join(folder, 'observe.db'), heap]
  const text = execFileSync(process.execPath, arguments_, { encoding: 'utf8', maxBuffer: 1e9, env: { HOME: home } })
  const said = JSON.parse(text) as Said
  const places = {
    items: JSON.stringify(said.items),
    issues: JSON.stringify(said.issues),
    log: said.lines.join(''),
    output: text,
    database: readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join(''),
    heap: readFileSync(heap, 'latin1'),
  }
  // A heap is large, and there is one for each run.
  for (const scratched of [out, folder]) rmSync(scratched, { recursive: true })
  const holding = (sought: string): readonly string[] =>
    Object.entries(places)
      .filter(([, held]) => held.includes(sought))
      .map(([place]) => place)
  return { said, holding }
}

test('what is planted wherever a secret fits is found nowhere', () => {
  assert.equal(plantedSecrets().size > 60, true)
  const { said, holding } = scanAloud(toolHomeFiles)
  assert.equal(said.items.length > 90, true)
  assert.equal(said.issues.length > 5, true)
  assert.deepEqual(holding(SECRET_MARK), [])
  // What may be told is found in all the places where it should be, so that the search itself is known to work.
  assert.deepEqual(holding('weather-mcp'), ['items', 'output', 'database', 'heap'])
})

test('the search finds what an owner wrote where it is told: in an argument, and in a name', () => {
  const { holding } = scanAloud({
    '.claude.json': JSON.stringify({
      mcpServers: { a: { command: 'x', args: [`${SECRET_MARK}argument`] }, [`${SECRET_MARK}name`]: { command: 7 } },
    }),
  })
  assert.deepEqual(holding(`${SECRET_MARK}argument`), ['items', 'output', 'database', 'heap'])
  assert.deepEqual(holding(`${SECRET_MARK}name`), ['issues', 'output', 'database', 'heap'])
})
