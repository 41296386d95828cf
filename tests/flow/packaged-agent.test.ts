// The agent as it is handed out: packed by `npm run package`, unpacked elsewhere, with no checkout around it. It says who
// it is, scans, joins a real server and reports, and installs itself as a service that starts what was packed.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fleetRoutes } from '@muster/contract'
import { type Client, call, createClient } from '@muster/http/client'
import { Secret } from '@muster/kernel'
import { commandLine, until } from './programs.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

const root = join(import.meta.dirname, '..', '..')

suite('a packaged agent', () => {
  const home = mkdtempSync(join(tmpdir(), 'muster-packaged-'))
  const file = (name: string): string => join(home, name)
  const env = { HOME: home, PATH: '/usr/bin:/bin' }
  let server: ServerProcess
  let client: Client
  let folder = ''
  let running: ChildProcess | undefined

  const agent = (...words: readonly string[]): string => {
    const ended = spawnSync(join(folder, 'bin/muster-agent'), words, { env, cwd: '/', encoding: 'utf8' })
    assert.equal(ended.status, 0, ended.stderr)
    return ended.stdout
  }

  before(async () => {
    const wishes = ['--target', `${process.platform}-${process.arch}`, '--form', 'folder', '--out', file('opt')]
    const packed = spawnSync(process.execPath, [join(root, 'scripts/package/main.ts'), ...wishes], { encoding: 'utf8' })
    assert.equal(packed.status, 0, packed.stderr)
    folder = file(join('opt', readdirSync(file('opt'))[0] ?? ''))
    server = await startServerProcess()
    client = createClient({ baseUrl: server.apiUrl, token: new Secret(server.ownerToken) })
    mkdirSync(file('src/app'), { recursive: true })
    const lock = { lockfileVersion: 3, packages: { 'node_modules/left-pad': { version: '1.3.0' } } }
    writeFileSync(file('src/app/package-lock.json'), JSON.stringify(lock))
    const muster = commandLine({ HOME: home, MUSTER_URL: server.apiUrl, MUSTER_TOKEN: server.ownerToken })
    const { token } = await muster.json('token', 'create', '--label', 'packaged')
    writeFileSync(file('ca.pem'), await muster.text('api', 'GET', '/ca.pem'))
    const settings = {
      server: server.gatewayUrl,
      serverCA: 'ca.pem',
      enrollmentToken: token,
      dataDir: file('data'),
      observe: { watch: { projectRoots: [file('src')] }, sync: { retryBaseSeconds: 1 } },
    }
    writeFileSync(file('agent.yaml'), JSON.stringify(settings))
  })
  after(async () => {
    running?.kill('SIGKILL')
    client?.close()
    await server?.stop()
    rmSync(home, { recursive: true, force: true })
  })

  test('says its version and its commands', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'apps/agent/package.json'), 'utf8')) as { version: string }
    assert.equal(agent('--version'), `${version}\n`)
    assert.match(agent('help'), /^ {2}run /m)
  })

  test('scans', () => {
    const { surfaces } = JSON.parse(agent('scan', '--json', '--config', file('agent.yaml'))) as {
      surfaces: { surface: string; items: { name: string; version: string }[] }[]
    }
    const found = surfaces.find(({ surface }) => surface === 'javascriptPackages')?.items
    assert.deepEqual(
      found?.map(({ name, version }) => `${name}@${version}`),
      ['left-pad@1.3.0'],
    )
  })

  test('joins a server, reports what it found, and ends in good order', async () => {
    const child = spawn(join(folder, 'bin/muster-agent'), ['run', '--config', file('agent.yaml')], {
      env,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    running = child
    let said = ''
    child.stderr.on('data', (piece) => (said += String(piece)))
    const search = async () => {
      assert.equal(child.exitCode, null, said)
      const devices = await call(client, fleetRoutes.listDevices, {})
      const [device] = devices.ok ? devices.value.items : []
      if (device === undefined) return []
      const inventory = await call(client, fleetRoutes.deviceInventory, {
        params: { id: device.id },
        query: { surface: 'javascriptPackages' },
      })
      return inventory.ok ? inventory.value.items.map(({ name, version }) => `${name}@${version}`) : []
    }
    await until(search, (names) => names.includes('left-pad@1.3.0'))
    const ended = once(child, 'close')
    child.kill('SIGTERM')
    assert.deepEqual(await ended, [0, null], said)
    for (const line of said.trim().split('\n')) assert.equal(typeof JSON.parse(line).msg, 'string', line)
  })

  test('as a service it starts what was packed, with the Node that was packed', () => {
    const text = agent('service', 'install', '--print', '--config', file('agent.yaml'))
    assert.ok(text.includes(join(folder, 'lib/node')) && text.includes(join(folder, 'lib/muster-agent.mjs')), text)
    assert.equal(text.includes(root), false)
  })
})
