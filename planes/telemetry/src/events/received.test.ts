// Proof that a reader of the outbox can tell of every heartbeat that was taken, once and always under the same id, also after
// restarts and retries, and of nobody else's (telemetry 13 and 24).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { telemetryEnvelope } from '@muster/contract'
import { heartbeatAt } from '@muster/contract/testing'
import { createOutbox, openStorage, type Storage } from '@muster/storage'
import { createTestPlace, eachEngine } from '@muster/storage/testing'
import { createTeller, exampleMs, type ToldHeartbeat, unitsModule } from '../heartbeat/heartbeat.fixture.ts'
import { telemetryMigrations } from '../room-migrations.ts'
import { readReceived } from './received.ts'

const minuteMs = 60_000

/** Everything a reader of the outbox would tell of one tenant's heartbeats, from the first entry on. */
const readAll = async (storage: Storage, tenantId: string) => {
  const entries = await createOutbox(storage).read(0, 10_000)
  const events = []
  for (const { topic, body, tenantId: of } of entries) {
    if (topic !== 'telemetry.heartbeats_stored' || of !== tenantId) continue
    const range = { tenantId, ...(body as { fromNo: number; throughNo: number }) }
    for await (const event of readReceived(storage.db, range)) events.push(event)
  }
  return events
}

const told = (deviceNo: number, minute: number, tenantId = 'default', more = {}): ToldHeartbeat => {
  const receivedMs = exampleMs + minute * minuteMs
  return { deviceNo, receivedMs, tenantId, body: heartbeatAt(receivedMs, more) }
}

eachEngine((engine) => {
  test('a range of the log is one event for each heartbeat, whatever was sent twice and whoever restarts', async () => {
    const place = await createTestPlace(engine)
    const open = () => openStorage({ url: place.url, rooms: [telemetryMigrations], units: [unitsModule] })
    try {
      const first = await open()
      const [mine, more, theirs] = [told(1, 0), told(2, 0), told(3, 0, 'other')]
      await createTeller(first)(mine, theirs, more, mine)
      const nameless = { heartbeat_id: undefined, observed_at: undefined }
      await createTeller(first)(told(1, 1), told(3, 1, 'other'), told(2, 1, 'default', nameless))
      const before = await readAll(first, 'default')
      await first.close()

      const second = await open()
      await createTeller(second)({ ...mine, receivedMs: mine.receivedMs + 5 }, more)
      const events = await readAll(second, 'default')
      assert.deepEqual(events, before)
      assert.equal(events.length, 4)
      assert.equal(new Set(events.map(({ event_id }) => event_id)).size, 4)
      for (const event of events)
        assert.ok(telemetryEnvelope('asset.telemetry.received').safeParse(event).success, event.event_id)
      const { heartbeat_id, observed_at } = mine.body as { heartbeat_id: string; observed_at: string }
      assert.deepEqual(events[0]?.payload, {
        agent_id: 'agt_1',
        site_id: 'site_default',
        collector_id: 'col_1',
        asset_id: 'ast_1',
        heartbeat_id,
        observed_at,
      })
      assert.equal(events.at(-1)?.payload.heartbeat_id, null)
      const others = await readAll(second, 'other')
      assert.deepEqual(
        others.map(({ tenant_id, payload }) => [tenant_id, payload.agent_id]),
        [
          ['other', 'agt_3'],
          ['other', 'agt_3'],
        ],
      )
      await second.close()
    } finally {
      await place.remove()
    }
  })
})
