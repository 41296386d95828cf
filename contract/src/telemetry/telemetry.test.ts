// The telemetry wire against the published examples and vectors (telemetry 10.2, 14, 22), and against itself.
// What is done with a heartbeat is tested in the telemetry plane.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { canonicalJson } from '../canonical-json.ts'
import { REFUSALS, type RefusalCode } from '../refusals.ts'
import { type Route, refusalsOf } from '../route.ts'
import { telemetrySpelling } from './error-body.ts'
import { TELEMETRY_EVENT_TYPES, telemetryEnvelope } from './events.ts'
import { exampleHeartbeat } from './heartbeat.fixture.ts'
import { AgentHeartbeatTelemetryRequest, FACT_NAMES, HEARTBEAT_ALIASES } from './heartbeat.ts'
import { telemetryRoutes } from './telemetry.ts'

const { process_count: _, ...incomplete } = exampleHeartbeat

test('the published heartbeat is one, and its canonical form has the published digest', () => {
  assert.deepEqual(AgentHeartbeatTelemetryRequest.parse(exampleHeartbeat), exampleHeartbeat)
  const canonical = canonicalJson(exampleHeartbeat)
  assert.equal(Buffer.byteLength(canonical), 543)
  assert.equal(
    createHash('sha256').update(canonical).digest('hex'),
    '92276386321549d6c8ac02c0b1f10e4a36a4374d0f5a2e2a45097e960c462b70',
  )
})

test('every fact may be null, none may be missing, and there are eleven', () => {
  const unknown = Object.fromEntries(FACT_NAMES.map((name) => [name, null]))
  assert.ok(AgentHeartbeatTelemetryRequest.safeParse({ ...exampleHeartbeat, ...unknown }).success)
  assert.ok(!AgentHeartbeatTelemetryRequest.safeParse(incomplete).success)
  assert.equal(FACT_NAMES.length, 11)
})

test('no alias is a canonical key, or an alias of two', () => {
  const aliases = Object.values(HEARTBEAT_ALIASES).flat()
  assert.equal(new Set([...aliases, ...Object.keys(AgentHeartbeatTelemetryRequest.shape)]).size, aliases.length + 18)
})

test('an agent stops for good on 401 and 403, so nothing that is our fault is spelled so', () => {
  const ours = Object.keys(REFUSALS).filter((code) => REFUSALS[code as RefusalCode].status >= 500)
  const spelled = ours.map((code) => telemetrySpelling(code as RefusalCode))
  assert.deepEqual(new Set(spelled.map(({ code, status }) => `${status} ${code}`)), new Set(['503 unavailable']))
})

test('spelling a refusal for this wire never changes what an agent would do about it', () => {
  for (const route of Object.values(telemetryRoutes) as Route[])
    for (const code of refusalsOf(route)) {
      const { status } = telemetrySpelling(code)
      assert.equal(Math.floor(status / 100), Math.floor(REFUSALS[code].status / 100), code)
    }
})

test('every event type has an envelope with the nine keys', () => {
  for (const type of TELEMETRY_EVENT_TYPES) assert.equal(Object.keys(telemetryEnvelope(type).shape).length, 9)
})
