// The packages of one file, in the order of their identities and each of them once.
// Small on purpose: the sorting happens file by file, so that no list of all identities is ever in memory.
import { type FoundIn, PackageItem } from './package-item.ts'
import type { ReadPackage } from './reading.ts'
import type { TextPool } from './text-pool.ts'

// An identity ends in name and version with a slash between, and that is what decides their order.
const keyOf = ({ name, version }: ReadPackage): string => `${name}/${version ?? ''}`

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** Of packages with one name and version the first stays (sensor-agent 4). */
export const packagesInOrder = (packages: readonly ReadPackage[]): readonly ReadPackage[] => {
  const byKey = new Map<string, ReadPackage>()
  for (const read of packages) {
    const key = keyOf(read)
    if (!byKey.has(key)) byKey.set(key, read)
  }
  return [...byKey].sort(([left], [right]) => byText(left, right)).map(([, read]) => read)
}

export const itemsOf = (foundIn: FoundIn, packages: readonly ReadPackage[], { own }: TextPool): PackageItem[] =>
  packagesInOrder(packages).map(({ name, version, detail }) => {
    const kept = (text: string | null): string | null => (text === null ? null : own(text))
    return new PackageItem(foundIn, own(name), kept(version), kept(detail))
  })

/** Groups keyed by what their items' identities begin with, as one list in the order of identities. */
export const inOrderOfGroups = (groups: ReadonlyMap<string, readonly PackageItem[]>): readonly PackageItem[] => {
  const items: PackageItem[] = []
  for (const key of [...groups.keys()].sort(byText)) items.push(...(groups.get(key) ?? []))
  return items
}
