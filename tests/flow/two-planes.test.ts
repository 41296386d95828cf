// One agent, two planes, one device: a real server and a real agent with one token for one use, from joining to being
// revoked; and none of the secrets on the way in any log. What each lane does by itself is proved in apps/agent.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { type AgentProcess, agentCommand, type CommandLine, commandLine, startAgent, until } from './programs.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

suite('one agent on two planes', () => {
  const home = mkdtempSync(join(tmpdir(), 'muster-two-planes-'))
  const file = (name: string): string => join(home, name)
  const env = { HOME: home }
  const config = file('agent.yaml')
  const identityFile = file('data/telemetry/identity.json')
  const secrets = new Set<string>()
  let server: ServerProcess
  let muster: CommandLine
  let agent: AgentProcess | undefined
  let agentLog = ''
  let tokenId = ''

  const heard = async () => {
    const { items } = await muster.json('device', 'list')
    return items as { id: string; agentId: string | null; planes: string[]; liveness: string; lastContactAt: string }[]
  }
  const stopAgent = async (): Promise<number | null> => {
    const code = (await agent?.stop()) ?? null
    agentLog += agent?.log() ?? ''
    agent = undefined
    return code
  }
  const noteSecrets = (): void => {
    const { serviceAccountToken } = JSON.parse(readFileSync(identityFile, 'utf8')) as { serviceAccountToken: string }
    secrets.add(serviceAccountToken)
    for (const name of ['data/device-key.pem', 'data/telemetry/agent.crt'])
      for (const line of readFileSync(file(name), 'utf8').split('\n')) if (line.length === 64) secrets.add(line)
  }

  before(async () => {
    server = await startServerProcess()
    muster = commandLine({ HOME: home, MUSTER_URL: server.apiUrl, MUSTER_TOKEN: server.ownerToken })
    const issued = await muster.json('token', 'create', '--label', 'two planes')
    tokenId = issued.id
    secrets.add(issued.token)
    writeFileSync(file('ca.pem'), await muster.text('api', 'GET', '/ca.pem'))
    mkdirSync(file('src/app'), { recursive: true })
    const lock = { lockfileVersion: 3, packages: { 'node_modules/left-pad': { version: '1.3.0' } } }
    writeFileSync(file('src/app/package-lock.json'), JSON.stringify(lock))
    writeFileSync(
      config,
      [
        '# this machine',
        `server: ${server.gatewayUrl}`,
        'serverCA: ca.pem',
        `enrollmentToken: ${issued.token} # once`,
        'dataDir: data',
        'observe: { watch: { projectRoots: [src] }, sync: { retryBaseSeconds: 1, checkInIntervalSeconds: 1 } }',
        'telemetry: { intervalSeconds: 15 }',
        '',
      ].join('\n'),
    )
    chmodSync(config, 0o600)
  })
  after(async () => {
    await agent?.stop()
    await server?.stop()
    rmSync(home, { recursive: true, force: true })
  })

  test('it joins both planes as one device, with a token for one use, which then leaves the file', async () => {
    agent = startAgent(config, env)
    const [device, ...others] = await until(heard, (devices) => devices[0]?.planes.length === 2)
    assert.equal(others.length, 0)
    assert.deepEqual(device?.planes.toSorted(), ['observe', 'telemetry'])
    assert.match(device?.agentId ?? '', /^agt_/)
    await until(
      async () => readFileSync(config, 'utf8'),
      (text) => !text.includes('enrollmentToken'),
    )
    assert.match(readFileSync(config, 'utf8'), /^# this machine\nserver: .*\nserverCA: ca\.pem\ndataDir: data\n/)
    const tokens = await muster.json('token', 'list')
    assert.equal(tokens.items.find(({ id }: { id: string }) => id === tokenId).useCount, 1)
    const { agentId } = JSON.parse(readFileSync(identityFile, 'utf8')) as { agentId: string }
    assert.equal(device?.agentId, agentId)
    noteSecrets()
  })

  test('how it does is known: its load, its disks, and that it lives', async () => {
    const [device] = await heard()
    const said = await until(
      () => agentCommand(config, env, 'status', '--json'),
      ({ out }) => JSON.parse(out).telemetry.lastHeartbeatAt !== null,
    )
    assert.equal(JSON.parse(said.out).telemetry.agentId, device?.agentId)
    const shown = await until(
      () => muster.json('device', 'show', device?.id ?? ''),
      ({ heartbeat }) => heartbeat !== null,
    )
    assert.ok(shown.heartbeat.memoryTotalBytes > 0 && shown.heartbeat.processCount > 0)
    assert.equal(shown.liveness, 'online')
    assert.equal((await agentCommand(config, env, 'doctor')).code, 0)
  })

  test('what its owner settled is told, and no policy raises it', async () => {
    const [device] = await heard()
    mkdirSync(file('private/app'), { recursive: true })
    const lock = { lockfileVersion: 3, packages: { 'node_modules/private-pad': { version: '1.0.0' } } }
    writeFileSync(file('private/app/package-lock.json'), JSON.stringify(lock))
    const roots = JSON.stringify(['~/private', '~/src'])
    writeFileSync(
      file('policy.yaml'),
      `apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: curious }\nagent: { watch: { projectRoots: ${roots} } }\n`,
    )
    const { generation } = await muster.json('policy', 'publish', file('policy.yaml'))
    const shown = await until(
      () => muster.json('device', 'show', device?.id ?? ''),
      ({ policy, ceiling }) => policy.reportedGeneration === generation && ceiling !== null,
    )
    const settled = { planes: ['observe', 'telemetry'], jobs: false }
    assert.deepEqual(shown.ceiling, { ...settled, scanRoots: [file('src')], scanRootsLeftOff: 0 })
    const explained = JSON.parse((await agentCommand(config, env, 'explain', '--json')).out)
    assert.deepEqual(explained.ceiling, { ...settled, scanRoots: [file('src')] })
    assert.deepEqual(explained.policy.refusedRoots, [file('private')])
    const inventory = `/api/fleet/v1/devices/${device?.id}/inventory?surface=javascriptPackages`
    const seen = await until(
      () => muster.text('api', 'GET', inventory),
      (text) => text.includes('left-pad'),
    )
    assert.ok(!seen.includes('private-pad'), seen)
    assert.match(await muster.text('device', 'show', device?.id ?? ''), /observe, telemetry; no jobs; projects below/)
  })

  test('after a restart it is the same agent, and asks for nothing again', async () => {
    const before = readFileSync(identityFile, 'utf8')
    assert.equal(await stopAgent(), 0)
    agent = startAgent(config, env)
    await until(
      async () => agent?.log() ?? '',
      (log) => log.includes('telemetry begins'),
    )
    assert.equal(readFileSync(identityFile, 'utf8'), before)
    assert.equal((await heard()).length, 1)
  })

  test('revoked, it stops for good on the one plane, and the other lane is refused by its own rules', async () => {
    const [device] = await heard()
    await muster.text('device', 'revoke', device?.id ?? '', '--reason', 'lost')
    await until(
      async () => agent?.log() ?? '',
      (log) => log.includes('server rejects this device') && log.includes('server does not accept this device'),
    )
    const { status } = JSON.parse(readFileSync(file('data/telemetry/rejected.json'), 'utf8')) as { status: number }
    assert.ok(status === 401 || status === 403)
    assert.equal(await stopAgent(), 0)
    writeFileSync(config, readFileSync(config, 'utf8').replace('dataDir', 'planes: [telemetry]\ndataDir'))
    const ended = await agentCommand(config, env, 'run')
    assert.equal(ended.code, 4, ended.err)
    agentLog += ended.err
  })

  test('none of its secrets is in a log, on either side', () => {
    assert.ok(secrets.size > 10 && agentLog.includes('agent enrolled'))
    for (const secret of secrets)
      for (const log of [agentLog, server.log()]) assert.equal(log.includes(secret), false, secret.slice(0, 8))
  })
})
