// The whole lane against a platform over real TLS, on real files: joining, being kept out, waking up, keeping secrets.
// Each rule has its own table beside it; that heartbeats go on is lane-beats.test.ts.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, test } from 'node:test'
import { deviceKeyFile, loadOrMakeKey } from '../../folder/device-key.ts'
import { certificateFile, identityFile } from './identity.ts'
import type { TestTime } from './testing/clocks.ts'
import { rawToken, useTelemetryLane } from './testing/lane-world.ts'
import { firstToken, keyIn, refusal, type TestPlatform } from './testing/platform.ts'

const world = useTelemetryLane()
let platform: TestPlatform
let dataDir: string
let configFile: string
let time: TestTime
let log: string[]
beforeEach(() => {
  ;({ platform, dataDir, configFile, time, log } = world.here())
})
const { start, configure, untilBeats } = world

test('a machine joins, keeps what it got to itself, and tells how it does', async () => {
  const lane = start()
  await untilBeats(2)
  assert.deepEqual(await lane.stop(), { end: 'stopped' })
  const [exchange] = platform.heard.exchanges
  assert.deepEqual(
    [exchange?.authorization, exchange?.body['enrollment_token'], exchange?.body['agent_class']],
    [undefined, rawToken, 'endpoint'],
  )
  assert.match(String(exchange?.body['nonce']), /^[A-Za-z0-9_-]{43}$/)
  const [first, second] = platform.heard.heartbeats
  assert.equal(first?.path, '/api/v1/agents/agt_1/telemetry/heartbeat')
  assert.deepEqual([first?.authorization, first?.certificate], [`Bearer ${firstToken}`, 'agt_1'])
  assert.deepEqual([first?.body['sequence'], second?.body['sequence']], [1, 2])
  assert.equal(first?.body['boot_id'], second?.body['boot_id'])
  assert.notEqual(first?.body['heartbeat_id'], second?.body['heartbeat_id'])
  assert.equal(readFileSync(configFile, 'utf8').includes(rawToken), false)
  assert.match(readFileSync(configFile, 'utf8'), /^# ours\n.*# trusted\ndataDir/s)
  for (const path of [deviceKeyFile(dataDir), identityFile(dataDir), certificateFile(dataDir)])
    assert.equal(statSync(path).mode & 0o777, 0o600, path)
  assert.equal(statSync(join(dataDir, 'telemetry')).mode & 0o777, 0o700)
})

test('files are private whatever the account’s habit is', async () => {
  const before = process.umask(0)
  try {
    const lane = start()
    await untilBeats(1)
    await lane.stop()
  } finally {
    process.umask(before)
  }
  for (const name of readdirSync(join(dataDir, 'telemetry')))
    assert.equal(statSync(join(dataDir, 'telemetry', name)).mode & 0o077, 0, name)
})

test('the key is on the disk before the first sentence, and every attempt has a nonce of its own', async () => {
  platform.levers.exchange.push(refusal(503, 'unavailable'), refusal(409, 'nonce_replayed'))
  const lane = start()
  await untilBeats(1)
  await lane.stop()
  const nonces = platform.heard.exchanges.map(({ body }) => body['nonce'])
  assert.equal(new Set(nonces).size, 3)
  const keys = platform.heard.exchanges.map(({ body }) => keyIn(String(body['csr_pem'])))
  assert.deepEqual(new Set(keys), new Set([loadOrMakeKey(dataDir).publicKeySha256]))
})

test('a device that waits for approval asks again with the same key, and keeps its token until then', async () => {
  platform.levers.exchange.push({
    status: 202,
    body: { status: 'pending', agent_id: 'agt_1', poll_after_seconds: 120 },
  })
  const lane = start()
  await platform.until(() => platform.heard.exchanges.length === 1)
  assert.match(readFileSync(configFile, 'utf8'), new RegExp(rawToken))
  await untilBeats(1)
  await lane.stop()
  assert.equal(time.waits[0], 132_000)
})

for (const [status, code] of [
  [401, 'enrollment_rejected'],
  [403, 'agent_class_not_allowed'],
  [422, 'csr_invalid'],
  [302, ''],
] as const)
  test(`an enrolment answered with ${status} ends the lane, and the token stays`, async () => {
    platform.levers.exchange.push({ ...refusal(status, code), headers: { location: '/elsewhere' } })
    assert.equal((await start().ended).end, 'refused')
    assert.match(readFileSync(configFile, 'utf8'), new RegExp(rawToken))
    assert.deepEqual([platform.heard.exchanges.length, platform.heard.others.length], [1, 0])
    assert.equal(existsSync(deviceKeyFile(dataDir)), true)
  })

test('beside another lane a refused token is waited out: another one is tried', async () => {
  platform.levers.exchange.push(refusal(401, 'enrollment_rejected'))
  const lane = start(false)
  await platform.until(() => platform.heard.exchanges.length === 1)
  writeFileSync(configFile, readFileSync(configFile, 'utf8').replace(rawToken, 'met_second'))
  await untilBeats(1)
  await lane.stop()
  assert.deepEqual(
    platform.heard.exchanges.map(({ body }) => body['enrollment_token']),
    [rawToken, 'met_second'],
  )
})

test('an answer to the exchange that cannot be used is an attempt that failed', async () => {
  platform.levers.exchange.push({ status: 201, body: '<html>' }, { status: 201, body: { agent_id: 'agt_1' } })
  const lane = start()
  await untilBeats(1)
  await lane.stop()
  assert.equal(platform.heard.exchanges.length, 3)
})

test('a platform without certificates is spoken to with the token alone', async () => {
  platform.levers.exchange.push({
    status: 201,
    body: { agent_id: 'agt_2', service_account_token: 'only-token', certificate_pem: '', later: 1 },
  })
  const lane = start()
  await untilBeats(1)
  await lane.stop()
  assert.deepEqual(
    [
      platform.heard.heartbeats[0]?.certificate,
      platform.heard.heartbeats[0]?.authorization,
      existsSync(certificateFile(dataDir)),
    ],
    [null, 'Bearer only-token', false],
  )
})

test('after a restart it is the same agent; a token left by a crash between the two writes goes', async () => {
  const first = start()
  await untilBeats(1)
  await first.stop()
  configure()
  const second = start()
  await untilBeats(2)
  await second.stop()
  assert.equal(platform.heard.exchanges.length, 1)
  assert.equal(readFileSync(configFile, 'utf8').includes(rawToken), false)
  const [one, two] = platform.heard.heartbeats.map(({ body }) => body['boot_id'])
  assert.notEqual(one, two)
})

test('somebody resets it beside the running agent: it is nobody, and joins again with a new token', async () => {
  const lane = start(false)
  await untilBeats(1)
  configure()
  rmSync(identityFile(dataDir))
  await platform.until(() => platform.heard.exchanges.length === 2)
  await untilBeats(3)
  await lane.stop()
})

test('a key that others can read is made private before it is used', async () => {
  loadOrMakeKey(dataDir)
  chmodSync(deviceKeyFile(dataDir), 0o644)
  const lane = start()
  await untilBeats(1)
  await lane.stop()
  assert.equal(statSync(deviceKeyFile(dataDir)).mode & 0o777, 0o600)
})

test('nothing secret is in the log of a life from the first exchange to the last refusal', async () => {
  platform.levers.exchange.push({ status: 201, body: { agent_id: 'agt_1', service_account_token: 7, echo: rawToken } })
  platform.levers.heartbeat.push(
    { status: 202, body: { service_account_token: 'second-token' } },
    { status: 500, body: `${rawToken} second-token` },
    { status: 200, headers: { 'x-echo': 'second-token' } },
    refusal(403, 'identity_revoked'),
  )
  assert.equal((await start().ended).end, 'rejected')
  const said = log.join('')
  assert.ok(said.includes('agent enrolled') && said.includes('server rejects this device'))
  const bodies = platform.heard.exchanges.map(({ body }) => body)
  const secrets = [
    rawToken,
    firstToken,
    'second-token',
    ...bodies.flatMap((body) => [body['nonce'], body['csr_pem'], body['hardware_fingerprint']]),
    ...readFileSync(deviceKeyFile(dataDir), 'utf8').split('\n').slice(1, -2),
    ...readFileSync(certificateFile(dataDir), 'utf8')
      .split('\n')
      .filter((line) => line.length === 64),
  ].filter((secret) => typeof secret === 'string')
  assert.ok(secrets.length > 10)
  for (const secret of secrets) assert.equal(said.includes(secret), false, secret.slice(0, 12))
})
