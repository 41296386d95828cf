// The SQL of coming in: facts for a group of requests, and what their verdicts change, a few statements for all.
// Which verdict is decide.ts; the transaction is the caller's.
import { type Db as AnyDb, bulkFind, bulkInsert, bulkUpdate } from '@muster/storage'
import type { Kysely } from 'kysely'
import type { IdentityTables } from '../tables.ts'

type Db = Kysely<IdentityTables>

export const findTokens = bulkFind({
  from: 'identity_enrollment_token',
  select: {
    token_no: 'int',
    token_id: 'text',
    tenant_id: 'text',
    max_uses: 'int',
    use_count: 'int',
    expires_ms: 'int',
    revoked_ms: 'int?',
    allow_reenroll: 'int',
    planes: 'text',
    site_id: 'text',
    agent_classes: 'text',
    group_nos: 'text',
    tags: 'text',
    last_used_ms: 'int?',
    failure_count: 'int',
    last_failure: 'text?',
  },
  where: { digest: 'text' },
})

export const findDevices = bulkFind({
  from: 'identity_device',
  select: {
    device_no: 'int',
    device_id: 'text',
    status: 'text',
    hostname: 'text',
    os_version: 'text',
    hardware_model: 'text',
    sensor_version: 'text',
    planes: 'text',
    display_name: 'text?',
    version: 'int',
    retired_ms: 'int?',
    data_deletion_ms: 'int?',
    data_deleted_ms: 'int?',
  },
  where: { tenant_id: 'text', key_fingerprint: 'text' },
})

export const findUses = bulkFind({
  from: 'identity_enrollment_use',
  select: { used_ms: 'int' },
  where: { token_no: 'int', key_fingerprint: 'text' },
})

export const insertDevices = bulkInsert({
  into: 'identity_device',
  columns: {
    device_id: 'text',
    tenant_id: 'text',
    key_fingerprint: 'text',
    status: 'text',
    hostname: 'text',
    os_version: 'text',
    hardware_model: 'text',
    sensor_version: 'text',
    host_key: 'text',
    sort_name: 'text',
    search_name: 'text',
    planes: 'text',
    version: 'int',
    enrolled_ms: 'int',
    enrollment_token_id: 'text',
    changed_ms: 'int',
  },
})

export const updateDevices = bulkUpdate({
  table: 'identity_device',
  set: {
    status: 'text',
    status_reason: 'text?',
    hostname: 'text',
    os_version: 'text',
    hardware_model: 'text',
    sensor_version: 'text',
    host_key: 'text',
    sort_name: 'text',
    search_name: 'text',
    planes: 'text',
    version: 'int',
    enrollment_token_id: 'text',
    changed_ms: 'int',
    retired_ms: 'int?',
    data_deletion_ms: 'int?',
    data_deleted_ms: 'int?',
    gone_dark_ms: 'int?',
  },
  where: { device_no: 'int' },
})

/** Devices of other tenants that have one of these keys. */
export const loadHolders = (tx: Db, keyFingerprints: readonly string[]) =>
  tx
    .selectFrom('identity_device')
    .select(['tenant_id', 'device_id', 'key_fingerprint'])
    .where('key_fingerprint', 'in', keyFingerprints)
    .execute()

const findNos = bulkFind({ from: 'identity_device', select: { device_no: 'int' }, where: { device_id: 'text' } })

export const loadDeviceNos = async (tx: AnyDb, deviceIds: readonly string[]): Promise<ReadonlyMap<string, number>> => {
  const rows = await findNos(
    tx,
    deviceIds.map((device_id) => ({ device_id })),
  )
  return new Map(rows.map((row, index) => [deviceIds[index] as string, (row as { device_no: number }).device_no]))
}

export const insertTags = bulkInsert({
  into: 'identity_device_tag',
  columns: { device_no: 'int', tenant_id: 'text', tag: 'text' },
  onConflict: 'ignore',
})

/** A group a token grants may be gone by now. */
export const loadLivingGroups = async (tx: Db, groupNos: readonly number[]): Promise<ReadonlySet<number>> => {
  if (groupNos.length === 0) return new Set()
  const rows = await tx.selectFrom('identity_group').select('group_no').where('group_no', 'in', groupNos).execute()
  return new Set(rows.map((row) => row.group_no))
}

export const insertCertificates = bulkInsert({
  into: 'identity_certificate',
  columns: {
    device_no: 'int',
    tenant_id: 'text',
    authority_id: 'text',
    serial: 'text',
    fingerprint: 'text',
    issued_ms: 'int',
    expires_ms: 'int',
  },
})

/** A device needs one certificate, and a few more for responses that were lost; older ones are closed. */
const keptCertificates = 4

export const closeOldCertificates = async (tx: Db, deviceNos: readonly number[], nowMs: number): Promise<void> => {
  if (deviceNos.length === 0) return
  const rows = await tx
    .selectFrom('identity_certificate')
    .select(['certificate_no', 'device_no'])
    .where('device_no', 'in', deviceNos)
    .where('revoked_ms', 'is', null)
    .orderBy('certificate_no', 'desc')
    .execute()
  const ofDevice = Map.groupBy(rows, (row) => row.device_no)
  const old = [...ofDevice.values()].flatMap((held) => held.slice(keptCertificates))
  if (old.length === 0) return
  const certificateNos = old.map((row) => row.certificate_no)
  await tx
    .updateTable('identity_certificate')
    .set({ revoked_ms: nowMs, revoked_by: 'successor' })
    .where('certificate_no', 'in', certificateNos)
    .execute()
}

export const upsertUses = bulkInsert({
  into: 'identity_enrollment_use',
  columns: { token_no: 'int', key_fingerprint: 'text', tenant_id: 'text', device_no: 'int', used_ms: 'int' },
  onConflict: { on: ['token_no', 'key_fingerprint'], update: ['device_no', 'used_ms'] },
})

export const updateTokens = bulkUpdate({
  table: 'identity_enrollment_token',
  set: { use_count: 'int', last_used_ms: 'int?', failure_count: 'int', last_failure: 'text?' },
  where: { token_no: 'int' },
})
