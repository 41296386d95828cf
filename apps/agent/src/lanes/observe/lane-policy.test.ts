// The lane while its policy cannot be had, or says nothing: who it is, what it scans and what it reports stay as they were
// (sensor-agent 12.2, 15, 18). Policies that can be had are tested in lane.test.ts.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, test } from 'node:test'
import { readEnrollment } from './enroll/enrollment.ts'
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
const { lock, start } = lane

const bundle = (generation: string, projectRoots: readonly string[]) => ({
  generation,
  json: JSON.stringify({ watch: { projectRoots, pollIntervalSeconds: 30 }, rules: [], sync: {} }),
})
const everything = ['a@1.0.0', 'b@2.0.0']
const reported = (from = 0) => new Set(backend.heard.checkIns.slice(from).map((said) => said.activeConfigGeneration))
const speakers = () =>
  new Set([...backend.heard.configs, ...backend.heard.checkIns, ...backend.heard.syncs].map(({ deviceId }) => deviceId))

/** One life of the lane, until it has asked for its policy and then checked in twice more. */
const liveOnce = async (): Promise<void> => {
  const { configs, checkIns } = backend.heard
  const [asked, checked] = [configs.length, checkIns.length]
  const { stop } = start()
  await backend.until(() => configs.length > asked && checkIns.length > checked + 1)
  await stop()
}

test('a first policy that cannot be fetched costs no identity and no scan, and is in force once it can be', async () => {
  backend.levers.isConfigBroken = true
  backend.levers.bundle = bundle('g1', [join(projects, 'shop')])
  const { stop } = start()
  await backend.until(() => backend.heard.configs.length > 1 && backend.heard.checkIns.length > 1)
  assert.equal(readEnrollment(dataDir)?.deviceId, 'dev_1')
  assert.doesNotMatch(readFileSync(configFile, 'utf8'), /met_first/)
  assert.deepEqual([backend.inventory(), reported(), speakers()], [everything, new Set(['']), new Set(['dev_1'])])
  backend.levers.isConfigBroken = false
  await backend.until(() => backend.heard.checkIns.at(-1)?.activeConfigGeneration === 'g1')
  await stop()
  assert.equal(backend.heard.enrollments.length, 1)
})

test('who has joined before and cannot fetch its policy stays who it is, with the policy it has or its own settings', async () => {
  await liveOnce()
  backend.levers.isConfigBroken = true
  await liveOnce()
  assert.deepEqual([reported(), backend.inventory()], [new Set(['']), everything])
  backend.levers.isConfigBroken = false
  backend.levers.bundle = bundle('g1', [join(projects, 'shop')])
  await liveOnce()
  backend.levers.isConfigBroken = true
  backend.levers.bundle = bundle('g2', [])
  lock('shop', { a: '1.0.0' })
  const before = backend.heard.checkIns.length
  await liveOnce()
  assert.deepEqual([reported(before), backend.inventory()], [new Set(['g1']), ['a@1.0.0']])
  assert.deepEqual([backend.heard.enrollments.length, speakers()], [1, new Set(['dev_1'])])
})

test('a bundle that is empty changes nothing, whatever its label: neither the settings nor a policy in force', async () => {
  await liveOnce()
  backend.levers.bundle = { generation: 'g7', json: '' }
  await liveOnce()
  assert.deepEqual([reported(), backend.inventory()], [new Set(['']), everything])
  backend.levers.bundle = bundle('g8', [join(projects, 'shop')])
  await liveOnce()
  backend.levers.bundle = { generation: 'g9', json: '' }
  const [asked, before] = [backend.heard.configs.length, backend.heard.checkIns.length]
  lock('blog', { c: '3.0.0' })
  await liveOnce()
  assert.deepEqual([reported(before), backend.inventory()], [new Set(['g8']), everything])
  assert.ok(backend.heard.configs.length <= asked + 2)
  assert.deepEqual([backend.heard.enrollments.length, speakers()], [1, new Set(['dev_1'])])
})
