// Changing a device's key against a backend over real TLS: proved by itself, and whole after being cut off anywhere.
// When a renewal is due is decide.test.ts; the command is tested in main.test.ts.
import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, test } from 'node:test'
import { renewalStatement } from '@muster/contract/device'
import { createFakeClock, Secret, silentLog, systemClock } from '@muster/kernel'
import { readMachine } from '../../../configuration/machine.ts'
import { deviceKeyFile, loadOrMakeKey, loadOrMakeNextKey, nextKeyFile } from '../../../folder/device-key.ts'
import { describeHost } from '../host.ts'
import { createMembership } from '../membership.ts'
import { connectSensorServer, type SensorServer } from '../sync/sensor-server.ts'
import { type Backend, startBackend } from '../testing/backend.ts'
import { scratchFolder } from '../testing/stores.ts'
import { type Enrollment, readEnrollment, writeEnrollment } from './enrollment.ts'
import { createRenewal, renewOnce } from './renew.ts'
import { settledKey } from './settled-key.ts'

let backend: Backend
let dataDir: string
let enrollment: Enrollment
let sensors: SensorServer
const join = () =>
  createMembership({
    dataDir,
    server: backend.url,
    access: backend.access,
    namedDevice: null,
    host: describeHost(readMachine({})),
    clock: systemClock,
    log: silentLog,
    readToken: () => new Secret('met_x'),
    spendToken: () => {},
  }).join()

beforeEach(async () => {
  backend = await startBackend()
  dataDir = scratchFolder()
  const joined = await join()
  assert.ok(joined.is === 'member')
  enrollment = joined.enrollment
  const identity = { certificatePem: enrollment.clientCertificate, keyPem: loadOrMakeKey(dataDir).privatePem }
  sensors = connectSensorServer({ server: backend.url, access: backend.access, identity })
})
afterEach(async () => {
  sensors.close()
  await backend.hangUp()
})

const month = 30 * 86_400_000
const jumps = [
  { name: 'forward by a month', byMs: month, want: 0 },
  { name: 'forward beyond its end', byMs: 72 * month, want: 1 },
  { name: 'back by a month', byMs: -month, want: 0 },
  { name: 'back beyond its beginning', byMs: -72 * month, want: 0 },
]
for (const { name, byMs, want } of jumps)
  test(`a clock that is put ${name} renews the certificate ${want === 0 ? 'only when asked' : 'once, and again when asked'}`, async () => {
    const clock = createFakeClock(Date.now())
    const renewal = createRenewal({ dataDir, clock, log: silentLog })
    clock.advance(byMs)
    let held = enrollment
    const turn = async (isAsked: boolean): Promise<void> => {
      held = (await renewal.renewIfDue(held, sensors, isAsked))?.enrollment ?? held
    }
    for (let turns = 0; turns < 3; turns += 1) await turn(false)
    assert.equal(backend.heard.renewals.length, want)
    await turn(true)
    assert.equal(backend.heard.renewals.length, want + 1)
  })

test('a renewal leaves the numbers where they have got to', async () => {
  writeEnrollment(dataDir, { ...enrollment, nextLocalSequence: 40 })
  assert.ok((await renewOnce(dataDir, enrollment, sensors)).ok)
  assert.equal(readEnrollment(dataDir)?.nextLocalSequence, 40)
})

test('a new key signs for itself, takes the place of the old one, and the device stays who it is', async () => {
  const before = settledKey(dataDir)
  const next = loadOrMakeNextKey(dataDir)
  const renewed = await renewOnce(dataDir, enrollment, sensors)
  assert.ok(renewed.ok)
  const { proof = '', publicKey = '' } = backend.heard.renewals[0] ?? {}
  const said = createPublicKey(Buffer.from(publicKey, 'base64').toString())
  const statement = Buffer.from(renewalStatement('dev_1', next.publicKeySha256))
  assert.ok(verify('sha256', statement, said, Buffer.from(proof, 'base64')))
  assert.deepEqual(
    [existsSync(nextKeyFile(dataDir)), settledKey(dataDir).publicKeySha256],
    [false, next.publicKeySha256],
  )
  assert.notEqual(before.publicKeySha256, next.publicKeySha256)
  const member = await join()
  assert.ok(member.is === 'member')
  assert.deepEqual([member.enrollment.deviceId, backend.heard.enrollments.length], ['dev_1', 1])
})

test('without a key that is to follow, the present one is asked for, and needs no proof', async () => {
  assert.ok((await renewOnce(dataDir, enrollment, sensors)).ok)
  const [asked] = backend.heard.renewals
  assert.deepEqual([asked?.publicKey, asked?.proof], [backend.heard.enrollments[0]?.publicKey, undefined])
})

test('an answer that was lost is asked for again with the same key', async () => {
  const next = loadOrMakeNextKey(dataDir)
  const lost = {
    renew: async (body: Parameters<SensorServer['renew']>[0]) => {
      await sensors.renew(body)
      throw new Error('the answer is lost')
    },
  }
  await assert.rejects(renewOnce(dataDir, enrollment, lost), /is lost/)
  assert.equal(settledKey(dataDir).publicKeySha256, enrollment.publicKeySha256)
  assert.ok((await renewOnce(dataDir, enrollment, sensors)).ok)
  assert.deepEqual(new Set(backend.heard.renewals.map(({ publicKey }) => publicKey)).size, 1)
  assert.equal(settledKey(dataDir).publicKeySha256, next.publicKeySha256)
})

test('a power cut between the two files of a change leaves the new key in force', () => {
  const old = readFileSync(deviceKeyFile(dataDir), 'utf8')
  const next = loadOrMakeNextKey(dataDir)
  writeEnrollment(dataDir, { ...enrollment, publicKeySha256: next.publicKeySha256 })
  assert.equal(settledKey(dataDir).publicKeySha256, readEnrollment(dataDir)?.publicKeySha256)
  assert.notEqual(readFileSync(deviceKeyFile(dataDir), 'utf8'), old)
})
