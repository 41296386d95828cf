// Proof that what is written behind never writes over what was asked for meanwhile, on both databases.
// What the states mean is decide.test.ts; how sensors see them is in tests/wire.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { silentLog, systemClock } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import { noteLives } from '../life/lives.ts'
import { observeMigrations } from '../room-migrations.ts'
import { newSensor } from './decide.ts'
import { createSensorStates } from './states.ts'

const never = 3_600_000

eachEngine((engine) => {
  let storage: Storage

  before(async () => {
    storage = await openTestStorage(engine, [observeMigrations])
  })
  after(() => storage.close())

  const open = () => createSensorStates({ storage, clock: systemClock, log: silentLog, flushMs: never })
  const beginAgain = (deviceNo: number) =>
    storage.write((tx) =>
      noteLives(tx, [
        {
          what: 'begun_again',
          tenantId: 'default',
          deviceNo,
          deviceId: `dev_${deviceNo}`,
          atMs: 1000,
          throughMs: 1000,
        },
      ]),
    )
  const readAgain = async (deviceNo: number) => {
    const states = open()
    const state = await states.load({ deviceNo, tenantId: 'default' })
    await states.close()
    return state
  }

  test('a request for everything that came since the last look survives what is written behind', async () => {
    const key = { deviceNo: 1, tenantId: 'default' }
    const states = open()
    states.set(key, { ...newSensor, hints: 3 })
    await beginAgain(1)
    await states.close()
    const { resnapshotRequested, hints } = await readAgain(1)
    assert.deepEqual({ resnapshotRequested, hints }, { resnapshotRequested: true, hints: 3 })
  })

  test('a request that the device has heard of is over once that is written', async () => {
    const key = { deviceNo: 2, tenantId: 'default' }
    await beginAgain(2)
    const states = open()
    states.set(key, { ...(await states.load(key)), resnapshotRequested: false, resnapshotMs: 2000 })
    await states.close()
    const { resnapshotRequested, resnapshotMs } = await readAgain(2)
    assert.deepEqual({ resnapshotRequested, resnapshotMs }, { resnapshotRequested: false, resnapshotMs: 2000 })
  })
})
