// What a legal hold keeps from an owner's own hands, and what is left of the counts once it is gone, on both databases.
// That a purge respects holds is proved in the server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createEnrollmentToken,
  deleteDeviceData,
  placeLegalHold,
  readAgent,
  readAsset,
  readStatus,
  releaseLegalHold,
  revokeAgent,
  revokeDevice,
} from '@muster/contract'
import { heartbeatAt } from '@muster/contract/testing'
import { call } from '@muster/http'
import { createFakeClock } from '@muster/kernel'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { joinAgent } from './agent-client.ts'
import { openGround, until } from './ground.ts'
import { deliver, itemEvent, npmItem } from './sensor-events.ts'

eachEngine((engine) => {
  test('the data of a device on hold cannot be deleted; without the hold it goes, and is counted no more', async () => {
    const ground = await openGround({ engine })
    try {
      const { owner } = ground.server
      const stored = async (): Promise<number> => (await value(call(owner, readStatus, {}))).events.stored
      const [sensor, other] = [await ground.enrolled(), await ground.enrolled()]
      const event = (name: string) => itemEvent(npmItem(name, '1.0.0'), 'added', { observedAtMs: Date.now() })
      await deliver(sensor, [event('a'), event('b'), event('c')])
      await deliver(other, [event('a')])
      assert.equal(await stored(), 4)

      const params = { id: sensor.identity().deviceId }
      const hold = await value(call(owner, placeLegalHold, { body: { deviceId: params.id, reason: 'case 17' } }))
      await value(call(owner, revokeDevice, { params, body: {} }))
      const deletion = () => call(owner, deleteDeviceData, { params, body: { confirm: params.id } })
      const refused = await deletion()
      assert.equal(!refused.ok && refused.refusal.code, 'state_conflict')
      assert.match((!refused.ok && refused.refusal.detail) || '', /A legal hold keeps what the device reported/)
      assert.equal(await stored(), 4)

      await value(call(owner, releaseLegalHold, { params: { id: hold.id } }))
      await value(deletion())
      assert.equal(await until(stored, (count) => count !== 4), 1)
    } finally {
      await ground.close()
    }
  })

  test('what an agent told of its machine goes with the data of its device, and not while a hold keeps it', async () => {
    const clock = createFakeClock(Date.now())
    const ground = await openGround({ engine, clock })
    try {
      const { owner, rooms } = ground.server
      const { token } = await value(call(owner, createEnrollmentToken, { body: { label: 'agents', maxUses: 2 } }))
      const [agent, other] = [await joinAgent(ground, token), await joinAgent(ground, token)]
      for (const one of [agent, other])
        assert.equal((await one.heartbeat({ body: heartbeatAt(clock.nowMs()) })).status, 202)
      const params = { agent_id: agent.identity.agent_id }
      const { device_id: id } = await value(call(owner, readAgent, { params }))
      assert.ok(id !== null)
      const kept = async (): Promise<number> =>
        (await rooms.storage.db.selectFrom('telemetry_heartbeat').selectAll().execute()).length
      const hold = await value(call(owner, placeLegalHold, { body: { deviceId: id, reason: 'case 18' } }))
      await value(call(owner, revokeAgent, { params, body: { reason: 'retired' } }))
      const deletion = () => call(owner, deleteDeviceData, { params: { id }, body: { confirm: id } })
      assert.equal((await deletion()).ok, false)
      await value(call(owner, releaseLegalHold, { params: { id: hold.id } }))
      assert.equal(await kept(), 2)
      await value(deletion())
      // A request that was let in just before may still come in for some seconds.
      clock.advance(60_000)
      assert.equal(await until(kept, (count) => count === 1), 1)
      const asset = { asset_id: agent.identity.asset_id }
      assert.equal((await value(call(owner, readAsset, { params: asset }))).latest, null)
      for (const one of [agent, other]) one.close()
    } finally {
      await ground.close()
    }
  })
})
