// Our agent, as a process, in a recorded conversation with a published backend: everything it says is checked against the
// recording, and it comes through every answer there is (sensor-protocol 2, 4 to 7, 11, 12).
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { startRecording } from './recorded-backend.ts'
import { npmItem } from './sensor-events.ts'
import { payloadOf } from './sensor-payload.ts'

const program = join(import.meta.dirname, '..', '..', 'apps', 'agent', 'src', 'main.ts')

suite('our agent and a published backend', () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'muster-recorded-')))
  const path = join(home, 'projects', 'package-lock.json')
  const config = join(home, 'agent.yaml')
  const env = { PATH: process.env['PATH'] ?? '', HOME: home }
  let backend: Awaited<ReturnType<typeof startRecording>>
  let agent: ChildProcess
  let said = ''

  const lock = (packages: Record<string, string>): void => {
    const entries = Object.entries(packages).map(([name, version]) => [`node_modules/${name}`, { version }])
    writeFileSync(path, JSON.stringify({ lockfileVersion: 3, packages: Object.fromEntries(entries) }))
  }

  before(async () => {
    const items = ['a@1.0.0', 'a@1.0.1', 'b@2.0.0'].map((coordinate) => {
      const [name = '', version = ''] = coordinate.split('@')
      return [coordinate, payloadOf({ item: npmItem(name, version, { path }) })] as const
    })
    backend = await startRecording({ recording: 'published-backend', prefix: '/base', payloads: new Map(items) })
    mkdirSync(join(home, 'projects'))
    lock({ a: '1.0.0', b: '2.0.0' })
    writeFileSync(join(home, 'ca.pem'), backend.authorityPem)
    const others = ['homebrew', 'claude', 'claudeDesktop', 'codex', 'cursor', 'opencode', 'pi', 'python', 'go', 'cargo']
    const off = [...others, 'debian', 'rpm', 'vscode', 'npmGlobal'].map((name) => [name, { enabled: false }])
    const observe = {
      ...Object.fromEntries(off),
      watch: { projectRoots: [join(home, 'projects')] },
      sync: { checkInIntervalSeconds: 1, retryBaseSeconds: 1, retryMaxSeconds: 1 },
    }
    const server = { server: `${backend.url}/`, serverCA: 'ca.pem', enrollmentToken: 'met_recorded' }
    const planes = ['observe']
    writeFileSync(config, JSON.stringify({ ...server, dataDir: join(home, 'data'), planes, observe }))
    agent = spawn(process.execPath, [program, 'run', '--config', config], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    agent.stderr?.on('data', (piece) => (said += String(piece)))
  })
  after(async () => {
    agent?.kill('SIGKILL')
    await backend?.close()
    rmSync(home, { recursive: true, force: true })
  })

  test('enrols once, shows its certificate from then on, and takes a configuration that says nothing', async () => {
    await backend.until(() => backend.heard('enroll') === 1 && backend.heard('config') >= 1)
    assert.deepEqual(backend.faults, [])
  })

  test('takes 401, 403, 409, 429, 503 and half a reply at check-in without giving anything up', async () => {
    await backend.until(() => backend.heard('check-in') > backend.all('check-in'))
    assert.deepEqual([backend.heard('enroll'), backend.faults], [1, []])
  })

  test('tells an event again, byte for byte, until it is decided: undecided, 413, 500, no JSON, and a rejection that means later', async () => {
    await backend.until(() => backend.heard('sync') >= 6)
    assert.deepEqual(backend.faults, [])
  })

  test('obeys a bundle, never again sends what was rejected for good, and sends everything again when it is asked to', async () => {
    lock({ a: '1.0.1', b: '2.0.0' })
    await backend.until(() => backend.heard('sync') === backend.all('sync'))
    const heard = backend.heard('check-in')
    await backend.until(() => backend.heard('check-in') > heard + 1)
    assert.deepEqual([backend.heard('sync'), backend.heard('config'), backend.faults], [10, 2, []])
  })

  test('ends in good order and says what became of it all', async () => {
    const ended = once(agent, 'close')
    agent.kill('SIGTERM')
    assert.deepEqual(await ended, [0, null], said)
    const { stdout } = spawnSync(process.execPath, [program, 'status', '--json', '--config', config], { env })
    const { sync, outbox, policyGeneration, deviceId, tenantId } = JSON.parse(String(stdout))
    assert.deepEqual(
      [sync, outbox.waitingEvents, outbox.rejectedEvents, policyGeneration, deviceId, tenantId],
      ['failing', 0, 1, 'g7', 'dev_1', 'tenant_1'],
    )
    assert.doesNotMatch(readFileSync(config, 'utf8'), /met_recorded/)
  })
})
