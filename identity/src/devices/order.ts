// The orders in which a list of devices can stand, each with the index that gives it and the key a page continues after.
// Which devices are in the list is list.ts.
import type { DEVICE_SORTS, SORT_ORDERS } from '@muster/contract'
import { engineOf } from '@muster/storage'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { sortSystem } from '../migrations/0009-orders.ts'
import type { IdentityTables } from '../tables.ts'

export interface OrderAsked {
  readonly sort?: (typeof DEVICE_SORTS)[number] | undefined
  readonly order?: (typeof SORT_ORDERS)[number] | undefined
}

/** Where a page ended: the order it stood in, so that no other order continues there, the value, and the device. */
export type DevicePosition = [ordering: string, value: string | number, deviceNo: number]

export interface Ordering {
  readonly label: string
  readonly valueType: 'string' | 'number'
  readonly value: RawBuilder<string | number>
  /** The value and what comes after it in its index, which makes each place one device's. */
  readonly keys: readonly RawBuilder<unknown>[]
  readonly direction: 'asc' | 'desc'
  /** Whether the order is that of the contacts, so that the search begins there. */
  readonly isByContact: boolean
}

const ref = (name: string): RawBuilder<string | number> => sql.ref(name)

type Column = Pick<Ordering, 'valueType' | 'value' | 'isByContact'>

const columns = (db: Kysely<IdentityTables>): Readonly<Record<NonNullable<OrderAsked['sort']>, Column>> => {
  const system = sortSystem<string>(engineOf(db), sql.ref('device.os_version'))
  // Who was heard last is the liveliest.
  const byContact: Column = { valueType: 'number', value: ref('contact.last_contact_ms'), isByContact: true }
  return {
    name: { valueType: 'string', value: ref('device.sort_name'), isByContact: false },
    os: { valueType: 'string', value: system, isByContact: false },
    enrolled: { valueType: 'number', value: ref('device.enrolled_ms'), isByContact: false },
    liveness: byContact,
    lastContact: byContact,
  }
}

export const orderingOf = (db: Kysely<IdentityTables>, { sort = 'name', order = 'asc' }: OrderAsked): Ordering => {
  const isTurned = sort === 'liveness'
  const column = columns(db)[sort]
  const { value, isByContact } = column
  return {
    ...column,
    keys: isByContact ? [value, ref('contact.tenant_id'), ref('contact.device_no')] : [value, ref('device.device_no')],
    label: `${sort}.${order}`,
    direction: (order === 'desc') === isTurned ? 'asc' : 'desc',
  }
}
