// A private PostgreSQL for one test run: its own folder, port and password, gone afterwards.
// Databases inside it are made by the tests; finding an installed PostgreSQL is system.ts's work.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export interface TestPostgres {
  readonly url: string
  /** Stops the server; its files go with the run's folder. */
  stop(): Promise<void>
}

interface Owner {
  readonly uid?: number
  readonly gid?: number
}

const idOf = (flag: string, user: string): number => {
  const asked = spawnSync('id', [flag, user], { encoding: 'utf8' })
  if (asked.status !== 0) throw new Error(`find the user ${user}, under which PostgreSQL runs: ${asked.stderr.trim()}`)
  return Number(asked.stdout)
}

/** PostgreSQL refuses to run as root; Debian's package brings the user for it. */
const chooseOwner = (): Owner =>
  process.getuid?.() === 0 ? { uid: idOf('-u', 'postgres'), gid: idOf('-g', 'postgres') } : {}

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('find a free port on 127.0.0.1')
  return address.port
}

const makeCluster = (programs: string, folder: string, password: string, owner: Owner): void => {
  mkdirSync(folder, { mode: 0o700 })
  writeFileSync(join(folder, 'password'), `${password}\n`, { mode: 0o600 })
  if (owner.uid !== undefined && owner.gid !== undefined) {
    chownSync(folder, owner.uid, owner.gid)
    chownSync(join(folder, 'password'), owner.uid, owner.gid)
  }
  const options = ['--username=postgres', `--pwfile=${join(folder, 'password')}`, '--auth=scram-sha-256']
  const made = spawnSync(
    join(programs, 'initdb'),
    [...options, '--encoding=UTF8', '--no-locale', '--no-instructions', '--no-sync', '-D', join(folder, 'data')],
    { ...owner, cwd: folder, encoding: 'utf8' },
  )
  if (made.status !== 0)
    throw new Error(`make a PostgreSQL cluster in ${folder}: ${made.error?.message ?? made.stderr}`)
}

// The shell reads our pipe: when we close it, or die by whatever means, it ends the server and removes the data.
const guarded = [
  'exec >"$0" 2>&1; data=$1; shift',
  '"$@" -D "$data" & server=$!',
  'read -r _; kill -QUIT "$server"; wait "$server"; rm -rf "$data"',
].join('\n')

const accepts = (programs: string, port: number): boolean =>
  spawnSync(join(programs, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).status === 0

// Far longer than a start takes on a slow disk; only a machine without loopback gets here.
const patienceMs = 60_000

/** Starts a PostgreSQL from the programs in `programs` below `parent`; it waits until connections are answered. */
export const startPostgres = async (programs: string, parent: string): Promise<TestPostgres> => {
  const owner = chooseOwner()
  const folder = join(parent, 'postgres')
  const password = randomBytes(18).toString('base64url')
  makeCluster(programs, folder, password, owner)
  const port = await freePort()
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: folder, max_connections: 300 }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const logFile = join(folder, 'server.log')
  const server = spawn('sh', ['-c', guarded, logFile, join(folder, 'data'), join(programs, 'postgres'), ...flags], {
    ...owner,
    cwd: folder,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const ended = once(server, 'exit')
  const deadline = AbortSignal.timeout(patienceMs)
  while (!accepts(programs, port)) {
    if (server.exitCode !== null || deadline.aborted) {
      server.stdin.end()
      throw new Error(`PostgreSQL does not answer on 127.0.0.1: ${readFileSync(logFile, 'utf8').trim()}`)
    }
    await wait(50)
  }
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    stop: async () => {
      server.stdin.end()
      await ended
    },
  }
}
