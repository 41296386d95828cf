// What two inventories have in common and what not. Pure.
// Whose inventories they are is comparison.ts.
import type { Comparison, Difference, PayloadItem } from '@muster/contract'
import { coordinatesOf } from '../coordinate/decide.ts'

/** An item as it is compared: by what it is called, with what may differ about it. */
export interface Face {
  readonly surface: string
  readonly kind: string
  readonly name: string
  /** Empty where the source says nothing. */
  readonly value: string
}

/** Packages by their name in their ecosystem, wherever they lie; all else as it is called. */
export const facesOf = (item: PayloadItem): readonly Face[] => {
  const { surface, kind } = item
  const packages = coordinatesOf(item).filter(({ ecosystem, declaredBy }) => ecosystem !== 'mcp' && declaredBy === null)
  return packages.length > 0
    ? packages.map(({ name, version }) => ({ surface, kind, name, value: version ?? '' }))
    : [{ surface, kind, name: item.name, value: item.version ?? item.detail ?? item.origin ?? '' }]
}

const keyOf = ({ surface, kind, name }: Face): string => JSON.stringify([surface, kind, name])

interface Held {
  readonly face: Face
  readonly values: Set<string>
}

/** What one device has, by what it is. */
export type Inventory = ReadonlyMap<string, Held>

export const inventoryOf = (faces: Iterable<Face>): Inventory => {
  const inventory = new Map<string, Held>()
  for (const face of faces) {
    const key = keyOf(face)
    const held = inventory.get(key) ?? { face, values: new Set() }
    inventory.set(key, held)
    held.values.add(face.value)
  }
  return inventory
}

interface Common {
  readonly face: Face
  devices: number
  /** How many devices have each value. */
  readonly values: Map<string, number>
}

/** What several devices have. */
export interface Reference {
  devices: number
  readonly held: Map<string, Common>
}

export const newReference = (): Reference => ({ devices: 0, held: new Map() })

export const addDevice = (reference: Reference, inventory: Inventory): void => {
  reference.devices += 1
  for (const [key, { face, values }] of inventory) {
    const common = reference.held.get(key) ?? { face, devices: 0, values: new Map() }
    reference.held.set(key, common)
    common.devices += 1
    for (const value of values) common.values.set(value, (common.values.get(value) ?? 0) + 1)
  }
}

const byCount = ({ values }: Common): readonly (readonly [value: string, devices: number])[] =>
  [...values].toSorted(([left, leftCount], [right, rightCount]) => rightCount - leftCount || (left < right ? -1 : 1))

/**
 * A value that most of them have is missed, and one that is neither that nor as common as any other is odd. With one
 * device to compare with, both say that its values are others.
 */
const isDifferent = (held: Held, common: Common, quorum: number): boolean => {
  const counted = byCount(common)
  const most = counted[0]?.[1] ?? 0
  const expected = counted.filter(([, devices]) => devices >= quorum * common.devices).map(([value]) => value)
  const usual = new Set([...expected, ...counted.filter(([, devices]) => devices === most).map(([value]) => value)])
  return expected.some((value) => !held.values.has(value)) || [...held.values].some((value) => !usual.has(value))
}

const mostValues = 10
const said = (values: readonly string[]): string[] => values.filter((value) => value !== '').slice(0, mostValues)

const toDifference = (held: Held | undefined, common: Common | undefined): Difference => {
  const { surface = '', kind = '', name = '' } = held?.face ?? common?.face ?? {}
  return {
    surface,
    kind,
    name,
    values: said([...(held?.values ?? [])].toSorted()),
    referenceValues: common === undefined ? [] : said(byCount(common).map(([value]) => value)),
    referenceDevices: common?.devices ?? 0,
  }
}

const mostShown = 200

const placeOf = ({ surface, name, kind }: Difference): string => `${surface}\n${name}\n${kind}`

const inOrder = (left: Difference, right: Difference): number => {
  const [before, after] = [placeOf(left), placeOf(right)]
  return before < after ? -1 : Number(before > after)
}

const shown = (differences: readonly Difference[]): Comparison['added'] => ({
  total: differences.length,
  items: differences.toSorted(inOrder).slice(0, mostShown),
})

export interface Comparing {
  /** What at least this share of the others has counts as what they have. */
  readonly quorum: number
  readonly withValues: boolean
}

export const compareInventories = (
  inventory: Inventory,
  reference: Reference,
  { quorum, withValues }: Comparing,
): Pick<Comparison, 'added' | 'missing' | 'different'> => {
  const isCommon = (common: Common | undefined): common is Common =>
    common !== undefined && common.devices >= quorum * reference.devices
  const [added, different]: [Difference[], Difference[]] = [[], []]
  for (const [key, held] of inventory) {
    const common = reference.held.get(key)
    if (!isCommon(common)) added.push(toDifference(held, common))
    else if (withValues && isDifferent(held, common, quorum)) different.push(toDifference(held, common))
  }
  const missing = [...reference.held].flatMap(([key, common]) =>
    isCommon(common) && !inventory.has(key) ? toDifference(undefined, common) : [],
  )
  return { added: shown(added), missing: shown(missing), different: shown(different) }
}
