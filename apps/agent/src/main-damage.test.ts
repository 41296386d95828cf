// The program when its database is damaged, taken away or replaced beneath it: it goes on, begins anew, tells everything
// again, and uses no number twice. What is found at a start is tested in lanes/observe/database.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { suite, test } from 'node:test'
import { type Backend, startBackend } from './lanes/observe/testing/backend.ts'
import { launch, place, runToEnd, textOf, untilSaid } from './program/testing/agent-program.ts'

const sides = ['', '-wal', '-shm']

/** Everything but the first bytes, by which SQLite knows its files; the index beside them is memory that others map. */
const overwrite = (path: string): void => {
  for (const side of ['', '-wal']) {
    if (!existsSync(path + side)) continue
    const bytes = readFileSync(path + side).fill(0x5a, 100)
    writeFileSync(path + side, bytes, { flag: 'r+' })
  }
}

const another = (path: string): void => {
  const db = new DatabaseSync(`${path}.other`)
  db.exec('create table other (name text); pragma user_version = 3')
  db.close()
  renameSync(`${path}.other`, path)
}

const damages: { name: string; damage: (path: string) => void }[] = [
  { name: 'overwritten', damage: overwrite },
  { name: 'cut off in its middle', damage: (path) => truncateSync(path, 4096 * 3) },
  { name: 'deleted', damage: (path) => sides.forEach((side) => rmSync(path + side, { force: true })) },
  { name: 'replaced by another', damage: another },
]

/** Otherwise the log still holds every page, and whatever befalls the file is healed from there. */
const emptyLog = (path: string): void => {
  const db = new DatabaseSync(path)
  db.exec('pragma wal_checkpoint(truncate)')
  db.close()
}

const packages = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, '1.0.0']))

/** Numbers without a gap, and none of them for two things. */
const proveNumbers = ({ heard }: Backend): void => {
  const numbers = [...heard.events.values(), ...heard.findings.values()].map(({ localSequence }) => localSequence)
  assert.deepEqual(
    numbers.toSorted((left, right) => left - right),
    Array.from({ length: numbers.length }, (_, at) => at + 1),
  )
}

const before = 600

suite('a database that is damaged while the agent runs', { concurrency: 2 }, () => {
  for (const { name, damage } of damages)
    test(`a database that is ${name} is made anew, and everything told again under new numbers`, async () => {
      const backend = await startBackend()
      const { config, dataDir, lock } = place({
        server: backend.url,
        serverCA: backend.caFile,
        enrollmentToken: 'met_x',
      })
      lock(packages(before))
      const agent = launch(['run', '--config', config])
      const said = textOf(agent)
      await untilSaid(agent, said, /agent ready/)
      await backend.until(() => backend.inventory().length === before && backend.heard.checkIns.length > 0)
      emptyLog(join(dataDir, 'observe.db'))
      damage(join(dataDir, 'observe.db'))
      lock(packages(before + 1))
      await untilSaid(agent, said, /database is damaged[^]*agent ready/)
      const again = () => [...backend.heard.events.values()].filter(({ item }) => item.name === 'p0')
      await backend.until(() => again().length === 2 && backend.inventory().length === before + 1)
      assert.deepEqual(
        again().map(({ kind }) => kind),
        ['added', 'added'],
      )
      const status = JSON.parse((await runToEnd(['status', '--json', '--config', config])).out)
      assert.deepEqual([status.surfaces[0].itemCount, status.surfaces[0].state], [before + 1, 'healthy'])
      agent.kill('SIGTERM')
      assert.deepEqual(await once(agent, 'close'), [0, null], said.err)
      assert.equal(said.err.match(/damaged/g)?.length, 1, said.err)
      proveNumbers(backend)
      await backend.hangUp()
    })

  test('a database that cannot be opened is left alone, and opened as soon as it can be', async () => {
    const { config, dataDir } = place()
    const path = join(dataDir, 'observe.db')
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const agent = launch(['run', '--config', config])
    const said = textOf(agent)
    await untilSaid(agent, said, /data folder cannot be written; trying again/)
    rmdirSync(path)
    await untilSaid(agent, said, /agent ready/)
    agent.kill('SIGTERM')
    assert.deepEqual(await once(agent, 'close'), [0, null], said.err)
  })
})
