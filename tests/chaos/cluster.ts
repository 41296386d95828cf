// A PostgreSQL of this test's own that can be made to vanish at any moment and to come back with its data.
// The one that tests share must not be stopped; what becomes of a server meanwhile is the test's.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import postgres from 'postgres'
import { type Facts, readFacts } from './facts.ts'

export interface Cluster {
  readonly url: string
  /** Throws everybody out and ends at once, as in a crash. */
  stop(): Promise<void>
  /** Resolves when connections are answered again. */
  start(): Promise<void>
  read(): Promise<Facts>
  remove(): Promise<void>
}

const debianRoot = '/usr/lib/postgresql'

const findPrograms = (): string => {
  const debian = existsSync(debianRoot) ? readdirSync(debianRoot).toSorted((left, right) => +right - +left) : []
  const asked = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' })
  const folders = [...debian.map((version) => join(debianRoot, version, 'bin')), asked.stdout?.trim() ?? '']
  const found = folders.find((folder) => folder !== '' && existsSync(join(folder, 'initdb')))
  if (found === undefined) throw new Error('PostgreSQL is not installed here; `npm test` installs it on Debian')
  return found
}

const idOf = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)

interface Owner {
  readonly uid?: number
  readonly gid?: number
}

/** PostgreSQL refuses to run as root; Debian's package brings the user for it. */
const chooseOwner = (): Owner => (process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {})

// The shell reads our pipe: when we close it, or die by whatever means, the database ends as in a crash.
const guarded = '"$@" >"$0" 2>&1 & server=$!; read -r _; kill -QUIT "$server"; wait "$server"'

const patienceMs = 60_000

/** Everything as of one moment, however many queries it takes. */
const readAtOnce = async (url: string): Promise<Facts> => {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await client.unsafe('begin isolation level repeatable read read only')
    return await readFacts(async (text) => client.unsafe(text))
  } finally {
    await client.end()
  }
}

interface Files {
  readonly folder: string
  /** Where the user lives who runs PostgreSQL. */
  readonly home: string
  readonly password: string
}

const makeFiles = (programs: string, owner: Owner): Files => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-cluster-'))
  chmodSync(folder, 0o711) // whoever runs PostgreSQL must be able to pass
  const home = join(folder, 'home')
  const password = randomBytes(18).toString('base64url')
  mkdirSync(home, { mode: 0o700 })
  writeFileSync(join(home, 'password'), password)
  if (owner.uid !== undefined && owner.gid !== undefined)
    for (const path of [home, join(home, 'password')]) chownSync(path, owner.uid, owner.gid)
  const access = ['--username=postgres', `--pwfile=${join(home, 'password')}`, '--auth=scram-sha-256']
  const options = [...access, '--encoding=UTF8', '--no-locale', '--no-sync', '-D', join(home, 'data')]
  const made = spawnSync(join(programs, 'initdb'), options, { ...owner, cwd: home, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`make a PostgreSQL cluster: ${made.error?.message ?? made.stderr}`)
  return { folder, home, password }
}

const wordsOf = (programs: string, home: string, port: number): readonly string[] => {
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: home }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return [join(home, 'log'), join(programs, 'postgres'), '-D', join(home, 'data'), ...flags]
}

export const makeCluster = async (port: number): Promise<Cluster> => {
  const programs = findPrograms()
  const owner = chooseOwner()
  const { folder, home, password } = makeFiles(programs, owner)
  const answers = (): boolean =>
    spawnSync(join(programs, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', `${port}`]).status === 0
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  let guard: ChildProcess | undefined

  const stop = async (): Promise<void> => {
    const ending = guard
    guard = undefined
    if (ending === undefined) return
    const gone = once(ending, 'exit')
    ending.stdin?.end()
    await gone
  }
  const start = async (): Promise<void> => {
    const words = ['-c', guarded, ...wordsOf(programs, home, port)]
    guard = spawn('sh', words, { ...owner, cwd: home, stdio: ['pipe', 'ignore', 'ignore'], detached: true })
    const deadline = AbortSignal.timeout(patienceMs)
    while (!answers()) {
      if (deadline.aborted) throw new Error(`PostgreSQL does not answer; see ${join(home, 'log')}`)
      await wait(50)
    }
  }
  await start()
  return {
    url,
    start,
    stop,
    read: () => readAtOnce(url),
    async remove() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
