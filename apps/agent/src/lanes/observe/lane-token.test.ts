// The lane with a server in its development mode: the shared token with and without a certificate, and a device that is
// who its owner says it is (sensor-protocol 1, 4.2; sensor-agent 11, 18).
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { beforeEach, test } from 'node:test'
import { enrollmentFile } from './enroll/enrollment.ts'
import type { Backend } from './testing/backend.ts'
import { useLane } from './testing/lane-world.ts'

const world = useLane()
const { start, configure } = world
let backend: Backend
beforeEach(() => {
  ;({ backend } = world.here())
})

const saySync = (said: Record<string, unknown>): void => {
  const { configFile } = world.here()
  const text = readFileSync(configFile, 'utf8')
  writeFileSync(configFile, text.replace('"checkInIntervalSeconds":1', `$&,${JSON.stringify(said).slice(1, -1)}`))
}

const named = { sensorToken: 'shared', tenantID: 'default', deviceID: 'dev_9' }

test('a device that is named uploads and checks in under that name, and asks for no policy and no certificate', async () => {
  configure({ enrollmentToken: undefined })
  saySync(named)
  backend.levers.sensorToken = 'shared'
  backend.levers.bundle = { generation: 'g1', json: '{}' }
  backend.levers.isRenewalAsked = true
  const lane = start()
  await backend.until(() => backend.heard.checkIns.length > 2)
  await lane.stop()
  const { enrollments, configs, renewals, checkIns, syncs, sensorTokens } = backend.heard
  assert.deepEqual([enrollments, configs, renewals], [[], [], []])
  assert.deepEqual(new Set(checkIns.map(({ activeConfigGeneration: active }) => active)), new Set(['']))
  const names = [...checkIns, ...syncs].map(({ tenantId, deviceId }) => `${tenantId}/${deviceId}`)
  assert.deepEqual(new Set(names), new Set(['default/dev_9']))
  assert.deepEqual(backend.inventory(), ['a@1.0.0', 'b@2.0.0'])
  assert.deepEqual(new Set(sensorTokens), new Set(['shared']))
  assert.equal(existsSync(enrollmentFile(world.here().dataDir)), false)
})

test('a device that enrols says the token beside its certificate, and never while it enrols', async () => {
  saySync({ ...named, sensorToken: '' })
  const lane = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  await lane.stop()
  const { enrollments, configs, checkIns, syncs, sensorTokens } = backend.heard
  assert.equal(enrollments.length, 1)
  assert.deepEqual(new Set(sensorTokens), new Set(['']))
  assert.equal(sensorTokens.length, configs.length + checkIns.length + syncs.length)
  assert.equal(checkIns[0]?.deviceId, 'dev_1', 'who enrolled is who the server said')
})

test('without a token none is said, and a name without a token names nobody', async () => {
  saySync({ tenantID: 'default', deviceID: 'dev_9' })
  const lane = start()
  await backend.until(() => backend.heard.checkIns.length > 0)
  await lane.stop()
  assert.deepEqual([backend.heard.sensorTokens, backend.heard.checkIns[0]?.deviceId], [[], 'dev_1'])
})
