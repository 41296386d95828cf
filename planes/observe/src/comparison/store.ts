// What a comparison reads: which contents a device has, and what they are; nothing about where they lie.
// What they are called is decided in decide.ts.
import type { PayloadItem } from '@muster/contract'
import type { Db } from '@muster/storage'
import { withInventory } from '../tables.ts'

/** Of what is there now. */
export const loadContentNos = async (db: Db, deviceNo: number): Promise<readonly number[]> => {
  const rows = await withInventory(db)
    .selectFrom('observe_present')
    .where('device_no', '=', deviceNo)
    .where('content_no', 'is not', null)
    .select('content_no')
    .distinct()
    .execute()
  return rows.flatMap((row) => row.content_no ?? [])
}

const contentsPerStatement = 500

/** As items without a place. */
export async function* loadItems(
  db: Db,
  tenantId: string,
  contentNos: readonly number[],
): AsyncGenerator<readonly [contentNo: number, item: PayloadItem]> {
  for (let at = 0; at < contentNos.length; at += contentsPerStatement) {
    const rows = await withInventory(db)
      .selectFrom('observe_content')
      .where('tenant_id', '=', tenantId)
      .where('content_no', 'in', contentNos.slice(at, at + contentsPerStatement))
      .select(['content_no', 'surface', 'kind', 'name', 'version', 'origin', 'detail'])
      .execute()
    for (const { content_no: contentNo, ...item } of rows)
      yield [contentNo, { ...item, itemId: '', path: '', installedOnRequest: null, attributes: {} }]
  }
}
