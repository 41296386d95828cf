// What an address says about the list of devices: filters and order, and what is asked of the API for them; pure.
// A word that is not understood is left out, so that an old link still shows a list.
import type { BodyOf, Coverage, DeviceSort, DeviceStatus, Liveness, PolicyStatus, tagDevices } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'
import { oneOf, textOf, type Words, withoutUnsaid } from '../../parts/decide-words.ts'
import type { Sorting } from '../../parts/rows.tsx'
import type { ItemOf, QueryTo } from '../../wire/ask.ts'
import { coverages, deviceSorts, deviceStatuses, livenesses, policyStatuses } from '../../wire/routes.built.ts'

type Device = ItemOf<'listDevices'>

export interface DevicesView {
  readonly name?: string
  readonly liveness?: Liveness
  readonly status?: DeviceStatus
  readonly policyStatus?: PolicyStatus
  /** Of the surface of a device that is known least. */
  readonly coverage?: Coverage
  readonly tag?: string
  readonly group?: string
  readonly enrollmentTokenId?: string
  readonly goneDark?: 'true'
  /** Absent for the name. */
  readonly sort?: Exclude<DeviceSort, 'name'>
  /** Absent for ascending. */
  readonly order?: 'desc'
}

const otherSorts: readonly Exclude<DeviceSort, 'name'>[] = deviceSorts.filter((sort) => sort !== 'name')

export const readDevicesView = (words: Words): DevicesView =>
  withoutUnsaid<DevicesView>({
    name: textOf(words['name']),
    liveness: oneOf(words['liveness'], livenesses),
    status: oneOf(words['status'], deviceStatuses),
    policyStatus: oneOf(words['policyStatus'], policyStatuses),
    coverage: oneOf(words['coverage'], coverages),
    tag: textOf(words['tag']),
    group: textOf(words['group']),
    enrollmentTokenId: textOf(words['enrollmentTokenId']),
    goneDark: oneOf(words['goneDark'], ['true']),
    sort: oneOf(words['sort'], otherSorts),
    order: oneOf(words['order'], ['desc']),
  })

export const queryOfView = (view: DevicesView): QueryTo<'listDevices'> => view

/** Which devices, in whatever order. */
export const filterOf = ({ sort: _sort, order: _order, ...filter }: DevicesView): Omit<DevicesView, 'sort' | 'order'> =>
  filter

export const isFiltered = (view: DevicesView): boolean => Object.keys(filterOf(view)).length > 0

export const sortingOf = ({ sort, order }: DevicesView): Sorting => ({
  column: sort ?? 'name',
  isDescending: order === 'desc',
})

/** What an address says of an order; nothing of the usual one. */
export const wordsOfSorting = ({ column, isDescending }: Sorting): Pick<DevicesView, 'sort' | 'order'> =>
  withoutUnsaid<Pick<DevicesView, 'sort' | 'order'>>({
    sort: oneOf(column, otherSorts),
    order: isDescending ? 'desc' : undefined,
  })

type Meant = BodyOf<typeof tagDevices>['devices']

/** So many at a time are taken by one request. */
export const mostAtOnce = 1000

/** Devices that were chosen one by one, as many requests as it takes. */
export const meantByIds = (ids: readonly string[]): readonly Meant[] =>
  Array.from({ length: Math.ceil(ids.length / mostAtOnce) }, (_one, at) => ({
    ids: ids.slice(at * mostAtOnce, (at + 1) * mostAtOnce),
  }))

/** Of a device as a whole as little is known as of the surface that is known least. */
export const leastKnown = (surfaces: Device['coverage']): Coverage =>
  coverages.find((one) => surfaces.some(({ state }) => state === one)) ?? 'none'

/** What a person calls the device: its given name before the one it says of itself. */
export const nameOf = ({ displayName, hostname }: Pick<Device, 'displayName' | 'hostname'>): string =>
  displayName ?? hostname

export const DEVICES_CSV: CsvTable<Device> = {
  columns: [
    'id',
    'hostname',
    'displayName',
    'owner',
    'status',
    'liveness',
    'lastContactAt',
    'osVersion',
    'hardwareModel',
    'policyStatus',
    'coverage',
    'tags',
    'groups',
    'criticalFindings',
    'suspiciousFindings',
    'notableFindings',
    'infoFindings',
    'enrolledAt',
  ],
  rowsOf: (device) => [
    [
      device.id,
      device.hostname,
      device.displayName,
      device.owner,
      device.status,
      device.liveness,
      device.lastContactAt,
      device.osVersion,
      device.hardwareModel,
      device.policy.status,
      leastKnown(device.coverage),
      device.tags.join(' '),
      device.groups.join(' '),
      device.openFindings.critical,
      device.openFindings.suspicious,
      device.openFindings.notable,
      device.openFindings.info,
      device.enrolledAt,
    ],
  ],
}
