// Large scans in a process of their own: what they commit, what they hand back, and that neither its end nor the end
// of whoever asked leaves anything half done or running.
import assert from 'node:assert/strict'
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import { createCollectors } from '../collectors.ts'
import { isDamaged } from '../database/open.ts'
import { laneDatabase } from '../lane-database.ts'
import { writeNote } from '../notes.ts'
import { onlyLockfiles, openStores, recipient, scratchFolder } from '../testing/stores.ts'
import { ERRAND_WORD, type Errand } from './errand.ts'
import { createScanApart } from './scan-apart.ts'

const program = fileURLToPath(new URL('../../../main.ts', import.meta.url))
const never = new AbortController().signal
const surface = 'javascriptPackages'

const started: ChildProcess[] = []
after(() => {
  for (const child of started) child.kill('SIGKILL')
})
const start = async (): Promise<ChildProcess> => {
  const child = fork(program, [ERRAND_WORD, JSON.stringify({ level: 'info', file: null })], {
    // What this process was started with is not the agent's.
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  started.push(child)
  return child
}
const isOver = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

/** A lockfile larger than what is read in the agent itself. */
const heavyLock = (packages: number): string => {
  const entries = Array.from({ length: packages }, (_, no) => [
    `node_modules/package-${no}`,
    { version: `1.0.${no}`, integrity: 'sha512-'.padEnd(120, 'x') },
  ])
  return JSON.stringify({ lockfileVersion: 3, packages: Object.fromEntries(entries) }).padEnd(2_100_000)
}

const ground = () => {
  const dataDir = scratchFolder()
  const home = scratchFolder()
  mkdirSync(join(home, 'src'))
  const lock = join(home, 'src', 'package-lock.json')
  writeFileSync(lock, heavyLock(3))
  const file = join(dataDir, 'agent.json')
  writeFileSync(file, JSON.stringify({ dataDir, observe: { home, ...onlyLockfiles } }))
  const { observe: settings } = readConfiguration(file, readMachine({}))
  const stores = openStores(laneDatabase(dataDir))
  const errand: Errand = { dataDir, surface, settings, recipient, outboxOwner: null }
  const names = () => [...stores.scans.items(surface)].map(({ name }) => name)
  return { dataDir, file, lock, settings, stores, errand, names }
}

test('whoever asks is told as each errand begins, once there is a process for it', async () => {
  const { errand } = ground()
  const processes: boolean[] = []
  const before = started.length
  const apart = createScanApart(start, () => void processes.push(started.length > before))
  await Promise.all([apart.scan(errand, never), apart.scan(errand, never)])
  assert.deepEqual(processes, [true, true])
})

test('what it reads is committed when it answers, with what the next scan needs to know', async () => {
  const { errand, names, lock, settings, stores } = ground()
  const { scanned, remembered } = await createScanApart(start).scan(errand, never)
  assert.deepEqual([scanned?.changes, scanned?.queuedEvents], [3, 3])
  assert.deepEqual(names(), ['package-0', 'package-1', 'package-2'])
  assert.deepEqual([...(remembered?.paths ?? [])], [lock])
  const [collector] = createCollectors(() => settings)
  const again = await collector?.collect(never, remembered?.stamps)
  assert.deepEqual([...(again?.unchanged ?? [])], remembered?.stamps.has(lock) === true ? [lock] : [])
  assert.equal(stores.outbox.due(recipient.deviceId, Date.now(), 9).length, 3)
})

test('a surface says of itself when it is heavy', async () => {
  const { settings, lock } = ground()
  const [collector] = createCollectors(() => settings)
  assert.equal(await collector?.isHeavy?.(never), true)
  writeFileSync(lock, '{}')
  assert.equal(await collector?.isHeavy?.(never), false)
})

test('errands wait for each other, one process does them all, and it ends with the last', async () => {
  const { errand } = ground()
  const before = started.length
  const apart = createScanApart(start)
  const [first, second] = await Promise.all([apart.scan(errand, never), apart.scan(errand, never)])
  assert.deepEqual([first.scanned?.changes, second.scanned?.changes], [3, 0])
  assert.equal(started.length, before + 1)
  assert.equal(started.every(isOver), true)
})

test('a device that joined meanwhile is told everything at the next scan', async () => {
  const { errand, stores } = ground()
  writeNote(stores.db, 'outbox.device_id', 'dev_2')
  await createScanApart(start).scan({ ...errand, recipient: null }, never)
  assert.equal(stores.scans.marks(surface).isResnapshotWanted, true)
})

test('a process that is killed has not scanned, and the next errand gets another', async () => {
  const { errand, names } = ground()
  const doomed = async (): Promise<ChildProcess> => {
    const child = await start()
    child.kill('SIGKILL')
    return child
  }
  let isFirst = true
  const apart = createScanApart(async () => {
    const begun = await (isFirst ? doomed() : start())
    isFirst = false
    return begun
  })
  await assert.rejects(apart.scan(errand, never), /the process of the scan ended with SIGKILL/)
  assert.deepEqual(names(), [])
  assert.equal((await apart.scan(errand, never)).scanned?.changes, 3)
})

test('who is stopped leaves no process behind', async () => {
  const { errand } = ground()
  const stop = new AbortController()
  const scanning = createScanApart(start).scan(errand, stop.signal)
  stop.abort()
  await assert.rejects(scanning)
  assert.equal(started.every(isOver), true)
})

test('a damaged database is told as such', async () => {
  const { errand, stores, dataDir } = ground()
  stores.db.close()
  writeFileSync(laneDatabase(dataDir), 'no database at all'.repeat(1000))
  await assert.rejects(createScanApart(start).scan(errand, never), isDamaged)
})

test('the agent has heavy scans made apart; killed itself, it leaves no process', async () => {
  const { file, dataDir, stores } = ground()
  stores.db.close()
  const agent = spawn(process.execPath, [program, 'run', '--config', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  started.push(agent)
  let said = ''
  agent.stderr.on('data', (piece) => (said += String(piece)))
  const children = (): string => readFileSync(`/proc/${agent.pid}/task/${agent.pid}/children`, 'utf8').trim()
  while (children() === '') await once(agent.stderr, 'data')
  const child = Number(children().split(' ')[0])
  agent.kill('SIGKILL')
  await once(agent, 'exit')
  const isAlive = (): boolean => {
    try {
      return !readFileSync(`/proc/${child}/stat`, 'utf8').includes(') Z ')
    } catch {
      return false
    }
  }
  while (isAlive()) await new Promise((resolve) => setImmediate(resolve))
  const { db, scans } = openStores(laneDatabase(dataDir))
  assert.equal(db.prepare('pragma quick_check').get()?.['quick_check'], 'ok')
  assert.ok([0, 3].includes([...scans.items(surface)].length), said)
})
