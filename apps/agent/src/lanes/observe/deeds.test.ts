// kill -9 in the middle of each kind of write, in each transaction that the lane makes: what is on the disk is what was
// committed before it, and whoever does the deed again ends where it would have ended, with no number said for two things.
// A scan, told in words, is scan/kill.test.ts; kills between files are ../../main-files.test.ts.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Database, openForReading } from './database/open.ts'
import { DEEDS, type Deed, doDeed, openWorld, type SentEvent, seen } from './testing/deeds.ts'
import { openStores, scratchFolder } from './testing/stores.ts'

const program = fileURLToPath(new URL('./testing/die-at.ts', import.meta.url))
const newPath = (): string => join(scratchFolder(), 'observe.db')

interface Write {
  readonly table: string
  readonly write: string
  readonly kind: string
  /** How many of its kind there have been, with this one. */
  readonly nth: number
  /** What others find at that moment. */
  readonly committed: string
}

const looked = (path: string): string => {
  const db = openForReading(path)
  const found = db === null ? [] : seen(db)
  db?.close()
  return found.join('\n')
}

const tablesOf = (db: Database): readonly string[] => {
  const tables = db.prepare(`select name from sqlite_schema where type = 'table' order by name`).all()
  return tables.map(({ name }) => String(name))
}

/** Each write of a deed that nobody disturbs, and what it leaves in the end. */
const watch = async (deed: Deed) => {
  const path = newPath()
  const world = openWorld(path, () => {})
  await deed.before(world)
  const counts = new Map<string, number>()
  const writes: Write[] = []
  // How many words a function takes, SQLite counts at its parameters.
  world.db.function('note', (given, how) => {
    const [table, write] = [String(given), String(how)]
    const kind = `${write} of ${table}`
    const nth = (counts.get(kind) ?? 0) + 1
    counts.set(kind, nth)
    writes.push({ table, write, kind, nth, committed: looked(path) })
    return null
  })
  for (const table of tablesOf(world.db))
    for (const write of ['insert', 'update', 'delete'])
      world.db.exec(`create temp trigger note_${table}_${write} after ${write} on main.${table}
        begin select note('${table}', '${write}'); end`)
  await doDeed(world, deed)
  const end = looked(path)
  world.db.close()
  return { writes, end }
}

/** The first of each kind in each transaction: those that follow it are undone with it. */
const deathsIn = (writes: readonly Write[], { deadly }: Deed): readonly Write[] => {
  const firsts = new Map(writes.toReversed().map((write) => [`${write.kind} ${write.committed}`, write] as const))
  return [...firsts.values()].toReversed().filter(({ kind }) => deadly?.includes(kind) ?? true)
}

const compiled = scratchFolder()

/** What the program sent, and the signal that ended it. */
const run = async (path: string, name: string, { table, write, nth }: Pick<Write, 'table' | 'write' | 'nth'>) => {
  const words = [program, path, name, table, write, String(nth)]
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled }
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [, signal] = await once(child, 'close')
  return { signal, sent: said.split('\n').filter(Boolean) }
}

// Only one that lives keeps what it compiled, and with that the others start in half the time.
before(() => run(newPath(), 'a first scan', { table: 'note', write: 'insert', nth: 0 }))

const kinds = new Set<string>()
const tables = new Set<string>()

for (const [name, deed] of Object.entries(DEEDS)) {
  const { writes, end } = await watch(deed)
  for (const { kind, table } of writes) {
    kinds.add(`${name}: ${kind}`)
    tables.add(table)
  }
  suite(`killed in ${name}`, { concurrency: 2 }, () => {
    for (const at of deathsIn(writes, deed))
      test(`at the ${at.kind}, number ${at.nth}: it has not happened, and done again it ends as if nobody had died`, async () => {
        const path = newPath()
        const killed = await run(path, name, at)
        assert.equal(killed.signal, 'SIGKILL')
        const sent = new Set(killed.sent)
        assert.equal(looked(path), at.committed)
        const hear = (events: readonly SentEvent[]) => events.forEach((event) => sent.add(JSON.stringify(event)))
        const world = openWorld(path, hear)
        await doDeed(world, deed)
        world.db.close()
        assert.equal(looked(path), end)
        const numbers = [...sent].map((line) => (JSON.parse(line) as SentEvent).localSequence)
        assert.equal(new Set(numbers).size, numbers.length, 'one number was said for two things')
      })
  })
}

test('there is no table that none of these deeds writes to, and every death that is asked for has its write', () => {
  assert.deepEqual([...tables].toSorted(), tablesOf(openStores().db))
  const asked = Object.entries(DEEDS).flatMap(([name, { deadly = [] }]) => deadly.map((kind) => `${name}: ${kind}`))
  assert.deepEqual(
    asked.filter((kind) => !kinds.has(kind)),
    [],
  )
})
