// A device beside another, or beside what a group has in common (fleet-product 7.7, 10.9): as it is now.
// What counts as a difference is decide.ts.
import { type BodyOf, type Comparison, compareInventory } from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Devices, KnownOperator } from '@muster/identity'
import { ok, type Result } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { readBy } from '../masking/mask.ts'
import {
  addDevice,
  compareInventories,
  type Face,
  facesOf,
  type Inventory,
  inventoryOf,
  newReference,
} from './decide.ts'
import { loadContentNos, loadItems } from './store.ts'

export interface ComparisonNeeds {
  readonly storage: Pick<Storage, 'db'>
  readonly devices: Pick<Devices, 'read' | 'roll'>
  /** Identity's groups: one that is not there, or not seen, is refused. */
  readonly groups: { resolve(bounds: KnownOperator, names: readonly string[]): Promise<Result<unknown, 'not_found'>> }
}

type Asked = BodyOf<typeof compareInventory>

export const serveComparison = (needs: ComparisonNeeds): Served<KnownOperator> =>
  serve<typeof compareInventory, KnownOperator>(compareInventory, async ({ speaker, body }) => {
    const compared = await compare(needs, speaker, body)
    return compared.ok ? ok(readBy(speaker, compared.value)) : compared
  })

/** Each device of a group is read by itself, in a few milliseconds. */
const mostReferences = 1000
const usualQuorum = 0.8

const compare = async (
  needs: ComparisonNeeds,
  speaker: KnownOperator,
  asked: Asked,
): Promise<Result<Comparison, 'not_found'>> => {
  const device = await needs.devices.read(speaker, asked.deviceId)
  if (!device.ok) return device
  const { deviceNo, id: deviceId, hostname } = device.value
  const others = await findOthers(needs, speaker, asked.reference, deviceNo)
  if (!others.ok) return others
  const read = createReader(needs, speaker.tenantId, asked.surfaces)
  const reference = newReference()
  for (const otherNo of others.value.slice(0, mostReferences)) addDevice(reference, await read(otherNo))
  // With one device to compare with, everything it has counts.
  const quorum = 'group' in asked.reference ? (asked.reference.quorum ?? usualQuorum) : 1
  return ok({
    deviceId,
    hostname,
    referenceDevices: reference.devices,
    referenceCut: others.value.length > mostReferences,
    ...compareInventories(await read(deviceNo), reference, { quorum, withValues: asked.compare !== 'names' }),
  })
}

/** A device is not compared with itself as a member of a group. */
const findOthers = async (
  { devices, groups }: ComparisonNeeds,
  speaker: KnownOperator,
  reference: Asked['reference'],
  deviceNo: number,
): Promise<Result<readonly number[], 'not_found'>> => {
  if ('deviceId' in reference) {
    const other = await devices.read(speaker, reference.deviceId)
    return other.ok ? ok([other.value.deviceNo]) : other
  }
  const known = await groups.resolve(speaker, [reference.group])
  if (!known.ok) return known
  const members = await devices.roll(speaker, { groups: [reference.group] })
  return ok(members.map((member) => member.deviceNo).filter((no) => no !== deviceNo))
}

/** Reads inventories one after another; what a content is called is found out once. */
const createReader = (
  { storage: { db } }: ComparisonNeeds,
  tenantId: string,
  surfaces: readonly string[] | undefined,
) => {
  const known = new Map<number, readonly Face[]>()
  return async (deviceNo: number): Promise<Inventory> => {
    const contentNos = await loadContentNos(db, deviceNo)
    const unknown = contentNos.filter((no) => !known.has(no))
    for await (const [no, item] of loadItems(db, tenantId, unknown))
      known.set(no, surfaces?.includes(item.surface) === false ? [] : facesOf(item))
    return inventoryOf(contentNos.flatMap((no) => known.get(no) ?? []))
  }
}
