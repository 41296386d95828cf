// Proof that what is written behind never writes over what was asked for meanwhile, on both databases.
// What the states mean is decide.test.ts; how sensors see them is in tests/wire.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { LifeTurn } from '@muster/identity'
import { silentLog, systemClock } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import { noteLives } from '../life/lives.ts'
import { observeMigrations } from '../room-migrations.ts'
import { newSensor } from './decide.ts'
import { createSensorStates, type SensorKey as Key } from './states.ts'

const never = 3_600_000

eachEngine((engine) => {
  let storage: Storage

  before(async () => {
    storage = await openTestStorage(engine, [observeMigrations])
  })
  after(() => storage.close())

  const open = (flushMs = never) => createSensorStates({ storage, clock: systemClock, log: silentLog, flushMs })
  const begunAgain = (deviceNo: number, atMs = 1000): LifeTurn => ({
    what: 'begun_again',
    tenantId: 'default',
    deviceNo,
    deviceId: `dev_${deviceNo}`,
    atMs,
    throughMs: atMs,
  })
  const beginAgain = (deviceNo: number, atMs?: number) =>
    storage.write((tx) => noteLives(tx, [begunAgain(deviceNo, atMs)]))
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

  test('each sensor has its own state, whichever were read together', async () => {
    const keys = Array.from({ length: 600 }, (_, index) => ({ deviceNo: 1000 + index, tenantId: 'default' }))
    const before = open()
    for (const key of keys.filter(({ deviceNo }) => deviceNo % 3 > 0))
      before.set(key, { ...newSensor, backlogEvents: key.deviceNo })
    await before.close()
    const states = open()
    const loaded = await Promise.all(keys.map((key) => states.load(key)))
    assert.deepEqual(
      loaded.map(({ backlogEvents }) => backlogEvents),
      keys.map(({ deviceNo }) => (deviceNo % 3 > 0 ? deviceNo : 0)),
    )
    await states.close()
  })

  test('what was asked of a sensor after it was read with its neighbours is heard', async () => {
    const [early, late] = [5000, 5001].map((deviceNo) => ({ deviceNo, tenantId: 'default' })) as [Key, Key]
    const states = open(5)
    await states.load(early)
    await beginAgain(late.deviceNo, systemClock.nowMs())
    await states.load(late)
    while (states.peek(late.deviceNo)?.resnapshotRequested !== true) await pause(2)
    await states.close()
  })

  test('a request made after another process told the sensor survives what this one writes behind', async () => {
    const key = { deviceNo: 6000, tenantId: 'default' }
    const states = open()
    states.set(key, newSensor)
    const other = open()
    other.set(key, { ...newSensor, resnapshotMs: 2000 })
    await other.close()
    await beginAgain(key.deviceNo)
    await states.close()
    const { resnapshotRequested, resnapshotMs } = await readAgain(key.deviceNo)
    assert.deepEqual({ resnapshotRequested, resnapshotMs }, { resnapshotRequested: true, resnapshotMs: 2000 })
  })

  test('a request that is being written while the first word of a sensor is survives it', async () => {
    const key = { deviceNo: 7000, tenantId: 'default' }
    const states = open()
    states.set(key, { ...newSensor, hints: 3 })
    let written = Promise.resolve()
    await storage.write(async (tx) => {
      await noteLives(tx, [begunAgain(key.deviceNo)])
      written = states.close()
      await pause(200)
    })
    await written
    const { resnapshotRequested, hints } = await readAgain(key.deviceNo)
    assert.deepEqual({ resnapshotRequested, hints }, { resnapshotRequested: true, hints: 3 })
  })
})
