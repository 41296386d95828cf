// Finds where an item that somebody names by its id would be, without making new names.
// Interning new ones is names.ts.
import { sha256Bytes } from '@muster/kernel'
import { bulkFind, type Db } from '@muster/storage'
import { labelOf } from './label.ts'
import { findPresent, type Place } from './store.ts'

const byDigest = { digest: 'bytes', tenant_id: 'text' } as const
const findPaths = bulkFind({ from: 'observe_path', select: { path_no: 'int' }, where: byDigest })
const findLabels = bulkFind({ from: 'observe_label', select: { label_no: 'int' }, where: byDigest })

export interface NamedPlace {
  readonly deviceNo: number
  readonly surface: string
  readonly itemId: string
  /** As reported beside the item id; an id can only be taken apart with it. */
  readonly path: string
}

const kindIn = ({ surface, itemId }: NamedPlace): string =>
  itemId.startsWith(`${surface}/`) ? (itemId.slice(surface.length + 1).split('/', 1)[0] ?? '') : ''

/** In the order asked; what was never heard of has no place, which is number 0. */
export const findPlaces = async (db: Db, tenantId: string, items: readonly NamedPlace[]): Promise<readonly Place[]> => {
  const keyOf = (text: string) => ({ digest: sha256Bytes(text).subarray(0, 16), tenant_id: tenantId })
  const paths = await findPaths(
    db,
    items.map(({ path }) => keyOf(path)),
  )
  const labels = await findLabels(
    db,
    items.map((item) => keyOf(labelOf(item.surface, kindIn(item), item.path, item.itemId))),
  )
  return items.map(({ deviceNo }, index) => ({
    deviceNo,
    pathNo: paths[index]?.path_no ?? 0,
    labelNo: labels[index]?.label_no ?? 0,
  }))
}

/** In the order asked: whether each item is there now. */
export const arePresent = async (
  db: Db,
  tenantId: string,
  items: readonly NamedPlace[],
): Promise<readonly boolean[]> => {
  const present = await findPresent(db, await findPlaces(db, tenantId, items))
  return present.map((row) => row !== undefined && row.contentNo !== null)
}
