// Interned names: the paths, labels and contents of items, each text stored once per tenant and known by a number.
// Numbers found are remembered in memory, but only once the transaction that made them is on disk.
import type { PayloadItem } from '@muster/contract'
import { sha256Bytes } from '@muster/kernel'
import { bulkFind, bulkInsert, type Tx } from '@muster/storage'
import { coordinatesOf } from '../coordinate/decide.ts'

export interface ItemNumbers {
  readonly pathNo: number
  readonly labelNo: number
  readonly contentNo: number
}

/** What an item id says beyond the path: the part that machines share. `=` marks an id not made the usual way. */
export const labelOf = (surface: string, kind: string, path: string, itemId: string): string => {
  const prefix = `${surface}/${kind}/${path}/`
  return itemId.startsWith(prefix) ? `${surface}/${kind}/${itemId.slice(prefix.length)}` : `=${itemId}`
}

/** The item id again (sensor-protocol 8.3). */
export const itemIdOf = (label: string, path: string): string => {
  if (label.startsWith('=')) return label.slice(1)
  const afterKind = label.indexOf('/', label.indexOf('/') + 1)
  return `${label.slice(0, afterKind)}/${path}${label.slice(afterKind)}`
}

interface Wanted {
  readonly tenantId: string
  readonly text: string
  readonly item: PayloadItem
}

type NameRow = { readonly [column: string]: number | string | null | Uint8Array }

/** One kind of name: how its numbers are found and its rows made. */
interface Kind {
  find(tx: Tx, keys: readonly { digest: Uint8Array; tenant_id: string }[]): Promise<readonly (number | undefined)[]>
  insert(tx: Tx, wanted: readonly (Wanted & { digest: Uint8Array })[]): Promise<unknown>
  /** Told once for each name that is new, with its number. */
  added?(tx: Tx, wanted: readonly (Wanted & { no: number })[]): Promise<void>
}

const byDigest = { digest: 'bytes', tenant_id: 'text' } as const

const textKind = (table: string, numberColumn: string, textColumn: string): Kind => {
  const find = bulkFind({ from: table, select: { [numberColumn]: 'int' } as const, where: byDigest })
  const insert = bulkInsert({
    into: table,
    columns: { ...byDigest, [textColumn]: 'text' } as const,
    onConflict: 'ignore',
  })
  return {
    find: async (tx, keys) => (await find(tx, keys)).map((row) => row?.[numberColumn] as number | undefined),
    insert: (tx, wanted) =>
      insert(
        tx,
        wanted.map(
          ({ digest, tenantId, text }): NameRow => ({ digest, tenant_id: tenantId, [textColumn]: text }),
        ) as never,
      ),
  }
}

const findContent = bulkFind({ from: 'observe_content', select: { content_no: 'int' }, where: byDigest })

const insertContent = bulkInsert({
  into: 'observe_content',
  columns: {
    ...byDigest,
    surface: 'text',
    kind: 'text',
    name: 'text',
    version: 'text?',
    origin: 'text?',
    detail: 'text?',
    installed_on_request: 'int?',
    attributes: 'text',
  },
  onConflict: 'ignore',
})

const insertCoordinate = bulkInsert({
  into: 'observe_coordinate',
  columns: {
    tenant_id: 'text',
    ecosystem: 'text',
    name: 'text',
    version: 'text',
    content_no: 'int',
    declared_by: 'text?',
  },
  onConflict: 'ignore',
})

const contentKind: Kind = {
  find: async (tx, keys) => (await findContent(tx, keys)).map((row) => row?.content_no),
  insert: (tx, wanted) =>
    insertContent(
      tx,
      wanted.map(({ digest, tenantId, item }) => ({
        digest,
        tenant_id: tenantId,
        surface: item.surface,
        kind: item.kind,
        name: item.name,
        version: item.version,
        origin: item.origin,
        detail: item.detail,
        installed_on_request: item.installedOnRequest === null ? null : Number(item.installedOnRequest),
        attributes: JSON.stringify(item.attributes),
      })),
    ),
  async added(tx, wanted) {
    const rows = wanted.flatMap(({ tenantId, item, no }) =>
      coordinatesOf(item).map(({ ecosystem, name, version, declaredBy }) => ({
        tenant_id: tenantId,
        ecosystem,
        name,
        version: version ?? '',
        content_no: no,
        declared_by: declaredBy,
      })),
    )
    await insertCoordinate(tx, rows)
  },
}

const kinds = {
  path: textKind('observe_path', 'path_no', 'path'),
  label: textKind('observe_label', 'label_no', 'label'),
  content: contentKind,
} as const
type KindName = keyof typeof kinds

const separator = '\u0000'

const contentText = (item: PayloadItem): string => {
  const fields = [item.surface, item.kind, item.name, item.version, item.origin, item.detail, item.installedOnRequest]
  const attributes = Object.keys(item.attributes)
  const said = fields.map((field) => (field === null ? separator : field)).join(`${separator}|`)
  return attributes.length === 0
    ? said
    : said + separator + JSON.stringify(attributes.map((key) => [key, item.attributes[key]]))
}

/** Two generations of a map: what was not asked for during a whole generation is forgotten. */
const createMemory = (size: number) => {
  let young = new Map<string, number>()
  let old = new Map<string, number>()
  const remember = (key: string, no: number): void => {
    if (young.size >= size) {
      old = young
      young = new Map()
    }
    young.set(key, no)
  }
  return {
    recall(key: string): number | undefined {
      const fresh = young.get(key)
      if (fresh !== undefined) return fresh
      const faded = old.get(key)
      if (faded !== undefined) remember(key, faded)
      return faded
    },
    remember,
  }
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

/** `size`: how many names of each kind are remembered at most, twice over. */
export const createNames = (size = 200_000): Names => {
  const memories = { path: createMemory(size), label: createMemory(size), content: createMemory(size) }

  /** Numbers by key for what memory does not hold. */
  const look = async (tx: Tx, kindName: KindName, missing: ReadonlyMap<string, Wanted>) => {
    const kind = kinds[kindName]
    const found = new Map<string, number>()
    if (missing.size === 0) return found
    const wanted = [...missing].map(([key, want]) => ({ ...want, key, digest: sha256Bytes(want.text).subarray(0, 16) }))
    const findAll = async (list: typeof wanted) => {
      const numbers = await kind.find(
        tx,
        list.map(({ digest, tenantId }) => ({ digest, tenant_id: tenantId })),
      )
      return list.filter(({ key }, index) => {
        const no = numbers[index]
        if (no !== undefined) found.set(key, no)
        return no === undefined
      })
    }
    const unknown = await findAll(wanted)
    if (unknown.length === 0) return found
    await kind.insert(tx, unknown)
    await findAll(unknown)
    await kind.added?.(
      tx,
      unknown.map((want) => ({ ...want, no: found.get(want.key) as number })),
    )
    return found
  }

  return {
    async resolve(tx, items) {
      const keysOf: Record<KindName, string[]> = { path: [], label: [], content: [] }
      const missing: Record<KindName, Map<string, Wanted>> = { path: new Map(), label: new Map(), content: new Map() }
      const numbersOf: Record<KindName, (number | undefined)[]> = { path: [], label: [], content: [] }
      const ask = (kind: KindName, { tenantId, item }: NamedItem, text: string): void => {
        const key = tenantId + separator + text
        const known = memories[kind].recall(key)
        keysOf[kind].push(key)
        numbersOf[kind].push(known)
        if (known === undefined) missing[kind].set(key, { tenantId, text, item })
      }
      for (const named of items) {
        const { item } = named
        ask('path', named, item.path)
        ask('label', named, labelOf(item.surface, item.kind, item.path, item.itemId))
        ask('content', named, contentText(item))
      }
      const found = {
        path: await look(tx, 'path', missing.path),
        label: await look(tx, 'label', missing.label),
        content: await look(tx, 'content', missing.content),
      }
      const numberOf = (kind: KindName, index: number): number =>
        numbersOf[kind][index] ?? (found[kind].get(keysOf[kind][index] as string) as number)
      return {
        numbers: items.map((_, index) => ({
          pathNo: numberOf('path', index),
          labelNo: numberOf('label', index),
          contentNo: numberOf('content', index),
        })),
        settled() {
          for (const kind of Object.keys(found) as KindName[])
            for (const [key, no] of found[kind]) memories[kind].remember(key, no)
        },
      }
    },
  }
}
