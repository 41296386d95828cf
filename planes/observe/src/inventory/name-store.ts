// The rows of names: paths, labels and contents by digest, and the coordinates of new contents.
// Remembering their numbers is names.ts.
import type { PayloadItem } from '@muster/contract'
import { sha256Bytes } from '@muster/kernel'
import { bulkFind, bulkInsert, type Tx } from '@muster/storage'
import { coordinatesOf } from '../coordinate/decide.ts'

/** A name without a number yet: its text is what makes it this name. */
export interface Nameless {
  readonly tenantId: string
  readonly text: string
  /** Of a content: what its row says. */
  readonly item?: PayloadItem
}

type Digested = Nameless & { readonly digest: Uint8Array }
type Numbered = Nameless & { readonly no: number }

/** One kind of name: how its numbers are found and its rows made. */
interface Kind {
  find(tx: Tx, keys: readonly { digest: Uint8Array; tenant_id: string }[]): Promise<readonly (number | undefined)[]>
  insert(tx: Tx, names: readonly Digested[]): Promise<unknown>
  /** Told of every name that is new. */
  added?(tx: Tx, names: readonly Numbered[]): Promise<void>
}

const byDigest = { digest: 'bytes', tenant_id: 'text' } as const

const findPath = bulkFind({ from: 'observe_path', select: { path_no: 'int' }, where: byDigest })
const insertPath = bulkInsert({
  into: 'observe_path',
  columns: { ...byDigest, path: 'text' },
  onConflict: 'ignore',
})

const path: Kind = {
  find: async (tx, keys) => (await findPath(tx, keys)).map((row) => row?.path_no),
  insert: (tx, names) =>
    insertPath(
      tx,
      names.map(({ digest, tenantId, text }) => ({ digest, tenant_id: tenantId, path: text })),
    ),
}

const findLabel = bulkFind({ from: 'observe_label', select: { label_no: 'int' }, where: byDigest })
const insertLabel = bulkInsert({
  into: 'observe_label',
  columns: { ...byDigest, label: 'text' },
  onConflict: 'ignore',
})

const label: Kind = {
  find: async (tx, keys) => (await findLabel(tx, keys)).map((row) => row?.label_no),
  insert: (tx, names) =>
    insertLabel(
      tx,
      names.map(({ digest, tenantId, text }) => ({ digest, tenant_id: tenantId, label: text })),
    ),
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

const itemOf = ({ item, text }: Nameless): PayloadItem => {
  if (item === undefined) throw new Error(`nobody said what the content ${text} is`)
  return item
}

const content: Kind = {
  find: async (tx, keys) => (await findContent(tx, keys)).map((row) => row?.content_no),
  insert: (tx, names) =>
    insertContent(
      tx,
      names.map((name) => {
        const { digest, tenantId } = name
        const item = itemOf(name)
        return {
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
        }
      }),
    ),
  async added(tx, names) {
    const rows = names.flatMap((content) =>
      coordinatesOf(itemOf(content)).map(({ ecosystem, name, version, declaredBy }) => ({
        tenant_id: content.tenantId,
        ecosystem,
        name,
        version: version ?? '',
        content_no: content.no,
        declared_by: declaredBy,
      })),
    )
    await insertCoordinate(tx, rows)
  },
}

const kinds = { path, label, content } as const
export type KindName = keyof typeof kinds

/** The numbers of these names, in order; names nobody has used yet get one. */
export const numberNames = async (
  tx: Tx,
  kindName: KindName,
  names: readonly Nameless[],
): Promise<readonly number[]> => {
  if (names.length === 0) return []
  const kind: Kind = kinds[kindName]
  const digested = names.map((name) => ({ ...name, digest: sha256Bytes(name.text).subarray(0, 16) }))
  const lookUp = (list: readonly Digested[]) =>
    kind.find(
      tx,
      list.map(({ digest, tenantId }) => ({ digest, tenant_id: tenantId })),
    )
  const numbers = [...(await lookUp(digested))]
  const unknown = digested.filter((_, index) => numbers[index] === undefined)
  if (unknown.length === 0) return numbers as number[]
  await kind.insert(tx, unknown)
  const made = await lookUp(unknown)
  await kind.added?.(
    tx,
    unknown.map((name, index) => ({ ...name, no: made[index] as number })),
  )
  let next = 0
  return numbers.map((no) => no ?? (made[next++] as number))
}
