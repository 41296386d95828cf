// Proof that an event's id follows from what it tells, that its envelope is what the schema says, and that turns of agents are
// told in the transaction in which they are taken.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type TelemetryEventType, telemetryEnvelope } from '@muster/contract'
import type { AgentTurn } from '@muster/identity'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import { loadTimeline } from '../asset/store.ts'
import { telemetryMigrations } from '../room-migrations.ts'
import { tellAgentTurns } from './agent-turns.ts'
import { createEvent, type EventFacts, eventIdOf } from './event.ts'
import { uuidOf } from './uuid.ts'

const identity = { agent_id: 'agt_1', site_id: 'site_default', collector_id: 'col_1', asset_id: 'ast_1' }
const facts: EventFacts<'asset.updated'> = {
  type: 'asset.updated',
  tenantId: 'default',
  agentId: 'agt_1',
  heartbeatKey: '0f8b',
  atMs: 1000,
  requestId: 'req_1',
  causationId: null,
  payload: { ...identity, changed: ['hostname'] },
}

test('an id is a UUID of version 5, the same for the same and another for anything else', () => {
  assert.match(uuidOf('a'), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.equal(createEvent(facts).event_id, createEvent({ ...facts, requestId: 'req_2', atMs: 5 }).event_id)
  const ids = [
    facts,
    { ...facts, tenantId: 'other' },
    { ...facts, agentId: 'agt_2' },
    { ...facts, heartbeatKey: '0f8c' },
    { ...facts, type: 'asset.discovered' as const },
  ].map(eventIdOf)
  assert.equal(new Set(ids).size, ids.length)
})

test('what breaks its schema is told to nobody', () => {
  const wrong = { ...facts, payload: { ...facts.payload, asset_id: 'no id' } }
  assert.throws(() => createEvent(wrong), /asset\.updated breaks its schema/)
})

const turn = { tenantId: 'default', subjectId: 'agt_1', requestId: 'req_1', atMs: 1000 }
const turns: readonly AgentTurn[] = [
  {
    ...turn,
    type: 'agent.state_changed',
    payload: { agent_id: 'agt_1', asset_id: 'ast_1', from: 'active', to: 'stale' },
  },
  { ...turn, type: 'agent.revoked', payload: { agent_id: 'agt_1', asset_id: 'ast_1', reason: 'lost_device' } },
  { ...turn, type: 'collector.enrolled', payload: identity },
]

eachEngine((engine) => {
  let storage: Storage
  before(async () => {
    storage = await openTestStorage(engine, [telemetryMigrations])
  })
  after(() => storage.close())

  test('turns of agents become events and entries of their asset', async () => {
    await storage.write((tx) => tellAgentTurns(tx, turns))
    const rows = await storage.db.selectFrom('storage_outbox').selectAll().orderBy('seq').execute()
    assert.deepEqual(
      rows.map((row) => row['topic'] as string),
      turns.map(({ type }) => type),
    )
    for (const row of rows) {
      const event: unknown = JSON.parse(row['body'] as string)
      assert.ok(telemetryEnvelope(row['topic'] as TelemetryEventType).safeParse(event).success)
    }
    const entries = await loadTimeline(storage.db, 'default', 'ast_1')
    assert.deepEqual(
      entries.map(({ kind, detail }) => [kind, detail]),
      [
        ['agent_state_changed', 'The agent went from active to stale.'],
        ['agent_revoked', 'The agent was revoked: lost_device.'],
      ],
    )
    assert.deepEqual(await loadTimeline(storage.db, 'other', 'ast_1'), [])
  })
})
