// The whole lane against a platform over real TLS, with clocks that the test moves: its rhythm, and how it ends.
// Each rule has its own table beside it; joining is lane.test.ts.
import assert from 'node:assert/strict'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { beforeEach, test } from 'node:test'
import { startProxy } from '@muster/http/testing'
import { adoptNextKey, loadOrMakeNextKey } from '../../folder/device-key.ts'
import { certificateFile, readIdentity, rejectionFile } from './identity.ts'
import type { TestTime } from './testing/clocks.ts'
import { useTelemetryLane } from './testing/lane-world.ts'
import { firstToken, refusal, type TestPlatform } from './testing/platform.ts'

const world = useTelemetryLane()
let platform: TestPlatform
let dataDir: string
let time: TestTime
let log: string[]
beforeEach(() => {
  ;({ platform, dataDir, time, log } = world.here())
})
const adoptAnother = (folder: string): void => {
  loadOrMakeNextKey(folder)
  adoptNextKey(folder)
}
const { start, beats, untilBeats } = world

test('the server’s interval is obeyed, start to start', async () => {
  platform.levers.accepted['next_heartbeat_seconds'] = 20
  const lane = start()
  await untilBeats(3)
  await lane.stop()
  const waits = time.waits.slice(1, 5)
  assert.deepEqual(waits, [10_000, 10_000, 10_000, 10_000])
})

test('joining and beating go through the proxy that the owner names', async () => {
  const proxy = await startProxy()
  appendFileSync(world.here().configFile, `proxyUrl: ${proxy.url}\n`)
  const lane = start()
  await untilBeats(1)
  await lane.stop()
  assert.deepEqual(new Set(proxy.asked.map(({ to }) => to)), new Set([new URL(platform.url).host]))
  proxy.close()
})

test('without answers it backs off, heeds Retry-After, and starts anew after a success', async () => {
  time.jitter = 1
  platform.levers.heartbeat.push(
    refusal(500, 'unavailable'),
    refusal(502, ''),
    refusal(429, 'rate_limited', { 'retry-after': '7' }),
    { status: 202 },
    refusal(503, 'unavailable'),
  )
  const lane = start()
  await untilBeats(6)
  await lane.stop()
  const ms = (value: number): number => Math.round(value)
  const first = time.waits.slice(1, 4).map(ms)
  assert.deepEqual(first, [5_000, 10_000, 7_700])
  assert.equal(
    time.waits.map(ms).filter((value) => value === 5_000).length,
    3,
    'the spread of the first, and twice anew',
  )
})

test('a machine that woke up says so soon, and not when the interval is over', async () => {
  platform.levers.accepted['next_heartbeat_seconds'] = 3600
  const lane = start()
  await untilBeats(1)
  time.sleepMs = 3 * 3_600_000
  const waits = time.waits.length
  await untilBeats(2)
  await lane.stop()
  const since = time.waits.slice(waits)
  assert.ok(since.length <= 4 && since.includes(5_000), since.join())
})

for (const status of [413, 422])
  test(`after ${status} only the required facts are said`, async () => {
    platform.levers.heartbeat.push(refusal(status, 'invalid_heartbeat'))
    const lane = start()
    await untilBeats(2)
    await lane.stop()
    const [full, minimal] = platform.heard.heartbeats.map(({ body }) => Object.keys(body))
    assert.equal(full?.includes('boot_id'), true)
    assert.equal(minimal?.length, 14)
    for (const key of ['boot_id', 'sequence', 'capabilities', 'collection_errors'])
      assert.equal(minimal?.includes(key), false)
  })

for (const [status, code] of [
  [401, 'unknown_agent'],
  [403, 'identity_revoked'],
] as const)
  test(`a ${status} ends the lane for good: a marker, nothing deleted, nothing sent any more`, async () => {
    platform.levers.heartbeat.push({ status: 202 }, refusal(status, code))
    assert.deepEqual(await start().ended, { end: 'rejected', status, code })
    const { at, ...marker } = JSON.parse(readFileSync(rejectionFile(dataDir), 'utf8'))
    assert.deepEqual(marker, { status, code })
    assert.ok(Date.parse(at) > 0)
    assert.ok(readIdentity(dataDir) !== null && existsSync(certificateFile(dataDir)))
    const before = beats()
    assert.deepEqual(await start().ended, { end: 'rejected', status, code })
    assert.equal(beats(), before)
  })

test('no other status ends it, and redirects are not followed', async () => {
  const statuses = [301, 302, 307, 400, 404, 405, 407, 408, 409, 410, 415, 418, 425, 429, 500, 501, 503, 507]
  platform.levers.heartbeat.push(...statuses.map((status) => ({ ...refusal(status, ''), headers: { location: '/x' } })))
  const lane = start()
  await untilBeats(statuses.length + 1)
  await lane.stop()
  assert.equal(platform.heard.others.length, 0)
})

test('a good answer in no known form, or far too large, is a good answer', async () => {
  platform.levers.heartbeat.push(
    { status: 202, body: 'thanks' },
    { status: 200, body: 'x'.repeat(3 << 20) },
    { status: 204 },
  )
  const lane = start()
  await untilBeats(4)
  await lane.stop()
  assert.equal(
    log.some((line) => line.includes('not delivered')),
    false,
  )
})

test('a renewed token is on the disk before it is used', async () => {
  platform.levers.heartbeat.push({
    status: 202,
    body: { service_account_token: 'second-token', service_account_token_expires_at: '2028-01-01T00:00:00.000Z' },
  })
  const lane = start()
  await untilBeats(2)
  await lane.stop()
  assert.equal(platform.heard.heartbeats[1]?.authorization, 'Bearer second-token')
  assert.deepEqual(
    [readIdentity(dataDir)?.serviceAccountToken.reveal(), readIdentity(dataDir)?.serviceAccountTokenExpiresAt],
    ['second-token', '2028-01-01T00:00:00.000Z'],
  )
})

test('a certificate in its last third is rotated, and a failure waits an hour without holding up heartbeats', async () => {
  platform.levers.certificateAgeDays = 70
  platform.levers.rotate.push(refusal(503, 'unavailable'))
  const lane = start()
  await platform.until(() => platform.heard.rotations.length === 1)
  platform.levers.certificateAgeDays = 0
  await platform.until(() => platform.heard.rotations.length === 2)
  const between = beats()
  await untilBeats(between + 2)
  await lane.stop()
  assert.ok(between > 50, `${between} heartbeats in an hour`)
  assert.equal(platform.heard.rotations.length, 2)
  assert.equal(platform.heard.rotations[0]?.authorization, `Bearer ${firstToken}`)
  assert.notEqual(platform.heard.rotations[0]?.body['nonce'], platform.heard.rotations[1]?.body['nonce'])
  assert.match(
    readFileSync(certificateFile(dataDir), 'utf8'),
    /^-----BEGIN CERTIFICATE-----.*-----BEGIN CERTIFICATE-----/s,
  )
})

test('it stops at once while the server keeps it waiting', async () => {
  const lane = start()
  await untilBeats(1)
  platform.levers.isSilent = true
  await untilBeats(2)
  assert.deepEqual(await lane.stop(), { end: 'stopped' })
})

test('it stops at once while a fact hangs', async () => {
  const asked = Promise.withResolvers<void>()
  const lane = start(true, () => {
    asked.resolve()
    return new Promise(() => {})
  })
  await asked.promise
  assert.deepEqual(await lane.stop(), { end: 'stopped' })
  assert.equal(beats(), 0)
})

test('a fact that could not be had is null, with its reason beside it', async () => {
  const lane = start()
  await untilBeats(1)
  await lane.stop()
  const { process_count: count, collection_errors: errors } = platform.heard.heartbeats[0]?.body ?? {}
  assert.deepEqual([count, errors], [null, [{ fact: 'process_count', code: 'permission_denied' }]])
})

test('a device that has another key shows no certificate of the old one, and gets one for the new', async () => {
  const first = start()
  await untilBeats(1)
  await first.stop()
  adoptAnother(dataDir)
  const second = start()
  await platform.until(() => platform.heard.rotations.length === 1)
  const before = beats()
  await untilBeats(before + 1)
  await second.stop()
  assert.deepEqual(
    platform.heard.heartbeats.map(({ certificate }) => certificate).filter((_, at) => at < 2 || at === before),
    ['agt_1', null, 'agt_1'],
  )
  assert.equal(platform.heard.exchanges.length, 1)
})
