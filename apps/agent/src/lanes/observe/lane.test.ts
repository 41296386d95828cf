// The whole lane against a backend over real TLS, on real files: joining, telling, losing answers, heeding, restarting.
// Each rule has its own table beside it; here is only that they are carried out together.
import assert from 'node:assert/strict'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, test } from 'node:test'
import { deviceKeyFile } from '../../folder/device-key.ts'
import { enrollmentFile } from './enroll/enrollment.ts'
import { laneDatabase } from './lane-database.ts'
import { createMembership } from './membership.ts'
import { readNote } from './notes.ts'
import type { Backend } from './testing/backend.ts'
import { useLane } from './testing/lane-world.ts'

let backend: Backend
let dataDir: string
let projects: string
let configFile: string
const lane = useLane()
beforeEach(() => {
  ;({ backend, dataDir, projects, configFile } = lane.here())
})
const { lock, configure, needs, start, sequences, names, untilDatabase, stored, untilStored, lastScan } = lane

test('a machine joins with its token, tells all it has, and keeps its secrets to itself', async () => {
  const { stop } = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  await stop()
  assert.deepEqual(backend.inventory(), ['a@1.0.0', 'b@2.0.0'])
  assert.deepEqual(sequences(), [1, 2])
  const [enrolled] = backend.heard.enrollments
  assert.equal(enrolled?.token, 'met_first')
  assert.match(enrolled?.sensorVersion ?? '', /^muster-agent\/\d+\.\d+\.\d+$/)
  assert.equal(Buffer.from(enrolled?.publicKey ?? '', 'base64').length, 177)
  assert.deepEqual(backend.heard.checkIns[0]?.health, { syncBacklogEvents: 0, syncBacklogBytes: 0 })
  assert.doesNotMatch(readFileSync(configFile, 'utf8'), /met_first/)
  assert.doesNotMatch(readFileSync(enrollmentFile(dataDir), 'utf8'), /PRIVATE|met_first/)
  for (const path of [deviceKeyFile(dataDir), enrollmentFile(dataDir), laneDatabase(dataDir)])
    assert.equal(statSync(path).mode & 0o777, 0o600, path)
})

test('an edit arrives as what changed and nothing more', async () => {
  const { stop } = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  lock('shop', { a: '1.0.1', b: '2.0.0' })
  lock('blog', { c: '3.0.0' })
  await backend.until(() => backend.heard.events.size >= 5)
  await stop()
  assert.deepEqual(names().slice(2).toSorted(), ['added a@1.0.1', 'added c@3.0.0', 'removed a@1.0.0'])
  assert.deepEqual(backend.inventory(), ['a@1.0.1', 'b@2.0.0', 'c@3.0.0'])
})

test('after a restart it is the same device and tells nothing twice', async () => {
  const first = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  await first.stop()
  lock('shop', { a: '1.0.0' })
  const checkIns = backend.heard.checkIns.length
  const second = start()
  await backend.until(() => backend.heard.events.size >= 3 && backend.heard.checkIns.length > checkIns)
  await second.stop()
  assert.equal(backend.heard.enrollments.length, 1)
  assert.deepEqual(names().slice(2), ['removed b@2.0.0'])
  assert.deepEqual(sequences(), [1, 2, 3])
})

test('a lost answer is answered by the same events again, and nothing is doubled', async () => {
  backend.levers.loseAnswers = 1
  const { stop } = start()
  await backend.until(() => backend.heard.syncs.length === 2)
  await stop()
  const sent = backend.heard.syncs.map(({ events }) => JSON.stringify(events))
  assert.deepEqual(new Set(sent).size, 1)
  assert.equal(backend.heard.events.size, 2)
})

test('what the server leaves undecided comes again, and a large backlog leaves in one go', async () => {
  configure({}, 2)
  lock('many', Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`p${at}`, '1'])))
  backend.levers.decideAtMost = 1
  const { stop } = start()
  await backend.until(() => backend.heard.events.size >= 2)
  backend.levers.decideAtMost = Number.POSITIVE_INFINITY
  await backend.until(() => backend.heard.events.size === 11 && backend.heard.checkIns.length > 0)
  await stop()
  assert.deepEqual(
    [...new Set(sequences())].toSorted((a, b) => a - b),
    Array.from({ length: 11 }, (_, at) => at + 1),
  )
  assert.equal(backend.inventory().length, 11)
})

test('a server that goes away and comes back has everything in the end', async () => {
  const { stop } = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  await backend.hangUp()
  lock('blog', { c: '3.0.0' })
  await untilStored('c')
  await backend.comeBack()
  await backend.until(() => backend.inventory().includes('c@3.0.0'))
  await stop()
  assert.deepEqual(sequences(), [1, 2, 3])
})
test('what was scanned before there was a server is told once there is one', async () => {
  configure({ server: undefined, serverCA: undefined, enrollmentToken: undefined })
  const alone = start()
  await untilStored('b')
  await alone.stop()
  configure()
  const { stop } = start()
  await backend.until(() => backend.heard.events.size === 2)
  await stop()
  assert.deepEqual(backend.inventory(), ['a@1.0.0', 'b@2.0.0'])
})

test('asked for everything, it really sends everything again', async () => {
  const { stop } = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  backend.levers.resnapshot = true
  await backend.until(() => backend.heard.events.size >= 4)
  await stop()
  assert.deepEqual(names(), ['added a@1.0.0', 'added b@2.0.0', 'added a@1.0.0', 'added b@2.0.0'])
})

const bundle = (generation: string, watch: unknown) => ({
  generation,
  json: JSON.stringify({ watch, rules: [], sync: {} }),
})

test('a policy is fetched, obeyed, reported, and survives a restart without the server', async () => {
  lock('blog', { c: '3.0.0' })
  const first = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  backend.levers.bundle = bundle('g1', { projectRoots: [join(projects, 'blog'), '/etc'], pollIntervalSeconds: 30 })
  await backend.until(() => backend.heard.checkIns.at(-1)?.activeConfigGeneration === 'g1')
  await backend.until(() => backend.inventory().join() === 'c@3.0.0')
  await first.stop()
  await backend.hangUp()
  lock('shop', { d: '4.0.0' })
  const before = await stored(lastScan)
  const alone = start()
  await untilDatabase((db) => lastScan(db) !== before)
  await alone.stop()
  await backend.comeBack()
  const second = start()
  const heard = backend.heard.checkIns.length
  await backend.until(() => backend.heard.checkIns.length > heard)
  await second.stop()
  assert.equal(backend.heard.checkIns.at(-1)?.activeConfigGeneration, 'g1')
  assert.deepEqual(backend.inventory(), ['c@3.0.0'])
})

test('a policy that cannot be read changes nothing, is not reported, and is not fetched for ever', async () => {
  backend.levers.bundle = { generation: 'g9', json: '{"watch":{"maxDepth":"deep"}}' }
  const { stop } = start()
  await backend.until(() => backend.heard.checkIns.length > 2)
  await stop()
  assert.deepEqual(
    new Set(backend.heard.checkIns.map(({ activeConfigGeneration }) => activeConfigGeneration)),
    new Set(['']),
  )
  assert.ok(backend.heard.configs.length <= 2)
  assert.deepEqual(backend.inventory(), ['a@1.0.0', 'b@2.0.0'])
  assert.match((await stored((db) => readNote(db, 'policy.fault'))) ?? '', /watch\.maxDepth/)
})

test('a device the server no longer accepts goes on scanning and says why it is silent', async () => {
  const first = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  await first.stop()
  backend.levers.protectedRefusal = 'device_not_active'
  lock('blog', { c: '3.0.0' })
  const { stop } = start()
  await untilStored('c')
  await backend.until(() => backend.heard.refused >= 2)
  await stop()
  assert.match(
    (await stored((db) => readNote(db, 'sync.last_fault'))) ?? '',
    /^device_not_active; an operator .* can reactivate it/,
  )
  backend.levers.protectedRefusal = null
  const { stop: stopAgain } = start()
  await backend.until(() => backend.inventory().includes('c@3.0.0'))
  await stopAgain()
})

test('a lost database tells everything again and its numbers go on', async () => {
  const first = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  await first.stop()
  for (const side of ['', '-wal', '-shm']) rmSync(laneDatabase(dataDir) + side, { force: true })
  const { stop } = start()
  await backend.until(() => backend.heard.events.size >= 4)
  await stop()
  assert.deepEqual(sequences(), [1, 2, 3, 4])
})

test('a new identity starts its numbers at one and tells everything as its own', async () => {
  const first = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  await backend.hangUp()
  lock('blog', { c: '3.0.0' })
  await untilStored('c')
  await first.stop()
  rmSync(enrollmentFile(dataDir))
  configure({ enrollmentToken: 'met_second' })
  backend.levers.deviceId = 'dev_2'
  await backend.comeBack()
  backend.heard.events.clear()
  const { stop } = start()
  await backend.until(() => backend.heard.events.size >= 3)
  await stop()
  assert.deepEqual(sequences(), [1, 2, 3])
  assert.deepEqual(new Set([...backend.heard.events.values()].map(({ deviceId }) => deviceId)), new Set(['dev_2']))
  assert.equal(backend.heard.enrollments[0]?.publicKey, backend.heard.enrollments[1]?.publicKey)
})

const membershipHere = () => {
  const ready = needs()
  return createMembership({
    ...ready,
    dataDir,
    server: ready.configuration.server ?? '',
    access: backend.access,
    namedDevice: null,
  })
}

test('a refused token is not tried again until it is another', async () => {
  backend.levers.enrollRefusal = 'enrollment_refused'
  const membership = membershipHere()
  const outcomes = [await membership.join(), await membership.join(), await membership.join()]
  assert.deepEqual(
    outcomes.map((outcome) => outcome.is === 'outsider' && outcome.because),
    ['declined', 'token_refused', 'token_refused'],
  )
  assert.equal(backend.heard.enrollments.length, 1)
  assert.match(readFileSync(configFile, 'utf8'), /met_first/)
})

test('an enrolment with one server is not used with another', async () => {
  const first = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  await first.stop()
  const ready = needs()
  const elsewhere = createMembership({
    ...ready,
    dataDir,
    server: 'https://elsewhere',
    access: backend.access,
    namedDevice: null,
  })
  const outcome = await elsewhere.join()
  assert.equal(outcome.is === 'outsider' && outcome.because, 'server_changed')
})

test('a crash between the two writes of an enrolment leaves a token that is taken away at the next start', async () => {
  const first = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  await first.stop()
  configure({ enrollmentToken: 'met_left_over' })
  assert.equal((await membershipHere().join()).is, 'member')
  assert.doesNotMatch(readFileSync(configFile, 'utf8'), /met_left_over/)
  assert.equal(backend.heard.enrollments.length, 1)
})
