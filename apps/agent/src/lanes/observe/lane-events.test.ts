// The lane while it lives: file events, findings, rules of a policy, renewal, and a reset beside it.
// Joining, losing answers and restarting are tested in lane.test.ts.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, test } from 'node:test'
import { enrollmentFile, readEnrollment } from './enroll/enrollment.ts'
import { runObserveLane } from './lane.ts'
import type { Backend } from './testing/backend.ts'
import { useLane } from './testing/lane-world.ts'
import { createScripted, snapshotOf } from './testing/stores.ts'

let backend: Backend
let dataDir: string
let projects: string
const lane = useLane()
beforeEach(() => {
  ;({ backend, dataDir, projects } = lane.here())
})
const { lock, configure, needs, start, untilDatabase } = lane

test('a certificate in the last third of its life is renewed, for the same key, and the new one is shown', async () => {
  backend.levers.certificateDays = 2 / 24 / 60
  const { stop } = start()
  await backend.until(() => backend.heard.enrollments.length > 0)
  backend.levers.certificateDays = 90
  await untilDatabase(() => Date.parse(readEnrollment(dataDir)?.certificateExpiresAt ?? '') > Date.now() + 86_400_000)
  const checkIns = backend.heard.checkIns.length
  await backend.until(() => backend.heard.checkIns.length > checkIns)
  await stop()
  assert.equal(backend.heard.renewals.length, 1)
  assert.equal(backend.heard.renewals[0]?.publicKey, backend.heard.enrollments[0]?.publicKey)
  assert.equal(backend.heard.enrollments.length, 1)
})

test('a server that asks for it gets a renewal, and one that refuses is not pressed', async () => {
  backend.levers.isRenewalAsked = true
  backend.levers.renewRefusal = 'key_proof_invalid'
  const { stop } = start()
  await backend.until(() => backend.heard.checkIns.length > 2)
  await stop()
  assert.equal(backend.heard.renewals.length, 1)
})

test('with a poll once a day, an edit, a new project and one that is gone are told at once', async () => {
  configure({}, 500, { pollIntervalSeconds: 86_400, debounceMilliseconds: 20 })
  const { stop } = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  await untilDatabase(
    (db) => db.prepare('select count(*) as c from surface where watch_path_count > 0').get()?.['c'] === 1,
  )
  lock('shop', { a: '1.0.1' })
  await backend.until(() => backend.inventory().join() === 'a@1.0.1')
  lock('blog/site', { c: '3.0.0' })
  await backend.until(() => backend.inventory().join() === 'a@1.0.1,c@3.0.0')
  rmSync(join(projects, 'shop'), { recursive: true })
  await backend.until(() => backend.inventory().join() === 'c@3.0.0')
  await stop()
})

test('memory is given back after a scan that found nothing at all, too', async () => {
  const stop = new AbortController()
  let givenBack = 0
  const run = runObserveLane(
    {
      ...needs(),
      collectors: () => [createScripted(snapshotOf([]))],
      onLeftovers: () => {
        givenBack += 1
      },
    },
    stop.signal,
    () => stop.abort(),
  )
  await run
  assert.notEqual(givenBack, 0)
})

test('a backlog that was sent leaves much, and a batch or a scan little', async () => {
  const heard: string[] = []
  const packages = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, no) => [`p${no}`, '1.0.0']))
  lock('shop', packages(25))
  // One event to a batch, so that the backlog is one of many batches.
  const stop = new AbortController()
  configure({}, 1)
  const run = runObserveLane({ ...needs(), onLeftovers: (leftovers) => void heard.push(leftovers) }, stop.signal)
  await backend.until(() => backend.inventory().length === 25 && heard.includes('much'))
  assert.equal(heard.filter((leftovers) => leftovers === 'much').length, 1)
  lock('shop', packages(26))
  await backend.until(() => backend.inventory().length === 26)
  stop.abort()
  await run
  assert.equal(heard.filter((leftovers) => leftovers === 'much').length, 1)
  assert.ok(heard.includes('little'))
})

test('what rules find arrives as findings, each after its item', async () => {
  const { stop } = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  lock('shop', { a: '1.0.0', b: '2.0.0', c: '3.0.0' })
  await backend.until(() => backend.heard.findings.size > 0)
  await stop()
  const [{ kind, finding, localSequence } = assert.fail()] = backend.heard.findings.values()
  assert.deepEqual(
    [kind, finding.ruleId, finding.itemName, finding.severity, localSequence],
    ['modified', 'packages.new-javascript-package', 'c', 'info', 4],
  )
  assert.deepEqual([finding.evidence.matchedField, finding.evidence.matchedValue], ['kind', 'package'])
})

test('a policy brings rules, and what they find in what is there is told after it was applied', async () => {
  const rule = { id: 'acme.a', surface: 'javascriptPackages', triggers: ['present'], match: 'fieldContainsAny' }
  const { stop } = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  const rules = [{ ...rule, field: 'name', values: ['b'], severity: 'critical', title: 't', rationale: 'r' }]
  backend.levers.bundle = { generation: 'g9', json: JSON.stringify({ rules }) }
  await backend.until(() => backend.heard.findings.size > 0)
  await stop()
  assert.deepEqual(
    [...backend.heard.findings.values()].map(({ finding }) => [finding.ruleId, finding.itemName]),
    [['acme.a', 'b']],
  )
})

test('an identity that is reset beside the running agent is given up, and a new token joins again', async () => {
  const { stop } = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  backend.levers.deviceId = 'dev_2'
  rmSync(enrollmentFile(dataDir))
  configure({ enrollmentToken: 'met_again' })
  await backend.until(() => [...backend.heard.events.values()].some(({ deviceId }) => deviceId === 'dev_2'))
  await stop()
  assert.equal(backend.heard.enrollments.length, 2)
})
