// Agents that send heartbeats in tests, and the unit to hear them.
// Credentials and connections are left out; they are proved where they are checked.
import { exampleHeartbeat } from '@muster/contract/testing'
import type { Storage } from '@muster/storage'
import type { HeartbeatAnswer, HeartbeatBatch, HeartbeatCall } from './heartbeat.ts'

/** The module whose units tests load. */
export const unitsModule = new URL('./heartbeat-unit.fixture.ts', import.meta.url)

export const exampleMs = Date.parse(exampleHeartbeat.observed_at)

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
