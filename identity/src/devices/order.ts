// The orders in which a list of devices can stand, each with the index that gives it and the key a page continues after.
// Which devices are in the list is list.ts.
import { COVERAGES, type Coverage, type DEVICE_SORTS, type SORT_ORDERS } from '@muster/contract'
import { engineOf } from '@muster/storage'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { sortSystem } from '../migrations/0009-orders.ts'
import type { IdentityTables } from '../tables.ts'

export interface OrderAsked {
  readonly sort?: (typeof DEVICE_SORTS)[number] | undefined
  readonly order?: (typeof SORT_ORDERS)[number] | undefined
  readonly coverage?: Coverage | undefined
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
  readonly isByName: boolean
}

const ref = (name: string): RawBuilder<string | number> => sql.ref(name)

type Column = Pick<Ordering, 'valueType' | 'value'>
type Sort = NonNullable<OrderAsked['sort']>

const columns = (db: Kysely<IdentityTables>): Readonly<Record<Exclude<Sort, 'coverage'>, Column>> => {
  // Who was heard last is the liveliest.
  const byContact: Column = { valueType: 'number', value: ref('contact.last_contact_ms') }
  return {
    name: { valueType: 'string', value: ref('device.sort_name') },
    os: { valueType: 'string', value: sortSystem<string>(engineOf(db), sql.ref('device.os_version')) },
    enrolled: { valueType: 'number', value: ref('device.enrolled_ms') },
    liveness: byContact,
    lastContact: byContact,
  }
}

const orderingOf = (
  db: Kysely<IdentityTables>,
  sort: keyof ReturnType<typeof columns>,
  order: NonNullable<OrderAsked['order']>,
): Ordering => {
  const isTurned = sort === 'liveness'
  const isByContact = sort === 'liveness' || sort === 'lastContact'
  const { value, valueType } = columns(db)[sort]
  return {
    valueType,
    value,
    isByContact,
    isByName: sort === 'name',
    keys: isByContact ? [value, ref('contact.tenant_id'), ref('contact.device_no')] : [value, ref('device.device_no')],
    label: `${sort}.${order}`,
    direction: (order === 'desc') === isTurned ? 'asc' : 'desc',
  }
}

/** A stretch of a list: devices of that coverage, or all that are asked for. */
export interface Stretch {
  readonly ordering: Ordering
  readonly coverage: Coverage | undefined
}

/** The stretches that make up the list, one after the other: one, but for the order of coverage, which has no column. */
export const stretchesOf = (
  db: Kysely<IdentityTables>,
  { sort = 'name', order = 'asc', coverage }: OrderAsked,
): readonly [Stretch, ...Stretch[]] => {
  if (sort !== 'coverage') return [{ ordering: orderingOf(db, sort, order), coverage }]
  const byName = orderingOf(db, 'name', order)
  const stretchOf = (one: Coverage): Stretch => ({
    ordering: { ...byName, label: `coverage.${order}.${one}` },
    coverage: one,
  })
  const [first, ...others] = order === 'asc' ? COVERAGES : COVERAGES.toReversed()
  return coverage === undefined ? [stretchOf(first), ...others.map(stretchOf)] : [stretchOf(coverage)]
}
