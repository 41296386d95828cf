// The roll: every device of a tenant with what a search over the fleet needs, from memory and without its record.
// Devices are the directory's, contacts are contacts.ts.
import type { Bounds } from '../bounds.ts'
import type { Directory } from '../directory/directory.ts'
import type { Groups } from '../groups/groups.ts'
import type { KnownDevice } from '../speakers.ts'
import type { Contacts } from './contacts.ts'

/** From when to when a device can have reported anything. */
export interface DeviceLife {
  readonly deviceNo: number
  readonly enrolledMs: number
  readonly lastContactMs: number | null
}

export interface RollEntry extends DeviceLife {
  /** The devices that were merged into this one. */
  readonly former: readonly DeviceLife[]
}

/**
 * Absent members mean all that are neither retired nor merged; devices that are named are on the roll whatever became of
 * them. Group names that do not exist match nothing.
 */
export interface RollQuery {
  readonly deviceNos?: readonly number[]
  readonly groups?: readonly string[]
}

export interface RollNeeds {
  readonly directory: Directory
  readonly contacts: Contacts
  readonly groups: Groups
}

const pick = (
  directory: Directory,
  bounds: Bounds,
  deviceNos: readonly number[] | undefined,
): readonly KnownDevice[] =>
  deviceNos === undefined
    ? directory.within(bounds)
    : [...new Set(deviceNos)]
        .flatMap((no) => directory.byNo(no) ?? [])
        .filter((device) => directory.sees(bounds, device))

const resolve = async (groups: Groups, bounds: Bounds, names: readonly string[]): Promise<ReadonlySet<number>> => {
  const found = await Promise.all(names.map((name) => groups.resolve(bounds, [name])))
  return new Set(found.flatMap((group) => (group.ok ? group.value.map(({ groupNo }) => groupNo) : [])))
}

const lifeOf = (device: KnownDevice, contacts: Contacts): DeviceLife => ({
  deviceNo: device.deviceNo,
  enrolledMs: device.enrolledMs,
  lastContactMs: contacts.lastMs(device),
})

const none: readonly DeviceLife[] = Object.freeze([])

const formerOf = ({ formerDeviceIds }: KnownDevice, directory: Directory, contacts: Contacts): readonly DeviceLife[] =>
  formerDeviceIds.length === 0
    ? none
    : formerDeviceIds.flatMap((id) => directory.byId(id) ?? []).map((device) => lifeOf(device, contacts))

export const callRoll = async (
  { directory, contacts, groups }: RollNeeds,
  bounds: Bounds,
  query: RollQuery,
): Promise<readonly RollEntry[]> => {
  const wanted = query.groups && (await resolve(groups, bounds, query.groups))
  return pick(directory, bounds, query.deviceNos)
    .filter(({ status }) => query.deviceNos !== undefined || status === 'active' || status === 'revoked')
    .filter(({ groupNos }) => wanted === undefined || groupNos.some((no) => wanted.has(no)))
    .toSorted((left, right) => left.deviceNo - right.deviceNo)
    .map((device) => ({ ...lifeOf(device, contacts), former: formerOf(device, directory, contacts) }))
}
