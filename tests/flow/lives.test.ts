// Devices whose lives end, begin again, go on under another key, or are to be forgotten: through the gateway and the API,
// as an operator reads of them, on both databases (fleet-product 5.1, 5.5, 8.3, 10.3 and 10.5).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type BodyOf,
  deleteDeviceData,
  deviceEvents,
  deviceInventory,
  deviceTimeline,
  listAudit,
  listChanges,
  listFindings,
  mergeDevice,
  reactivateDevice,
  readDevice,
  readFinding,
  readStatus,
  retireDevice,
  revokeDevice,
  searchInventory,
} from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { type Ground, openGround, until } from '../wire/ground.ts'
import type { Sensor } from '../wire/sensor-client.ts'
import { deliver, findingEvent, findingOn, itemEvent, npmItem } from '../wire/sensor-events.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const axios = npmItem('axios', '1.14.1')
const leftPad = npmItem('left-pad', '1.3.0')

eachEngine((engine) => {
  // Everything happens within the last days of the life of certificates that are made for this run.
  let offsetMs = -20 * dayMs
  const clock = { nowMs: () => Date.now() + offsetMs }
  let ground: Ground
  before(async () => {
    ground = await openGround({ engine, clock })
  })
  after(() => ground.close())

  const owner = () => ground.server.owner
  const forward = (ms: number): void => {
    offsetMs += ms
  }
  const now = (): string => new Date(clock.nowMs()).toISOString()
  const idOf = (sensor: Sensor): string => sensor.identity().deviceId
  const scan = (sensor: Sensor, ...items: readonly (typeof axios)[]) =>
    deliver(
      sensor,
      items.map((item) => itemEvent(item, 'added', { observedAtMs: clock.nowMs() })),
    )
  const hit = (sensor: Sensor) => deliver(sensor, [findingEvent(findingOn(axios, { observedAt: now() }))])
  const device = (id: string) => value(call(owner(), readDevice, { params: { id } }))
  const names = async (id: string, asOf?: string) => {
    const query = asOf === undefined ? {} : { asOf }
    const { items } = await value(call(owner(), deviceInventory, { params: { id }, query }))
    return items.map(({ name }) => name).toSorted()
  }
  const findings = (query: { deviceId?: string; state?: 'open' | 'resolved' }) =>
    value(call(owner(), listFindings, { query }))
  const search = (body: BodyOf<typeof searchInventory>) =>
    value(
      call(owner(), searchInventory, { body: { verdicts: ['present', 'past', 'not_observed', 'unknown'], ...body } }),
    )
  const verdictOf = async (id: string, body: BodyOf<typeof searchInventory>) => {
    const hit = (await search(body)).items.find(({ deviceId }) => deviceId === id)
    return hit?.unknownReason ?? hit?.verdict
  }
  const topics = async (id: string) => {
    const { items } = await value(call(owner(), deviceTimeline, { params: { id }, query: {} }))
    return items.map(({ what }) => what)
  }

  test('a retired device has nothing any more, is read as it was, and comes back unknown until it is scanned', async () => {
    const sensor = await ground.enrolled({ hostname: 'retired' })
    const id = idOf(sensor)
    await scan(sensor, axios, leftPad)
    await hit(sensor)
    const lively = now()
    assert.deepEqual((await device(id)).openFindings.info, 1)
    forward(hourMs)
    const retired = await value(call(owner(), retireDevice, { params: { id }, body: { reason: 'sold' } }))
    assert.equal(retired.openFindings.info, 0)
    assert.deepEqual(await names(id), [])
    assert.deepEqual(await names(id, lively), ['axios', 'left-pad'])
    const [finding] = (await findings({ deviceId: id })).items
    assert.deepEqual(
      [finding?.state, finding?.resolution, finding?.resolvedBy, finding?.itemPresent],
      ['resolved', 'device_retired', 'system', false],
    )
    assert.equal((await findings({ deviceId: id, state: 'open' })).items.length, 0)
    assert.equal((await value(call(owner(), readStatus, {}))).openFindings.info, 0)
    const whole = { from: lively, to: now() }
    assert.equal(await verdictOf(id, { q: 'axios', window: whole }), undefined, 'hidden unless it is named')
    const named = await search({ q: 'axios', deviceId: id, window: whole })
    assert.deepEqual(
      named.items.map(({ verdict, intervals }) => [verdict, intervals.map(({ toKind }) => toKind)]),
      [['past', ['device_retired']]],
    )

    await value(call(owner(), reactivateDevice, { params: { id }, body: {} }))
    assert.equal(await verdictOf(id, { q: 'axios' }), 'surface_none')
    // It is told within a second, whatever it says meanwhile.
    await until(
      () => sensor.checkIn(),
      ({ body }) => body?.fullResnapshotRequested === true,
    )
    forward(hourMs)
    await scan(sensor, axios)
    await hit(sensor)
    assert.deepEqual(await names(id), ['axios'])
    assert.equal(await verdictOf(id, { q: 'axios' }), 'present')
    assert.equal(await verdictOf(id, { q: 'left-pad' }), 'not_observed')
    const again = await value(call(owner(), readFinding, { params: { id: finding?.id ?? '' } }))
    assert.deepEqual([again.state, again.resolution, again.reopenCount], ['open', null, 1])
    assert.ok(again.version > (finding?.version ?? 0))
  })

  test('a revoked device keeps its findings and what was on it', async () => {
    const sensor = await ground.enrolled({ hostname: 'revoked' })
    await scan(sensor, axios)
    await hit(sensor)
    await value(call(owner(), revokeDevice, { params: { id: idOf(sensor) }, body: {} }))
    assert.deepEqual(await names(idOf(sensor)), ['axios'])
    assert.equal((await findings({ deviceId: idOf(sensor), state: 'open' })).items.length, 1)
  })

  test('what a device reported before it was wiped is read under the device that goes on', async () => {
    const former = await ground.enrolled({ hostname: 'machine' })
    const began = now()
    forward(1000)
    await scan(former, axios, leftPad)
    await hit(former)
    forward(1000)
    const scanned = now()
    forward(dayMs)
    await deliver(former, [itemEvent(leftPad, 'removed', { observedAtMs: clock.nowMs() })])
    const wiped = now()
    forward(dayMs)
    const living = await ground.enrolled({ hostname: 'machine' })
    const [formerId, id] = [idOf(former), idOf(living)]
    await scan(living, npmItem('lodash', '4.17.21'))
    const before = { from: scanned, to: wiped }
    assert.equal(await verdictOf(id, { q: 'axios', window: before }), 'enrolled_after_window')

    forward(hourMs)
    await value(call(owner(), mergeDevice, { params: { id: formerId }, body: { intoId: id } }))
    const merged = await device(id)
    assert.deepEqual(merged.formerIds, [formerId])
    assert.equal(merged.openFindings.info, 0)
    assert.deepEqual(await names(id), ['lodash'])
    assert.deepEqual(await names(id, began), [])
    assert.deepEqual(await names(id, new Date(Date.parse(wiped) - hourMs).toISOString()), ['axios', 'left-pad'])
    assert.deepEqual(await names(formerId), [])

    const changes = await value(call(owner(), listChanges, { query: { deviceId: id } }))
    assert.equal(changes.items.length, 4)
    assert.deepEqual(new Set(changes.items.map(({ deviceId }) => deviceId)), new Set([id]))
    const events = await value(call(owner(), deviceEvents, { params: { id }, query: {} }))
    assert.equal(events.items.length, 5)
    const paged = await value(call(owner(), deviceEvents, { params: { id }, query: { limit: '2' } }))
    const rest = { limit: '2', cursor: paged.nextCursor ?? '' }
    const next = await value(call(owner(), deviceEvents, { params: { id }, query: rest }))
    assert.deepEqual(
      [...paged.items, ...next.items].map(({ eventId }) => eventId),
      events.items.slice(0, 4).map(({ eventId }) => eventId),
    )
    const [finding, ...others] = (await findings({ deviceId: id })).items
    assert.deepEqual([finding?.deviceId, finding?.resolution, others.length], [id, 'device_retired', 0])
    assert.equal((await value(call(owner(), readFinding, { params: { id: finding?.id ?? '' } }))).deviceId, id)

    const was = (await search({ q: 'axios', window: before })).items.find(({ deviceId }) => deviceId === id)
    assert.equal(was?.verdict, 'past')
    assert.deepEqual(was?.findingIds, [finding?.id])
    assert.deepEqual(
      was?.intervals.map(({ toKind }) => toKind),
      ['device_retired'],
    )
    const counted = await search({ q: 'axios', window: before })
    assert.ok(counted.versions.every(({ devices }) => devices <= counted.totals.devicesMatched))
    assert.equal(await verdictOf(id, { q: 'react', window: before }), 'not_observed', 'the former life was seen whole')
    assert.equal(await verdictOf(id, { q: 'axios' }), 'not_observed', 'it is not there now')
    const told = await topics(id)
    assert.ok(
      told.includes('device.merged') && told.filter((what) => what === 'device.enrolled').length === 2,
      told.join(),
    )
  })

  test('an owner has the data of a device deleted, and only its history of deeds remains', async () => {
    const sensor = await ground.enrolled({ hostname: 'forgotten' })
    const bystander = await ground.enrolled({ hostname: 'bystander' })
    const id = idOf(sensor)
    for (const one of [sensor, bystander]) {
      await scan(one, axios, leftPad)
      await hit(one)
    }
    const lively = now()
    const ask = async (body: BodyOf<typeof deleteDeviceData>) => {
      const answer = await call(owner(), deleteDeviceData, { params: { id }, body })
      return answer.ok ? 'ok' : answer.refusal.code
    }
    assert.equal(await ask({ confirm: id }), 'state_conflict')
    await value(call(owner(), revokeDevice, { params: { id }, body: {} }))
    assert.equal(await ask({ confirm: 'forgotten' }), 'request_malformed')
    const admin = ground.server.client(await ground.server.tokenOf('admin'))
    const below = await call(admin, deleteDeviceData, { params: { id }, body: { confirm: id } })
    assert.equal(below.ok ? 'ok' : below.refusal.code, 'role_insufficient')
    admin.close()
    assert.equal(await ask({ confirm: id, reason: 'asked to' }), 'ok')

    assert.deepEqual(await names(id, lively), [])
    assert.equal((await findings({ deviceId: id })).items.length, 0)
    assert.equal((await value(call(owner(), listChanges, { query: { deviceId: id } }))).items.length, 0)
    assert.equal((await value(call(owner(), deviceEvents, { params: { id }, query: {} }))).items.length, 0)
    assert.deepEqual(await names(idOf(bystander)), ['axios', 'left-pad'])
    const reactivated = await call(owner(), reactivateDevice, { params: { id }, body: {} })
    assert.equal(reactivated.ok ? 'ok' : reactivated.refusal.code, 'state_conflict')

    forward(hourMs)
    const gone = await until(
      () => device(id),
      ({ dataDeletion }) => dataDeletion?.finishedAt !== null,
    )
    assert.equal(gone.status, 'revoked')
    const entries = await value(call(owner(), listAudit, { query: { targetId: id, action: 'device.data_deleted' } }))
    assert.deepEqual(entries.items[0]?.details, { surfaces: 1, items: 2, findings: 1, events: 3, heartbeats: 0 })
    const back = await value(call(owner(), reactivateDevice, { params: { id }, body: {} }))
    assert.equal(back.dataDeletion, null)
    await until(
      () => sensor.checkIn(),
      ({ status }) => status === 200,
    )
    await scan(sensor, axios)
    assert.deepEqual(await names(id), ['axios'])
  })
})
