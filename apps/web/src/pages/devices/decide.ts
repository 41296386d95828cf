// What an address says about the list of devices: filters and order, and what is asked of the API for them; pure.
// A word that is not understood is left out, so that an old link still shows a list.
import type { DeviceStatus, Liveness, PolicyStatus } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'
import { oneOf, textOf, type Words, withoutUnsaid } from '../../parts/decide-words.ts'
import type { ItemOf, QueryTo } from '../../wire/ask.ts'
import { deviceStatuses, livenesses, policyStatuses } from '../../wire/routes.built.ts'

type Device = ItemOf<'listDevices'>

export interface DevicesView {
  readonly name?: string
  readonly liveness?: Liveness
  readonly status?: DeviceStatus
  readonly policyStatus?: PolicyStatus
  readonly tag?: string
  readonly group?: string
  readonly enrollmentTokenId?: string
  readonly goneDark?: 'true'
}

export const readDevicesView = (words: Words): DevicesView =>
  withoutUnsaid<DevicesView>({
    name: textOf(words['name']),
    liveness: oneOf(words['liveness'], livenesses),
    status: oneOf(words['status'], deviceStatuses),
    policyStatus: oneOf(words['policyStatus'], policyStatuses),
    tag: textOf(words['tag']),
    group: textOf(words['group']),
    enrollmentTokenId: textOf(words['enrollmentTokenId']),
    goneDark: oneOf(words['goneDark'], ['true']),
  })

export const queryOfView = (view: DevicesView): QueryTo<'listDevices'> => view

export const isFiltered = (view: DevicesView): boolean => Object.keys(view).length > 0

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
