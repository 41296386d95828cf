// Interned names: an item's path, label and content, each stored once per tenant and known by a number.
// Numbers are remembered in memory, but only once the transaction that made them is on disk.
import type { PayloadItem } from '@muster/contract'
import type { Tx } from '@muster/storage'
import { labelOf } from './label.ts'
import { createMemory } from './memory.ts'
import { type KindName, type Nameless, numberNames } from './name-store.ts'

export interface ItemNumbers {
  readonly pathNo: number
  readonly labelNo: number
  readonly contentNo: number
}

export interface NamedItem {
  readonly tenantId: string
  readonly item: PayloadItem
}

export interface Naming {
  /** In the order asked. */
  readonly numbers: readonly ItemNumbers[]
  /** To be called once the transaction is on disk. */
  settled(): void
}

export interface Names {
  resolve(tx: Tx, items: readonly NamedItem[]): Promise<Naming>
}

/**
 * An item as it was met before. Keys are short because long ones cost more to hash than to compare, so what a key
 * leaves out is compared here.
 */
interface Acquaintance {
  readonly item: PayloadItem
  /** The end of the item id, after the path. */
  readonly rest: string
  readonly labelNo: number
  readonly contentNo: number
}

const separator = '\u0000'

const acquaintanceKey = ({ tenantId, item }: NamedItem): string =>
  `${tenantId}${separator}${item.name}${separator}${item.version ?? ''}`

const hasAttributes = ({ attributes }: PayloadItem): boolean => {
  for (const _ in attributes) return true
  return false
}

/** Same content and same label; items with attributes are never taken for acquainted, as no known agent sends any. */
const isAcquainted = ({ item: known, rest }: Acquaintance, item: PayloadItem): boolean =>
  known.surface === item.surface &&
  known.kind === item.kind &&
  known.version === item.version &&
  known.detail === item.detail &&
  known.origin === item.origin &&
  known.installedOnRequest === item.installedOnRequest &&
  item.itemId.length === item.surface.length + item.kind.length + item.path.length + rest.length + 3 &&
  item.itemId.endsWith(rest) &&
  item.itemId.startsWith(item.path, item.surface.length + item.kind.length + 2) &&
  item.itemId.startsWith(item.surface) &&
  !hasAttributes(item)

const contentText = (item: PayloadItem): string =>
  JSON.stringify([
    item.surface,
    item.kind,
    item.name,
    item.version,
    item.origin,
    item.detail,
    item.installedOnRequest,
    Object.entries(item.attributes).toSorted(([left], [right]) => (left < right ? -1 : 1)),
  ])

/** Names that memory does not know, each once, and who asked for them. */
const createLookUp = (kind: KindName) => {
  const wanted = new Map<string, Nameless>()
  let numbers = new Map<string, number>()
  return {
    want(name: Nameless): string {
      const key = name.tenantId + separator + name.text
      if (!wanted.has(key)) wanted.set(key, name)
      return key
    },
    async run(tx: Tx): Promise<void> {
      const found = await numberNames(tx, kind, [...wanted.values()])
      numbers = new Map([...wanted.keys()].map((key, index) => [key, found[index] as number]))
    },
    numberOf: (key: string): number => numbers.get(key) as number,
    entries: () => numbers.entries(),
  }
}

/** Versions of one name beyond this are looked up each time. */
const maxAlike = 16

/** `size`: how many names of each kind are remembered, at least. */
export const createNames = (size = 200_000): Names => {
  const paths = createMemory<number>(size)
  const acquaintances = createMemory<readonly Acquaintance[]>(size)

  const recallPaths = (items: readonly NamedItem[]): readonly (number | undefined)[] => {
    let last: { readonly tenantId: string; readonly path: string; readonly no: number | undefined } | undefined
    return items.map(({ tenantId, item: { path } }) => {
      if (last?.path !== path || last.tenantId !== tenantId)
        last = { tenantId, path, no: paths.recall(tenantId + separator + path) }
      return last.no
    })
  }
  const meet = (named: NamedItem, labelNo: number, contentNo: number): void => {
    const { item } = named
    const rest = item.itemId.slice(item.surface.length + item.kind.length + item.path.length + 3)
    const key = acquaintanceKey(named)
    const alike = acquaintances.recall(key) ?? []
    const acquaintance = { item, rest, labelNo, contentNo }
    if (alike.length < maxAlike && isAcquainted(acquaintance, item))
      acquaintances.remember(key, [...alike, acquaintance])
  }
  return {
    async resolve(tx, items) {
      const pathNos = recallPaths(items)
      const known = items.map((named) =>
        acquaintances.recall(acquaintanceKey(named))?.find((one) => isAcquainted(one, named.item)),
      )
      const lookUps = { path: createLookUp('path'), label: createLookUp('label'), content: createLookUp('content') }
      const asked = items.map(({ tenantId, item }, index) => {
        const want = (kind: KindName, text: string) => lookUps[kind].want({ tenantId, text, item })
        const stranger = known[index] === undefined
        return {
          path: pathNos[index] === undefined ? want('path', item.path) : '',
          label: stranger ? want('label', labelOf(item.surface, item.kind, item.path, item.itemId)) : '',
          content: stranger ? want('content', contentText(item)) : '',
        }
      })
      for (const lookUp of Object.values(lookUps)) await lookUp.run(tx)
      const numbers = items.map((_, index): ItemNumbers => {
        const { path, label, content } = asked[index] as (typeof asked)[number]
        return {
          pathNo: pathNos[index] ?? lookUps.path.numberOf(path),
          labelNo: known[index]?.labelNo ?? lookUps.label.numberOf(label),
          contentNo: known[index]?.contentNo ?? lookUps.content.numberOf(content),
        }
      })
      return {
        numbers,
        settled() {
          for (const [key, no] of lookUps.path.entries()) paths.remember(key, no)
          for (const [index, named] of items.entries()) {
            const { labelNo, contentNo } = numbers[index] as ItemNumbers
            if (known[index] === undefined) meet(named, labelNo, contentNo)
          }
        },
      }
    },
  }
}
