// Agents that send heartbeats in tests, and the unit to hear them.
// Credentials and connections are left out; they are proved where they are checked.
import { exampleHeartbeat } from '@muster/contract/testing'
import type { Storage } from '@muster/storage'
import { answerOf, type HeartbeatAnswers, type HeartbeatBatch, toBatch } from './batch.ts'
import type { HeartbeatAnswer, HeartbeatCall } from './heartbeat.ts'

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

const callOf = (told: ToldHeartbeat): HeartbeatCall => ({
  bound: boundOf(told.deviceNo, told.tenantId),
  deviceNo: told.deviceNo,
  receivedMs: told.receivedMs,
  requestId: `req_${told.receivedMs}`,
  idempotencyKey: told.idempotencyKey ?? null,
  isLenient: told.isLenient ?? false,
  beginsRun: told.beginsRun ?? false,
})

const bytesOf = (body: unknown): Buffer => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))

const ask = (storage: Storage) => storage.unit<HeartbeatBatch, HeartbeatAnswers>('heartbeats')

/** Tells heartbeats together, in one transaction. */
export const createTeller =
  (storage: Storage) =>
  async (...told: ToldHeartbeat[]): Promise<readonly HeartbeatAnswer[]> => {
    const spoken = told.map((one) => ({ call: callOf(one), body: bytesOf(one.body) }))
    const answers = await ask(storage)(toBatch(spoken, told.at(-1)?.receivedMs ?? 0))
    return answers.map(answerOf)
  }

/** Lets the unit do what is due at that moment. */
export const tickAt = (storage: Storage, nowMs: number): Promise<unknown> => ask(storage)(toBatch([], nowMs, true))
