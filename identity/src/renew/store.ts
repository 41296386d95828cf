// The SQL of a renewal: the device's key and what was issued to it lately, and both as they are afterwards.
// Which verdict is decide.ts; the transaction is the caller's.
import type { Kysely } from 'kysely'
import type { IssuedCertificate } from '../authority/certificate.ts'
import type { IdentityTables } from '../tables.ts'

export type Db = Kysely<IdentityTables>

export const loadKey = async (tx: Db, deviceNo: number): Promise<string | undefined> => {
  const row = await tx
    .selectFrom('identity_device')
    .select('key_fingerprint')
    .where('device_no', '=', deviceNo)
    .where('status', '=', 'active')
    .executeTakeFirst()
  return row?.key_fingerprint
}

export const isKeyTaken = async (tx: Db, tenantId: string, keyFingerprint: string, deviceNo: number) => {
  const row = await tx
    .selectFrom('identity_device')
    .select('device_no')
    .where('tenant_id', '=', tenantId)
    .where('key_fingerprint', '=', keyFingerprint)
    .executeTakeFirst()
  return row !== undefined && row.device_no !== deviceNo
}

export const countIssuedSince = async (tx: Db, deviceNo: number, sinceMs: number): Promise<number> => {
  const rows = await tx
    .selectFrom('identity_certificate')
    .select('certificate_no')
    .where('device_no', '=', deviceNo)
    .where('issued_ms', '>', sinceMs)
    .execute()
  return rows.length
}

export const writeKey = async (tx: Db, deviceNo: number, keyFingerprint: string, nowMs: number): Promise<void> => {
  await tx
    .updateTable('identity_device')
    .set({ key_fingerprint: keyFingerprint, changed_ms: nowMs })
    .where('device_no', '=', deviceNo)
    .execute()
}

export const writeCertificate = async (
  tx: Db,
  device: { readonly deviceNo: number; readonly tenantId: string },
  certificate: IssuedCertificate,
  nowMs: number,
): Promise<void> => {
  await tx
    .insertInto('identity_certificate')
    .values({
      device_no: device.deviceNo,
      tenant_id: device.tenantId,
      authority_id: certificate.authorityId,
      serial: certificate.serial,
      fingerprint: certificate.fingerprint,
      issued_ms: nowMs,
      expires_ms: certificate.notAfterMs,
      revoked_ms: null,
      revoked_by: null,
    })
    .execute()
}
