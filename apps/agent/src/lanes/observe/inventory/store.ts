// What was found on this machine at the last scans, for whoever looks at it here (sensor-agent 14.5).
// Who writes it is scan/store.ts.
import type { PayloadItem } from '@muster/contract/device'
import { counted, listed, type Source, type Wanted } from '../database/list.ts'
import type { Database } from '../database/open.ts'
import { itemOf } from '../scan/store.ts'

const itemList: Source = {
  table: 'inventory_item',
  columns: ['surface', 'kind', 'name', 'version', 'path', 'origin'],
  order: 'name collate nocase, path collate nocase, kind collate nocase, surface, item_id',
}

export const createInventoryStore = (db: Database) => ({
  /** By name, path and kind, whatever their case. */
  items: (limit: number, wanted: Wanted): readonly PayloadItem[] => listed(db, itemList, wanted, limit).map(itemOf),

  countItems: (wanted: Wanted): number => counted(db, itemList, wanted),
})
