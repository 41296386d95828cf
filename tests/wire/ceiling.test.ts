// The ceiling that a machine's owner set, as its agent tells it and operators read it, on both databases (ARCHITECTURE 6).
// That agents keep to it is proved in tests/flow; heartbeats as such are telemetry-heartbeat.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CEILING_BOUNDS, listDevices, readDevice } from '@muster/contract'
import { heartbeatAt } from '@muster/contract/testing'
import { call } from '@muster/http'
import { createFakeClock } from '@muster/kernel'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { type AgentClient, joinAgent } from './agent-client.ts'
import { type Ground, openGround } from './ground.ts'

const ceiling = { planes: ['telemetry', 'observe'], scan_roots: ['/home/ada/src'], scan_roots_left_off: 2, jobs: false }
const shown = { planes: ['observe', 'telemetry'], scanRoots: ['/home/ada/src'], scanRootsLeftOff: 2, jobs: false }

eachEngine((engine) => {
  let ground: Ground
  let agent: AgentClient
  let id: string
  const clock = createFakeClock(Date.UTC(2026, 5, 2, 12))

  before(async () => {
    ground = await openGround({ engine, clock })
    agent = await joinAgent(ground, await ground.token({ planes: ['telemetry'] }))
    const { items } = await value(call(ground.server.owner, listDevices, { query: {} }))
    id = items[0]?.id ?? ''
  })
  after(async () => {
    agent.close()
    await ground.close()
  })

  /** What operators read after a heartbeat with that extra. */
  const afterTelling = async (more: Readonly<Record<string, unknown>>) => {
    clock.advance(60_000)
    assert.equal((await agent.heartbeat({ body: heartbeatAt(clock.nowMs(), more) })).status, 202)
    return (await value(call(ground.server.owner, readDevice, { params: { id } }))).ceiling
  }

  test('an agent that tells none has none', async () => {
    const device = await value(call(ground.server.owner, readDevice, { params: { id } }))
    assert.equal(device.ceiling, null)
    assert.equal(await afterTelling({}), null)
  })

  test('the newest counts, and planes that nobody here knows are passed over', async () => {
    assert.deepEqual(await afterTelling({ ceiling }), shown)
    const lower = { ...ceiling, planes: ['telemetry', 'orchestrate'], scan_roots: [], hours: 'from a newer agent' }
    assert.deepEqual(await afterTelling({ ceiling: lower }), { ...shown, planes: ['telemetry'], scanRoots: [] })
    const { items } = await value(call(ground.server.owner, listDevices, { query: {} }))
    assert.deepEqual(items[0]?.ceiling?.planes, ['telemetry'])
  })

  const hostile: readonly unknown[] = [
    'everything',
    null,
    [],
    { ...ceiling, planes: 'all' },
    { ...ceiling, planes: ['<b>observe</b>'] },
    { ...ceiling, scan_roots: ['x'.repeat(CEILING_BOUNDS.maxRootLength + 1)] },
    { ...ceiling, scan_roots: Array.from({ length: CEILING_BOUNDS.maxRoots + 1 }, () => '/') },
    { ...ceiling, scan_roots_left_off: -1 },
    { ...ceiling, jobs: 'yes' },
  ]
  test('what is none is taken for none, and never refused', async () => {
    for (const said of hostile) assert.equal(await afterTelling({ ceiling: said }), null, JSON.stringify(said))
    const odd = { ...ceiling, scan_roots: ['/\u0000\u202e"<script>'] }
    const told = await afterTelling({ ceiling: odd })
    assert.equal(told?.scanRoots.length, 1)
  })
})
