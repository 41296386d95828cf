// Proof that a timeline keeps what is within its term, the run of heartbeats that reaches into it, and whatever is on hold.
// How entries are told is decide.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { heartbeatAt } from '@muster/contract/testing'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import { boundOf, createTeller, exampleMs, unitsModule } from '../heartbeat/heartbeat.fixture.ts'
import { STEP_MS } from '../presence/decide.ts'
import type { Hold } from '../presence/holds.ts'
import { telemetryMigrations } from '../room-migrations.ts'
import { purgeTimeline } from './age.ts'
import { loadTimeline, storeMoments } from './store.ts'

const dayMs = STEP_MS.day

eachEngine((engine) => {
  let storage: Storage
  before(async () => {
    storage = await openTestStorage(engine, [telemetryMigrations], { units: [unitsModule] })
  })
  after(() => storage.close())

  const beat = (deviceNo: number, day: number, beginsRun: boolean) => {
    const receivedMs = exampleMs + day * dayMs
    return createTeller(storage)({ deviceNo, receivedMs, body: heartbeatAt(receivedMs), beginsRun })
  }
  const happened = (deviceNo: number, day: number) => {
    const { tenantId, assetId, agentId } = boundOf(deviceNo)
    const atMs = exampleMs + day * dayMs
    return storage.write((tx) =>
      storeMoments(tx, [{ tenantId, assetId, agentId, atMs, kind: 'agent_reactivated', text: '' }]),
    )
  }
  const daysKept = async (deviceNo: number): Promise<readonly string[]> =>
    (await loadTimeline(storage.db, 'default', boundOf(deviceNo).assetId)).map(
      ({ kind, atMs }) => `${kind} ${(atMs - exampleMs) / dayMs}`,
    )
  const purgeOn = (day: number, holds: readonly Hold[] = []) =>
    purgeTimeline({ storage, holds: async () => holds }, exampleMs + day * dayMs, new AbortController().signal)
  const live = async (deviceNo: number): Promise<void> => {
    await beat(deviceNo, 0, true)
    await happened(deviceNo, 10)
    await beat(deviceNo, 100, true)
    await happened(deviceNo, 200)
  }

  test('entries go after four hundred days, a run of heartbeats only once the next is as old, the newest never', async () => {
    await live(1)
    await purgeOn(409)
    assert.equal((await daysKept(1)).length, 4)
    await purgeOn(411)
    assert.deepEqual(await daysKept(1), ['heartbeat_accepted 0', 'heartbeat_accepted 100', 'agent_reactivated 200'])
    await purgeOn(501)
    assert.deepEqual(await daysKept(1), ['heartbeat_accepted 100', 'agent_reactivated 200'])
    await purgeOn(5000)
    assert.deepEqual(await daysKept(1), ['heartbeat_accepted 100'])
  })

  test('what is on hold stays, with the turns of its agent, and goes once the hold is over', async () => {
    await live(2)
    await live(3)
    await purgeOn(5000, [{ tenantId: 'default', deviceNo: 2 }])
    assert.deepEqual([(await daysKept(2)).length, (await daysKept(3)).length], [4, 1])
    await purgeOn(5000, [{ tenantId: 'default', deviceNo: null }])
    assert.equal((await daysKept(2)).length, 4)
    await purgeOn(5000, [{ tenantId: 'other', deviceNo: null }])
    assert.deepEqual(await daysKept(2), ['heartbeat_accepted 100'])
  })
})
