// Heartbeats for tests: the body of telemetry 10.2, agents to send it, and the unit to hear it.
// Credentials and connections are left out; they are proved where they are checked.
import { randomUUID } from 'node:crypto'
import type { Storage } from '@muster/storage'
import type { HeartbeatAnswer, HeartbeatBatch, HeartbeatCall } from './heartbeat.ts'

/** The module whose units tests load. */
export const unitsModule = new URL('./heartbeat-unit.fixture.ts', import.meta.url)

export const exampleBody = {
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
    {
      name: 'eth0',
      mac_address: '02:42:ac:11:00:02',
      ip_addresses: ['10.0.0.7', 'fe80::42:acff:fe11:2'],
    },
  ],
  process_count: 231,
} as const

export const exampleMs = Date.parse(exampleBody.observed_at)

export const bodyAt = (atMs: number, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  ...exampleBody,
  heartbeat_id: randomUUID(),
  observed_at: new Date(atMs).toISOString(),
  ...more,
})

export const boundOf = (deviceNo: number, tenantId = 'default') => ({
  agentId: `agt_${deviceNo}`,
  tenantId,
  siteId: 'site_default',
  collectorId: `col_${deviceNo}`,
  assetId: `ast_${deviceNo}`,
})

export interface ToldHeartbeat {
  readonly deviceNo: number
  readonly receivedMs: number
  readonly body: unknown
  readonly tenantId?: string
  readonly idempotencyKey?: string
  readonly isLenient?: boolean
  readonly beginsRun?: boolean
}

const callOf = (told: ToldHeartbeat): Omit<HeartbeatCall, 'endsAt'> => ({
  bound: boundOf(told.deviceNo, told.tenantId),
  deviceNo: told.deviceNo,
  receivedMs: told.receivedMs,
  requestId: `req_${told.receivedMs}`,
  idempotencyKey: told.idempotencyKey ?? null,
  isLenient: told.isLenient ?? false,
  beginsRun: told.beginsRun ?? false,
})

const bytesOf = (body: unknown): Buffer => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))

export const batchOf = (told: readonly ToldHeartbeat[], isTick = false): HeartbeatBatch => {
  const bodies = told.map(({ body }) => bytesOf(body))
  let endsAt = 0
  const calls = told.map((one, index) => ({ ...callOf(one), endsAt: (endsAt += bodies[index]?.length ?? 0) }))
  return { calls, bodies: Uint8Array.from(Buffer.concat(bodies)), nowMs: told.at(-1)?.receivedMs ?? 0, isTick }
}

/** Tells heartbeats together, in one transaction. */
export const createTeller =
  (storage: Storage) =>
  (...told: ToldHeartbeat[]): Promise<readonly HeartbeatAnswer[]> =>
    storage.unit<HeartbeatBatch, readonly HeartbeatAnswer[]>('heartbeats')(batchOf(told))

/** Lets the unit do what is due at that moment. */
export const tickAt = (storage: Storage, nowMs: number): Promise<unknown> =>
  storage.unit<HeartbeatBatch, readonly HeartbeatAnswer[]>('heartbeats')({ ...batchOf([], true), nowMs })
