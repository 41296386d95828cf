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
import { AgentHeartbeatTelemetryRequest, FACT_NAMES, HEARTBEAT_ALIASES } from './heartbeat.ts'
import { telemetryRoutes } from './telemetry.ts'

const example = {
  heartbeat_id: '0f8b7f6e-2c55-4a3e-9b1a-3d5a6b7c8d9e',
  observed_at: '2026-06-02T12:00:00.000Z',
  agent_version: '0.1.0',
  hostname: 'build-07',
  os_family: 'linux',
  os_version: 'Ubuntu 24.04.2 LTS',
  uptime_seconds: 86_400,
  cpu_count: 8,
  cpu_usage_percent: 12.5,
  memory_total_bytes: 16_777_216_000,
  memory_used_bytes: 6_442_450_944,
  disks: [{ mount: '/', total_bytes: 512_110_190_592, used_bytes: 201_863_462_912 }],
  network_interfaces: [
    { name: 'eth0', mac_address: '02:42:ac:11:00:02', ip_addresses: ['10.0.0.7', 'fe80::42:acff:fe11:2'] },
  ],
  process_count: 231,
}
const { process_count: _, ...incomplete } = example

test('the published heartbeat is one, and its canonical form has the published digest', () => {
  assert.deepEqual(AgentHeartbeatTelemetryRequest.parse(example), example)
  const canonical = canonicalJson(example)
  assert.equal(Buffer.byteLength(canonical), 543)
  assert.equal(
    createHash('sha256').update(canonical).digest('hex'),
    '92276386321549d6c8ac02c0b1f10e4a36a4374d0f5a2e2a45097e960c462b70',
  )
})

test('every fact may be null, none may be missing, and there are eleven', () => {
  const unknown = Object.fromEntries(FACT_NAMES.map((name) => [name, null]))
  assert.ok(AgentHeartbeatTelemetryRequest.safeParse({ ...example, ...unknown }).success)
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
