// Who reads what devices said as it came, and who reads it masked, on every route that shows it.
// What is hidden of a text is tested in decide.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  deviceEvents,
  deviceInventory,
  exportInventory,
  listChanges,
  listFindings,
  type Route,
  readFinding,
  searchInventory,
} from '@muster/contract'
import type { Served } from '@muster/http'
import type { KnownOperator } from '@muster/identity'
import { createFakeClock } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { serveExposure } from '../exposure/exposure.ts'
import { serveFindings } from '../findings/findings.ts'
import { serveInventory } from '../inventory/inventory.ts'
import { ask, findingPayload, itemPayload, npmItem, openTestFleet, operator, type TestFleet } from '../testing/fleet.ts'

const nowMs = Date.UTC(2026, 5, 2, 12)
const device = { params: { id: 'dev_1' } }
const secret = 'a1B2c3D4e5F6a7B8c9D0'
const scoped: KnownOperator = { ...operator, scopes: ['fleet:read', 'inventory:search'] }

eachEngine((engine) => {
  let fleet: TestFleet
  let served: readonly Served<KnownOperator>[]
  let findingId: string
  before(async () => {
    fleet = await openTestFleet(engine, [{ no: 1, enrolledMs: nowMs - 1000, lastContactMs: nowMs }])
    const needs = {
      storage: fleet.storage,
      devices: fleet.devices,
      clock: createFakeClock(nowMs),
      intervalsKeptFromMs: async () => 0,
      audit: async () => {},
      settleHoldings: () => fleet.storage.unit<undefined, undefined>('settleHoldings')(undefined),
    }
    served = [...serveInventory(needs), ...serveFindings(needs), ...serveExposure(needs)]
    const item = { ...npmItem('axios', '1.14.1'), detail: `https://ada:pw@registry.example/axios?token=${secret}` }
    await fleet.tell(
      1,
      [
        { sequence: 1, atMs: nowMs, payload: itemPayload(item) },
        { sequence: 2, atMs: nowMs, payload: findingPayload('axios', '1.14.1', nowMs, 'name') },
      ],
      nowMs,
    )
    const { items } = await read<{ items: { id: string }[] }>(listFindings, {}, operator)
    findingId = items[0]?.id ?? ''
  })
  after(() => fleet.close())

  const read = async <Reply>(route: Route, said: object, as: KnownOperator): Promise<Reply> => {
    const reply = await ask<Reply>(served, route, { ...said, as })
    assert.ok(reply.ok)
    return reply.value
  }
  const linesOf = async (as: KnownOperator): Promise<unknown[]> => {
    const exporting = served.find(({ route }) => route === exportInventory)
    const reply = await exporting?.handle({
      query: {},
      body: { names: ['axios'] },
      speaker: as,
      requestId: 'r',
      ip: '',
      receivedMs: 0,
      params: {},
    })
    assert.ok(reply?.ok)
    const lines: unknown[] = []
    for await (const line of reply.value as AsyncIterable<unknown>) lines.push(line)
    return lines
  }
  const reading: readonly [string, Route, () => object][] = [
    ['the inventory of a device', deviceInventory, () => device],
    ['the changes of the fleet', listChanges, () => ({})],
    ['the findings', listFindings, () => ({})],
    ['a finding', readFinding, () => ({ params: { id: findingId } })],
    ['a search', searchInventory, () => ({ body: { names: ['axios'] } })],
  ]

  for (const [name, route, said] of reading)
    test(`${name} shows details to who may read them, and to others no user and no secret`, async () => {
      const whole = JSON.stringify(await read(route, said(), operator))
      assert.match(whole, /\/home\/ada\/app/)
      for (const as of [{ ...operator, role: 'viewer' as const }, { ...operator, role: 'auditor' as const }, scoped]) {
        const shown = JSON.stringify(await read(route, said(), as))
        assert.match(shown, /\/home\/\*\*\*\/app/)
        assert.doesNotMatch(shown, /ada|pw@|a1B2c3/)
        assert.match(shown, /axios/)
      }
    })

  test('raw events come without their bytes to who may not read details', async () => {
    const whole = await read<{ items: { payload: string }[] }>(deviceEvents, device, operator)
    assert.ok(whole.items.every(({ payload }) => payload.length > 0))
    const shown = await read<{ items: object[] }>(deviceEvents, device, { ...operator, role: 'viewer' })
    assert.deepEqual(
      shown.items,
      whole.items.map((event) => ({ ...event, payload: '' })),
    )
  })

  test('an export is masked as the search is', async () => {
    assert.match(JSON.stringify(await linesOf(operator)), /\/home\/ada\/app/)
    const shown = JSON.stringify(await linesOf(scoped))
    assert.match(shown, /\/home\/\*\*\*\/app/)
    assert.doesNotMatch(shown, /ada|a1B2c3/)
  })
})
