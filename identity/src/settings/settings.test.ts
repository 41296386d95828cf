// Settings of tenants on both engines: the defaults, what an owner changes, and that it counts at once, elsewhere too.
// Which thresholds make sense together is a table at the end.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DEFAULT_AGENT_SETTINGS, DEFAULT_LIVENESS, type LivenessThresholds } from '@muster/contract'
import type { Result } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { wholeTenant } from '../bounds.ts'
import { by, enrolled, openTestRoom, type TestRoom, tenantId } from '../room.fixture.ts'
import { decideThresholds } from './decide.ts'

const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.refusal.code)
const slow: LivenessThresholds = { onlineSeconds: 3600, idleSeconds: 7200, offlineSeconds: 86_400 }

eachEngine((engine) => {
  let room: TestRoom
  before(async () => {
    room = await openTestRoom(engine)
  })
  after(() => room.close())

  test('a tenant has the defaults until its owner says otherwise, and only that tenant changes', async () => {
    const other = await room.another()
    const { deviceId } = await enrolled(room.identity, await room.token())
    const foreign = await enrolled(room.identity, await room.token({}, 'other'))
    room.clock.advance(30 * 60_000)
    const livenessOf = async (tenant: string, id: string, { identity } = other) => {
      const device = await identity.devices.read(wholeTenant(tenant), id)
      assert.ok(device.ok)
      return device.value.liveness
    }
    const { settings, devices } = room.identity
    assert.deepEqual(settings.read(tenantId), {
      liveness: DEFAULT_LIVENESS,
      agents: DEFAULT_AGENT_SETTINGS,
      version: 0,
    })
    assert.equal(await livenessOf(tenantId, deviceId), 'offline')

    const changed = await settings.change(by, tenantId, 0, { liveness: slow })
    assert.deepEqual(changed.ok && changed.value, {
      liveness: slow,
      agents: DEFAULT_AGENT_SETTINGS,
      version: 1,
    })
    await other.identity.directory.refresh()
    assert.equal(await livenessOf(tenantId, deviceId), 'online')
    assert.equal(await livenessOf('other', foreign.deviceId), 'offline')
    assert.equal((await devices.counts(wholeTenant(tenantId))).byLiveness.online, 1)
    assert.equal((await devices.livenessCounts()).online, 1)
    const online = await devices.list(wholeTenant(tenantId), { liveness: 'online' })
    assert.equal(online.ok && online.value.items.length, 1)
    assert.equal(codeOf(await settings.change(by, tenantId, 0, { liveness: slow })), 'version_stale')
    assert.equal(codeOf(await settings.change(by, tenantId, 1, { liveness: DEFAULT_LIVENESS })), 'ok')
    const told = room.audit.filter(({ action }) => action === 'settings.changed')
    assert.deepEqual(told[0]?.details, { liveness: slow, from: DEFAULT_LIVENESS })
    const restarted = await room.another()
    assert.equal(restarted.identity.settings.read(tenantId).version, 2)
  })
})

const thresholds: readonly [LivenessThresholds, string][] = [
  [DEFAULT_LIVENESS, 'ok'],
  [{ onlineSeconds: 900, idleSeconds: 900, offlineSeconds: 1000 }, 'request_malformed'],
  [{ onlineSeconds: 60, idleSeconds: 120, offlineSeconds: 120 }, 'request_malformed'],
  [{ onlineSeconds: 600, idleSeconds: 300, offlineSeconds: 900 }, 'request_malformed'],
]
for (const [said, want] of thresholds)
  test(`thresholds of ${Object.values(said).join(', ')} seconds: ${want}`, () =>
    assert.equal(codeOf(decideThresholds(said)), want))
