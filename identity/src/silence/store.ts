// Marks of silence on devices: which there are, setting them where a device is still active, taking them away.
// Whom they are set for is decide.ts.
import type { Kysely } from 'kysely'
import type { IdentityTables } from '../tables.ts'

type Db = Kysely<IdentityTables>

export interface MarkedDevice {
  readonly device_no: number
  readonly device_id: string
  readonly tenant_id: string
}

/** When each marked device was marked, by device number; of all tenants. */
export const loadMarks = async (db: Db): Promise<ReadonlyMap<number, number>> => {
  const rows = await db
    .selectFrom('identity_device')
    .select(['device_no', 'gone_dark_ms'])
    .where('gone_dark_ms', 'is not', null)
    .execute()
  return new Map(rows.map((row) => [row.device_no, row.gone_dark_ms as number]))
}

/** Answers those that were not marked before. */
export const markDark = (tx: Db, deviceNos: readonly number[], nowMs: number): Promise<readonly MarkedDevice[]> =>
  tx
    .updateTable('identity_device')
    .set({ gone_dark_ms: nowMs })
    .where('device_no', 'in', deviceNos)
    .where('status', '=', 'active')
    .where('gone_dark_ms', 'is', null)
    .returning(['device_no', 'device_id', 'tenant_id'])
    .execute()

/** Answers those that were marked until now. */
export const unmark = (tx: Db, deviceNos: readonly number[]): Promise<readonly MarkedDevice[]> =>
  tx
    .updateTable('identity_device')
    .set({ gone_dark_ms: null })
    .where('device_no', 'in', deviceNos)
    .where('gone_dark_ms', 'is not', null)
    .returning(['device_no', 'device_id', 'tenant_id'])
    .execute()
