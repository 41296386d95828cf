// Which findings speak of the same items as a page of search results.
// Findings themselves are read in findings/.
import type { Db } from '@muster/storage'
import { withInventory } from '../tables.ts'
import type { IntervalRow } from './store.ts'

export interface FoundFindings {
  /** By device number. */
  readonly idsOf: ReadonlyMap<number, string[]>
  readonly isCut: boolean
}

/** Matched by surface and item name, because findings keep no number of their item. */
export const loadFindingIds = async (
  db: Db,
  tenantId: string,
  rows: readonly IntervalRow[],
  most: number,
): Promise<FoundFindings> => {
  if (rows.length === 0) return { idsOf: new Map(), isCut: false }
  const found = await withInventory(db)
    .selectFrom('observe_finding')
    .select(['device_no', 'finding_id'])
    .where('tenant_id', '=', tenantId)
    .where('device_no', 'in', [...new Set(rows.map((row) => row.device_no))])
    .where('surface', 'in', [...new Set(rows.map((row) => row.surface))])
    .where('item_name', 'in', [...new Set(rows.map((row) => row.name))])
    .limit(most)
    .execute()
  const byDevice = Map.groupBy(found, (row) => row.device_no)
  const idsOf = new Map([...byDevice].map(([deviceNo, held]) => [deviceNo, held.map((row) => row.finding_id)]))
  return { idsOf, isCut: found.length === most }
}
