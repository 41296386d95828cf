// The rows of heartbeats: the log they are appended to, and what machines said of themselves; packs are pack-store.ts.
// Everything is appended, because a row per device would touch a page of its own at every beat (ADR 18).
import { bulkInsert, type Db, type Tx } from '@muster/storage'
import type { Bound, Description } from './decide.ts'
import type { Described } from './tail.ts'

export interface LoggedHeartbeat {
  readonly no: number
  readonly deviceNo: number
  readonly receivedMs: number
  readonly sample: Buffer
  readonly requestId: string
}

const insertLog = bulkInsert({
  into: 'telemetry_heartbeat',
  columns: { heartbeat_no: 'int', device_no: 'int', received_ms: 'int', sample: 'bytes', request_id: 'text' },
  cells: (row: LoggedHeartbeat) => [row.no, row.deviceNo, row.receivedMs, row.sample, row.requestId],
})

export const storeHeartbeats = (tx: Tx, rows: readonly LoggedHeartbeat[]): Promise<number> => insertLog(tx, rows)

const toLogged = (row: Record<string, unknown>): LoggedHeartbeat => ({
  no: row['heartbeat_no'] as number,
  deviceNo: row['device_no'] as number,
  receivedMs: row['received_ms'] as number,
  sample: Buffer.from(row['sample'] as Uint8Array),
  requestId: row['request_id'] as string,
})

/** In the order of their numbers, at most `limit`. */
export const loadHeartbeats = async (db: Db, afterNo: number, limit: number): Promise<readonly LoggedHeartbeat[]> => {
  const rows = await db
    .selectFrom('telemetry_heartbeat')
    .selectAll()
    .where('heartbeat_no', '>', afterNo)
    .orderBy('heartbeat_no')
    .limit(limit)
    .execute()
  return rows.map(toLogged)
}

/** A heartbeat of the log with the identity it came under. */
export interface RangedHeartbeat extends LoggedHeartbeat {
  readonly bound: Omit<Bound, 'tenantId'>
}

/** Those of one tenant in a range of the log, in the order of their numbers, at most `limit`. */
export const loadRange = async (
  db: Db,
  tenantId: string,
  { fromNo, throughNo }: { readonly fromNo: number; readonly throughNo: number },
  limit: number,
): Promise<readonly RangedHeartbeat[]> => {
  const rows = await db
    .selectFrom('telemetry_heartbeat as heartbeat')
    .innerJoin('telemetry_presence as presence', 'presence.device_no', 'heartbeat.device_no')
    .selectAll('heartbeat')
    .select(['presence.agent_id', 'presence.site_id', 'presence.collector_id', 'presence.asset_id'])
    .where('presence.tenant_id', '=', tenantId)
    .where('heartbeat.heartbeat_no', '>=', fromNo)
    .where('heartbeat.heartbeat_no', '<=', throughNo)
    .orderBy('heartbeat.heartbeat_no')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    ...toLogged(row),
    bound: {
      agentId: row['agent_id'] as string,
      siteId: row['site_id'] as string,
      collectorId: row['collector_id'] as string,
      assetId: row['asset_id'] as string,
    },
  }))
}

/** Deletes what is packed and old, at most `limit` rows; answers how many went. */
export const trimLog = async (tx: Tx, throughNo: number, beforeMs: number, limit: number): Promise<number> => {
  const old = tx
    .selectFrom('telemetry_heartbeat')
    .select('heartbeat_no')
    .where('heartbeat_no', '<=', throughNo)
    .where('received_ms', '<', beforeMs)
    .orderBy('heartbeat_no')
    .limit(limit)
  const gone = await tx.deleteFrom('telemetry_heartbeat').where('heartbeat_no', 'in', old).executeTakeFirst()
  return Number(gone.numDeletedRows)
}

/** Numbers of a device's rows; reads the whole log. */
export const loadLoggedNos = async (db: Db, deviceNo: number): Promise<readonly number[]> => {
  const rows = await db
    .selectFrom('telemetry_heartbeat')
    .select('heartbeat_no')
    .where('device_no', '=', deviceNo)
    .execute()
  return rows.map((row) => row['heartbeat_no'] as number)
}

/** Of these rows, those that are in the log. */
export const loadStillLogged = async (db: Db, nos: readonly number[]): Promise<ReadonlySet<number>> => {
  const rows = await db
    .selectFrom('telemetry_heartbeat')
    .select('heartbeat_no')
    .where('heartbeat_no', 'in', nos)
    .execute()
  return new Set(rows.map((row) => row['heartbeat_no'] as number))
}

const deletedAtOnce = 500

export const deleteLogged = async (tx: Tx, nos: readonly number[]): Promise<number> => {
  let count = 0
  for (let at = 0; at < nos.length; at += deletedAtOnce) {
    const some = nos.slice(at, at + deletedAtOnce)
    const gone = await tx.deleteFrom('telemetry_heartbeat').where('heartbeat_no', 'in', some).executeTakeFirst()
    count += Number(gone.numDeletedRows)
  }
  return count
}

/** What was made of a device's heartbeats; turns of its agent stay on the timeline of the asset. */
export const deleteReported = async (tx: Tx, deviceNo: number): Promise<number> => {
  const presence = (await loadPresences(tx, [deviceNo])).get(deviceNo)
  if (presence === undefined) return 0
  const runs = await tx
    .deleteFrom('telemetry_timeline')
    .where('tenant_id', '=', presence.tenantId)
    .where('asset_id', '=', presence.assetId)
    .where('device_no', '=', deviceNo)
    .executeTakeFirst()
  let count = Number(runs.numDeletedRows)
  const tables = ['pack', 'hours', 'day', 'description', 'presence'] as const
  for (const table of tables) {
    const gone = await tx.deleteFrom(`telemetry_${table}`).where('device_no', '=', deviceNo).executeTakeFirst()
    count += Number(gone.numDeletedRows)
  }
  return count
}

export interface DescriptionRow extends Described {
  readonly tenantId: string
  readonly deviceNo: number
  readonly describedMs: number
  readonly description: Description
}

const insertDescriptions = bulkInsert({
  into: 'telemetry_description',
  columns: {
    description_no: 'int',
    tenant_id: 'text',
    device_no: 'int',
    described_ms: 'int',
    digest: 'text',
    face: 'text',
    description: 'text',
  },
  cells: (row: DescriptionRow) => [
    row.descriptionNo,
    row.tenantId,
    row.deviceNo,
    row.describedMs,
    row.digest,
    row.face,
    // PostgreSQL keeps no NUL in text.
    JSON.stringify(row.description).replaceAll(String.raw`\u0000`, String.raw`\ufffd`),
  ],
})

export const storeDescriptions = (tx: Tx, rows: readonly DescriptionRow[]): Promise<number> =>
  insertDescriptions(tx, rows)

export const loadNewestDescriptionNo = async (db: Db): Promise<number> => {
  const row = await db
    .selectFrom('telemetry_description')
    .select((eb) => eb.fn.max('description_no').as('no'))
    .executeTakeFirst()
  return (row?.no as number | null | undefined) ?? 0
}

export interface PresenceRow extends Bound {
  readonly deviceNo: number
  readonly firstMs: number
  readonly descriptionNo: number
}

const upsertPresences = bulkInsert({
  into: 'telemetry_presence',
  columns: {
    device_no: 'int',
    tenant_id: 'text',
    site_id: 'text',
    agent_id: 'text',
    collector_id: 'text',
    asset_id: 'text',
    first_ms: 'int',
    description_no: 'int',
  },
  onConflict: {
    on: ['device_no'],
    update: ['site_id', 'agent_id', 'collector_id', 'asset_id', 'description_no'],
  },
  cells: (row: PresenceRow) => [
    row.deviceNo,
    row.tenantId,
    row.siteId,
    row.agentId,
    row.collectorId,
    row.assetId,
    row.firstMs,
    row.descriptionNo,
  ],
})

export const storePresences = (tx: Tx, rows: readonly PresenceRow[]): Promise<number> => upsertPresences(tx, rows)

export interface KnownPresence extends PresenceRow {
  readonly described: Described
}

const toPresence = (row: Record<string, unknown>): KnownPresence => ({
  deviceNo: row['device_no'] as number,
  tenantId: row['tenant_id'] as string,
  siteId: row['site_id'] as string,
  agentId: row['agent_id'] as string,
  collectorId: row['collector_id'] as string,
  assetId: row['asset_id'] as string,
  firstMs: row['first_ms'] as number,
  descriptionNo: row['description_no'] as number,
  described: {
    descriptionNo: row['description_no'] as number,
    digest: (row['digest'] as string | null) ?? '',
    face: (row['face'] as string | null) ?? '',
  },
})

const selectPresences = (db: Db) =>
  db
    .selectFrom('telemetry_presence as presence')
    .leftJoin('telemetry_description as said', 'said.description_no', 'presence.description_no')
    .selectAll('presence')
    .select(['said.digest', 'said.face'])

/** Devices that ever sent a heartbeat, of those asked for. */
export const loadPresences = async (
  db: Db,
  deviceNos: readonly number[],
): Promise<ReadonlyMap<number, KnownPresence>> => {
  if (deviceNos.length === 0) return new Map()
  const rows = await selectPresences(db).where('presence.device_no', 'in', deviceNos).execute()
  return new Map(rows.map((row) => [row['device_no'] as number, toPresence(row)]))
}

/** Devices whose description came after this number. */
export const loadChangedPresences = async (db: Db, afterDescriptionNo: number): Promise<readonly KnownPresence[]> => {
  const rows = await selectPresences(db).where('presence.description_no', '>', afterDescriptionNo).execute()
  return rows.map(toPresence)
}

/** Whether this asset sent a heartbeat, under any agent. */
export const loadDiscovered = async (db: Db, tenantId: string, assetId: string): Promise<boolean> => {
  const row = await db
    .selectFrom('telemetry_presence')
    .select('device_no')
    .where('tenant_id', '=', tenantId)
    .where('asset_id', '=', assetId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export const loadMark = async (db: Db, name: string): Promise<number> => {
  const row = await db.selectFrom('telemetry_mark').select('value').where('name', '=', name).executeTakeFirst()
  return (row?.['value'] as number | undefined) ?? 0
}

export const storeMark = async (tx: Tx, name: string, value: number): Promise<void> => {
  await tx
    .insertInto('telemetry_mark')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute()
}
