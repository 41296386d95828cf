// Rows of identity_agent and what lies around them; every query of an operator names the tenant.
// Which row changes how is decided elsewhere; the transaction is the caller's.
import { bulkUpdate } from '@muster/storage'
import type { Insertable, Kysely, Selectable, Updateable } from 'kysely'
import type { IdentityTables } from '../tables.ts'
import type { Outage } from './decide.ts'

export type Db = Kysely<IdentityTables>
export type AgentRow = Selectable<IdentityTables['identity_agent']>
export type NewAgent = Insertable<IdentityTables['identity_agent']>

const pageSize = 5000

/** Every agent there is, page by page. */
export async function* loadAllAgents(db: Db): AsyncGenerator<readonly AgentRow[]> {
  for (let agentNo = 0; ; ) {
    const rows = await db
      .selectFrom('identity_agent')
      .selectAll()
      .where('agent_no', '>', agentNo)
      .orderBy('agent_no')
      .limit(pageSize)
      .execute()
    if (rows.length > 0) yield rows
    if (rows.length < pageSize) return
    agentNo = rows.at(-1)?.agent_no ?? agentNo
  }
}

export const loadAgents = (db: Db, agentNos: readonly number[]): Promise<readonly AgentRow[]> =>
  db.selectFrom('identity_agent').selectAll().where('agent_no', 'in', agentNos).execute()

export const loadAgent = (db: Db, tenantId: string, agentId: string): Promise<AgentRow | undefined> =>
  db
    .selectFrom('identity_agent')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('agent_id', '=', agentId)
    .executeTakeFirst()

export const loadAgentOfDeviceId = (db: Db, tenantId: string, deviceId: string): Promise<AgentRow | undefined> =>
  db
    .selectFrom('identity_agent as agent')
    .innerJoin('identity_device as device', 'device.device_no', 'agent.device_no')
    .selectAll('agent')
    .where('device.tenant_id', '=', tenantId)
    .where('device.device_id', '=', deviceId)
    .executeTakeFirst()

export const loadAgentOfKey = (db: Db, tenantId: string, keyFingerprint: string): Promise<AgentRow | undefined> =>
  db
    .selectFrom('identity_agent')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('key_fingerprint', '=', keyFingerprint)
    .executeTakeFirst()

/** Who asked to be let in before this moment and waits still; of all tenants. */
export const loadWaitingSince = async (db: Db, beforeMs: number): Promise<readonly number[]> => {
  const rows = await db
    .selectFrom('identity_agent')
    .select('agent_no')
    .where('state', '=', 'pending')
    .where('enrolled_ms', '<', beforeMs)
    .orderBy('agent_no')
    .execute()
  return rows.map((row) => row.agent_no)
}

/** Of one that never was let in: nothing else refers to it. */
export const deleteAgent = async (tx: Db, agentNo: number): Promise<void> => {
  await tx.deleteFrom('identity_agent').where('agent_no', '=', agentNo).execute()
}

/** Others of the tenant that call themselves the same machine and count, newest first. */
export const loadTwins = (db: Db, tenantId: string, digest: string, keyFingerprint: string): Promise<AgentRow[]> =>
  db
    .selectFrom('identity_agent')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('fingerprint_digest', '=', digest)
    .where('key_fingerprint', '!=', keyFingerprint)
    .where('device_no', 'is not', null)
    .where('state', '!=', 'revoked')
    .orderBy('agent_no', 'desc')
    .limit(100)
    .execute()

export const insertAgent = async (tx: Db, row: NewAgent): Promise<AgentRow> =>
  tx.insertInto('identity_agent').values(row).returningAll().executeTakeFirstOrThrow()

export const updateAgent = async (
  tx: Db,
  agentNo: number,
  columns: Updateable<IdentityTables['identity_agent']>,
): Promise<AgentRow> =>
  tx.updateTable('identity_agent').set(columns).where('agent_no', '=', agentNo).returningAll().executeTakeFirstOrThrow()

export const updateSightings = bulkUpdate({
  table: 'identity_agent',
  set: {
    last_seen_ms: 'int?',
    clock_skew_s: 'int?',
    hostname: 'text',
    os_family: 'text',
    os_version: 'text',
    agent_version: 'text',
    capabilities: 'text',
  },
  where: { agent_no: 'int' },
})

/** Certificates of these devices, newest first. */
export const loadCertificates = (db: Db, deviceNos: readonly number[]) =>
  db
    .selectFrom('identity_certificate')
    .select(['device_no', 'authority_id', 'serial', 'fingerprint', 'issued_ms', 'expires_ms', 'revoked_ms'])
    .where('device_no', 'in', deviceNos)
    .orderBy('certificate_no', 'desc')
    .execute()
export type CertificateRow = Awaited<ReturnType<typeof loadCertificates>>[number]

export const loadOutages = async (db: Db, sinceMs: number): Promise<readonly Outage[]> => {
  const rows = await db
    .selectFrom('identity_outage')
    .select(['from_ms', 'through_ms'])
    .where('through_ms', '>', sinceMs)
    .orderBy('outage_no')
    .execute()
  return rows.map((row) => ({ fromMs: row.from_ms, throughMs: row.through_ms }))
}

const theOne = 1

export const loadAliveMs = async (db: Db): Promise<number | undefined> => {
  const row = await db.selectFrom('identity_alive').select('at_ms').where('alive_no', '=', theOne).executeTakeFirst()
  return row?.at_ms
}

export const writeAliveMs = async (tx: Db, atMs: number): Promise<void> => {
  await tx
    .insertInto('identity_alive')
    .values({ alive_no: theOne, at_ms: atMs })
    .onConflict((conflict) => conflict.column('alive_no').doUpdateSet({ at_ms: atMs }))
    .execute()
}

export const insertOutage = async (tx: Db, { fromMs, throughMs }: Outage): Promise<void> => {
  await tx.insertInto('identity_outage').values({ from_ms: fromMs, through_ms: throughMs }).execute()
}
