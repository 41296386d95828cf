// A newcomer's first hour, through the programs themselves: a server, this checkout's own lockfile on a machine of its
// own, its agent, and a terminal. Each step waits for what the one before it must have caused.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fleetRoutes, type InventoryItem } from '@muster/contract'
import { type Client, call, createClient } from '@muster/http/client'
import { Secret } from '@muster/kernel'
import { type AgentProcess, agentCommand, type CommandLine, commandLine, startAgent, until } from './programs.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

interface Lockfile {
  readonly packages: Record<string, { version?: string }>
}

const ownLockfile = join(import.meta.dirname, '..', '..', 'package-lock.json')
const moved = 'node_modules/kysely'

/** `name@version` of everything a lockfile pins, read here once more and not by the agent's reader. */
const pinned = ({ packages }: Lockfile): readonly string[] =>
  Object.entries(packages)
    .filter(([key, { version }]) => key.startsWith('node_modules/') && version !== undefined)
    .map(([key, { version }]) => `${key.slice('node_modules/'.length)}@${version}`)
    .toSorted()

const policyYaml = `apiVersion: fleet/v1
kind: Policy
metadata: { name: newcomers }
agent:
  includeBuiltinRules: true
  watch: { pollIntervalSeconds: 30 }
`

const crateRule = {
  id: 'acme.old-openssl',
  surface: 'cargoPackages',
  triggers: ['present'],
  match: 'fieldContainsAny',
  field: 'name',
  values: ['openssl'],
  severity: 'critical',
  title: 'Old openssl',
  rationale: 'It is to be replaced.',
}

suite('a newcomer', () => {
  const home = mkdtempSync(join(tmpdir(), 'muster-newcomer-'))
  const file = (name: string): string => join(home, name)
  const lockfile = file('Projects/app/package-lock.json')
  const original = JSON.parse(readFileSync(ownLockfile, 'utf8')) as Lockfile
  const oldVersion = original.packages[moved]?.version ?? ''
  let server: ServerProcess
  let client: Client
  let muster: CommandLine
  let agent: AgentProcess | undefined
  let deviceId = ''

  const configFile = file('agent.yaml')
  const env = { HOME: home }
  const device = async () => {
    const read = await call(client, fleetRoutes.readDevice, { params: { id: deviceId } })
    assert.ok(read.ok)
    return read.value
  }
  const agentStatus = async () => JSON.parse((await agentCommand(configFile, env, 'status', '--json')).out)

  before(async () => {
    server = await startServerProcess()
    client = createClient({ baseUrl: server.apiUrl, token: new Secret(server.ownerToken) })
    muster = commandLine({ HOME: home, MUSTER_URL: server.apiUrl, MUSTER_TOKEN: server.ownerToken })
  })
  after(async () => {
    await agent?.stop()
    client?.close()
    await server?.stop()
    rmSync(home, { recursive: true, force: true })
  })

  test('makes a token, writes a file for the agent, and sees the machine appear', async () => {
    writeFileSync(file('ca.pem'), await muster.text('api', 'GET', '/ca.pem'))
    const { token } = await muster.json('token', 'create', '--label', 'my computer')
    assert.match(token, /^met_[\w-]{43}$/)
    mkdirSync(file('Projects/app'), { recursive: true })
    writeFileSync(lockfile, readFileSync(ownLockfile))
    const observe = {
      home,
      watch: { projectRoots: [file('Projects')], pollIntervalSeconds: 1 },
      sync: { checkInIntervalSeconds: 1, retryBaseSeconds: 1 },
    }
    const settings = {
      server: server.gatewayUrl,
      serverCA: file('ca.pem'),
      enrollmentToken: token,
      dataDir: file('agent'),
      observe,
    }
    writeFileSync(configFile, JSON.stringify(settings), { mode: 0o600 })
    agent = startAgent(configFile, env)
    const { items } = await until(
      () => muster.json('device', 'list'),
      (listed) => listed.items.length === 1,
    )
    deviceId = items[0].id
    assert.deepEqual([items[0].status, items[0].liveness], ['active', 'online'])
    assert.match(items[0].sensorVersion, /^muster-agent\//)
    // Both planes have to be joined before nobody needs it any more.
    await until(
      async () => readFileSync(configFile, 'utf8'),
      (text) => !text.includes('met_'),
    )
  })

  test('finds every package of this checkout, with its version and path', async () => {
    await until(
      device,
      ({ backlog, coverage }) => backlog.events === 0 && coverage.some(({ state }) => state === 'complete'),
    )
    const { items } = await until(
      () => muster.json('inventory', deviceId, '--surface', 'javascriptPackages'),
      (listed) => listed.items.length >= pinned(original).length,
    )
    assert.deepEqual(items.map(({ name, version }: InventoryItem) => `${name}@${version}`).toSorted(), pinned(original))
    assert.ok(items.every(({ path, surface }: InventoryItem) => path === lockfile && surface === 'javascriptPackages'))
    assert.equal((await agentStatus()).sync, 'up to date')
  })

  test('finds what this very system has installed, as dpkg itself lists it', async () => {
    const listed = spawnSync('dpkg-query', ['-W', '-f=${db:Status-Status} ${Package}@${Version}\\n'], {
      encoding: 'utf8',
    })
    const installed = listed.stdout.split('\n').flatMap((line) => /^installed (.*)/.exec(line)?.[1] ?? [])
    assert.ok(installed.length > 50, listed.error?.message ?? listed.stderr)
    const { items } = await until(
      () => muster.json('inventory', deviceId, '--surface', 'debianPackages'),
      ({ items }) => items.length >= installed.length,
    )
    const found = items.map(({ name, version }: InventoryItem) => `${name}@${version}`)
    assert.deepEqual(found.toSorted(), installed.toSorted())
  })

  test('searches, and is told where it is and since when', async () => {
    const found = await muster.json('search', `kysely@${oldVersion}`)
    assert.deepEqual(
      found.items.map((hit: { deviceId: string; verdict: string }) => [hit.deviceId, hit.verdict]),
      [[deviceId, 'present']],
    )
    const [interval] = found.items[0].intervals
    assert.deepEqual(
      [interval.path, interval.version, interval.to, interval.fromKind],
      [lockfile, oldVersion, null, 'baseline'],
    )
    assert.deepEqual(found.verdicts, { present: 1, present_unconfirmed: 0, past: 0, not_observed: 0, unknown: 0 })
    const nowhere = await muster.json('search', 'no-such-package', '--all')
    assert.deepEqual(
      nowhere.items.map(({ verdict }: { verdict: string }) => verdict),
      ['not_observed'],
    )
    assert.match(
      await muster.text('search', 'kysely'),
      new RegExp(`present +kysely +${oldVersion.replaceAll('.', '\\.')}`),
    )
  })

  test('changes a lockfile, and finds the new version present and the old one past', async () => {
    const changed = structuredClone(original)
    changed.packages[moved] = { ...changed.packages[moved], version: '99.0.1' }
    writeFileSync(lockfile, JSON.stringify(changed))
    const verdictOf = async (version: string): Promise<string> => {
      const { items } = await muster.json('search', `kysely@${version}`, '--from', '1h')
      return items[0]?.verdict ?? 'none'
    }
    await until(
      () => verdictOf('99.0.1'),
      (verdict) => verdict === 'present',
    )
    assert.equal(
      await until(
        () => verdictOf(oldVersion),
        (verdict) => verdict !== 'present',
      ),
      'past',
    )
    const now = await muster.json('search', `kysely@${oldVersion}`)
    assert.equal(now.verdicts.present, 0)
    const { items } = await muster.json('changes', '--device', deviceId, '--since', '1h', '--limit', '500')
    const news = items.filter(({ baseline }: { baseline: boolean }) => !baseline)
    assert.deepEqual(
      news.map((change: { change: string; version: string }) => `${change.change} ${change.version}`).toSorted(),
      ['added 99.0.1', `removed ${oldVersion}`],
    )
  })

  test('publishes a policy, and the agent takes it', async () => {
    writeFileSync(file('policy.yaml'), policyYaml)
    assert.match(await muster.text('policy', 'validate', file('policy.yaml')), /is valid/)
    const { generation } = await muster.json('policy', 'publish', file('policy.yaml'))
    assert.match(generation, /^g1-/)
    const { policy } = await until(device, ({ policy: { status } }) => status === 'current')
    assert.deepEqual([policy.assignedGeneration, policy.reportedGeneration], [generation, generation])
    assert.equal((await agentStatus()).policyGeneration, generation)
    const adoption = await muster.json('policy', 'adoption', 'newcomers')
    assert.deepEqual([adoption.devices, adoption.current], [1, 1])
  })

  test('writes a rule for what only our own agents look at, and is told what it finds', async () => {
    mkdirSync(file('Projects/crate'))
    const lock = '[[package]]\nname = "openssl"\nversion = "0.10.0"\nsource = "registry+https://example.org/index"\n'
    writeFileSync(file('Projects/crate/Cargo.lock'), lock)
    writeFileSync(file('policy.yaml'), `${policyYaml}  rules:\n    - ${JSON.stringify(crateRule)}\n`)
    const { droppedRules } = await muster.json('policy', 'publish', file('policy.yaml'))
    assert.deepEqual(
      droppedRules.map(({ id }: { id: string }) => id),
      [crateRule.id],
    )
    const { items } = await until(
      () => muster.json('finding', 'list', '--rule', crateRule.id),
      (listed) => listed.items.length > 0,
    )
    assert.deepEqual([items[0].surface, items[0].itemName, items[0].severity], ['cargoPackages', 'openssl', 'critical'])
    const { policy } = await until(device, ({ policy: { status } }) => status === 'current')
    assert.equal(policy.assignedGeneration, policy.reportedGeneration)
  })

  test('stops and starts the agent, and nothing comes twice', async () => {
    const events = async (): Promise<number> =>
      (await muster.json('device', 'events', deviceId, '--limit', 'all')).items.length
    const before = await events()
    assert.equal(await agent?.stop(), 0)
    agent = startAgent(configFile, env)
    const { lastCheckInAt } = await device()
    await until(device, (seen) => seen.lastCheckInAt !== lastCheckInAt)
    assert.equal(await events(), before)
    assert.equal((await muster.json('device', 'list')).items.length, 1)
  })

  test('revokes the machine: the server says 403, and the agent keeps away and keeps what it has', async () => {
    const refusals = async (): Promise<number> => {
      const text = await (await fetch(`${server.apiUrl}/metrics`)).text()
      const lines = text
        .split('\n')
        .filter((line) => line.startsWith('muster_http_rejections_total') && line.includes('device_not_active'))
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    }
    assert.equal(await refusals(), 0)
    assert.match(await muster.text('device', 'revoke', deviceId, '--reason', 'a test'), /revoked/)
    await until(refusals, (count) => count > 0)
    assert.match(
      await until(
        async () => agent?.log() ?? '',
        (log) => log.includes('device_not_active'),
      ),
      /device_not_active/,
    )
    assert.equal((await agentStatus()).deviceId, deviceId)
    assert.deepEqual((await muster.json('device', 'show', deviceId)).status, 'revoked')
    assert.equal(await agent?.stop(), 0)
    agent = undefined
  })

  test('verifies the audit history, on the server and without it', async () => {
    const online = await muster.json('audit', 'verify')
    assert.equal(online.ok, true)
    const path = file('audit.ndjson')
    await muster.text('audit', 'export', path)
    const actions = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).action)
    for (const action of ['enrollment_token.issued', 'device.enrolled', 'policy.published', 'device.revoked'])
      assert.ok(actions.includes(action), `${action} is not among ${[...new Set(actions)].join(', ')}`)
    await server.end()
    const offline = await muster.json('audit', 'verify', path)
    assert.deepEqual([offline.ok, offline.checked], [true, actions.length])
    writeFileSync(path, readFileSync(path, 'utf8').replace('device.revoked', 'device.retired'))
    const tampered = await muster.end('audit', 'verify', path)
    assert.equal(tampered.code, 1)
    assert.match(tampered.out, /^Entry \d+ /)
  })
})
