// What a legal hold keeps from an owner's own hands, and what is left of the counts once it is gone, on both databases.
// That a purge respects holds is proved in the server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteDeviceData, placeLegalHold, readStatus, releaseLegalHold, revokeDevice } from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
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
})
