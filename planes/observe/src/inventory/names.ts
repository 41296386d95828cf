// Interned names: an item's path, label and content, each stored once per tenant and known by a number.
// Numbers are remembered in memory, but only once the transaction that made them is on disk, and until a sweep begins.
import type { PayloadItem } from '@muster/contract'
import type { Tx } from '@muster/storage'
import { holdNames, keepNames, type LeavingName, type SweepState } from '../sweep/store.ts'
import { readPayload } from '../sync/readable.ts'
import { createFaces } from './faces.ts'
import { type ItemBytes, isSameBytes, locateItem } from './item-bytes.ts'
import { labelOf } from './label.ts'
import { createMemory } from './memory.ts'
import { type KindName, type Nameless, numberNames } from './name-store.ts'

export interface ItemNumbers {
  readonly pathNo: number
  readonly labelNo: number
  readonly contentNo: number
}

/** An item whose face is known; its path may be one nobody has told of yet. */
export interface RecognisedItem {
  readonly labelNo: number
  readonly contentNo: number
  readonly path: string
  readonly pathNo: number | undefined
  /** The last sweep when it was recognised; its numbers are not believed after another one began. */
  readonly sweepNo: number
}

/** An item that was read, or one that was recognised and need not be. */
export type SaidItem =
  | { readonly body: 'inventoryItem'; readonly item: PayloadItem }
  | { readonly body: 'recognised'; readonly item: RecognisedItem }

export interface NamedItem {
  readonly tenantId: string
  readonly said: SaidItem
  readonly payload: Uint8Array
}

export interface Naming {
  /** In the order asked. */
  readonly numbers: readonly ItemNumbers[]
  /** To be called once the transaction is on disk. */
  settled(): void
}

export interface Names {
  /** Answers when the payload is an item of this surface whose face is known. */
  recognise(tenantId: string, surface: string, payload: Uint8Array): RecognisedItem | undefined
  resolve(tx: Tx, items: readonly NamedItem[]): Promise<Naming>
}

const separator = '\u0000'

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
  // The items of one file ask for its path one after the other.
  let last = { tenantId: '', text: '', key: '' }
  return {
    want(name: Nameless): string {
      const { tenantId, text } = name
      if (last.key !== '' && last.text === text && last.tenantId === tenantId) return last.key
      const key = tenantId + separator + text
      last = { tenantId, text, key }
      if (!wanted.has(key)) wanted.set(key, name)
      return key
    },
    async run(tx: Tx): Promise<void> {
      const found = await numberNames(tx, kind, [...wanted.values()])
      numbers = new Map([...wanted.keys()].map((key, index) => [key, found[index] as number]))
    },
    numberOf: (key: string): number => numbers.get(key) as number,
    entries: () => numbers.entries(),
    numbers: () => numbers.values(),
  }
}

type LookUps = Readonly<Record<KindName, ReturnType<typeof createLookUp>>>

/** The keys to find an item's numbers by, once the look-ups have run; empty for what is known already. */
type Asked = Readonly<Record<KindName, string>>

const nothingAsked: Asked = { path: '', label: '', content: '' }

const ask = (lookUps: LookUps, { tenantId, said }: NamedItem): Asked => {
  if (said.body === 'recognised') {
    const { path, pathNo } = said.item
    return pathNo === undefined ? { ...nothingAsked, path: lookUps.path.want({ tenantId, text: path }) } : nothingAsked
  }
  const { item } = said
  return {
    path: lookUps.path.want({ tenantId, text: item.path }),
    label: lookUps.label.want({ tenantId, text: labelOf(item.surface, item.kind, item.path, item.itemId) }),
    content: lookUps.content.want({ tenantId, text: contentText(item), item }),
  }
}

const isText = (text: string, bytes: Uint8Array, start: number, end: number): boolean => {
  if (text.length !== end - start) return false
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) !== bytes[start + index]) return false
  return true
}

/** Whether it has characters that stand for bytes which are no text, or are not stored as they came. */
const isDoubtful = (text: string): boolean => text.includes('\u0000') || text.includes('\ufffd')

/** Numbers of paths; the events of a scan come file by file, so the last path is asked for most. */
const createPaths = (size: number) => {
  const known = createMemory<number>(size)
  const nothing = { tenantId: '', bytes: new Uint8Array(), path: '', pathNo: undefined as number | undefined }
  let last = nothing
  return {
    /** Undefined for a path that is not stored as it came. */
    recall(tenantId: string, payload: Uint8Array, start: number, end: number) {
      const length = end - start
      const isLast = last.bytes.length === length && last.tenantId === tenantId
      if (isLast && isSameBytes(last.bytes, 0, payload, start, length)) return last
      // Copied, because the payload lies in a block that would be kept with it.
      const bytes = new Uint8Array(payload.subarray(start, end))
      const path = Buffer.from(bytes.buffer).toString()
      if (path === '' || isDoubtful(path)) return undefined
      last = { tenantId, bytes, path, pathNo: known.recall(tenantId + separator + path) }
      return last
    },
    remember(key: string, no: number): void {
      known.remember(key, no)
      last = nothing
    },
  }
}

/** An item that was recognised by what is not believed any more. */
const readAgain = (named: NamedItem, sweepNo: number): NamedItem => {
  if (named.said.body !== 'recognised' || named.said.item.sweepNo === sweepNo) return named
  const read = readPayload(named.payload)
  if (!read.ok || read.value.body !== 'inventoryItem') throw new Error('an item was recognised that cannot be read')
  return { ...named, said: { body: 'inventoryItem', item: read.value.item } }
}

const toKept = (lookUps: LookUps): LeavingName[] =>
  (Object.keys(lookUps) as KindName[]).flatMap((kind) => [...lookUps[kind].numbers()].map((no) => ({ kind, no })))

/** An item whose face was not known, to be remembered. */
interface MetFace {
  readonly tenantId: string
  readonly payload: Uint8Array
  readonly at: ItemBytes
  readonly numbers: ItemNumbers
}

const facesMet = (items: readonly NamedItem[], numbers: readonly ItemNumbers[]): readonly MetFace[] => {
  const met: MetFace[] = []
  for (const [index, { tenantId, said, payload }] of items.entries()) {
    const at = said.body === 'recognised' ? undefined : locateItem(payload)
    if (at !== undefined) met.push({ tenantId, payload, at, numbers: numbers[index] as ItemNumbers })
  }
  return met
}

/** `size`: how many names of each kind are remembered, at least. */
export const createNames = (size = 200_000): Names => {
  let paths = createPaths(size)
  let faces = createFaces(size)
  let sweepNo = 0

  /** A sweep lets go of names, so what was remembered before it is not believed any more. */
  const heed = (state: SweepState): void => {
    if (state.sweepNo <= sweepNo) return
    paths = createPaths(size)
    faces = createFaces(size)
    sweepNo = state.sweepNo
  }
  // Made here, because what a function made in `resolve` can see lives as long as that function: every item of a group.
  const settle = (state: SweepState, named: Iterable<[string, number]>, met: readonly MetFace[]) => (): void => {
    if (sweepNo !== state.sweepNo) return
    for (const [key, no] of named) paths.remember(key, no)
    for (const { tenantId, payload, at, numbers } of met) faces.remember(tenantId, payload, at, numbers)
  }
  return {
    recognise(tenantId, surface, payload) {
      const at = locateItem(payload)
      if (at === undefined || !isText(surface, payload, at.surfaceStart, at.surfaceEnd)) return undefined
      const face = faces.recall(tenantId, payload, at)
      const known = face === undefined ? undefined : paths.recall(tenantId, payload, at.pathStart, at.pathEnd)
      if (face === undefined || known === undefined) return undefined
      return { labelNo: face.labelNo, contentNo: face.contentNo, path: known.path, pathNo: known.pathNo, sweepNo }
    },
    async resolve(tx, asked) {
      const state = await holdNames(tx)
      heed(state)
      const items = asked.map((named) => readAgain(named, state.sweepNo))
      const lookUps = { path: createLookUp('path'), label: createLookUp('label'), content: createLookUp('content') }
      const keys = items.map((named) => ask(lookUps, named))
      for (const lookUp of Object.values(lookUps)) await lookUp.run(tx)
      if (state.isUnderWay) await keepNames(tx, toKept(lookUps))
      const numbers = items.map(({ said }, index): ItemNumbers => {
        const { path, label, content } = keys[index] as Asked
        const known = said.body === 'recognised' ? said.item : undefined
        return {
          pathNo: known?.pathNo ?? lookUps.path.numberOf(path),
          labelNo: known?.labelNo ?? lookUps.label.numberOf(label),
          contentNo: known?.contentNo ?? lookUps.content.numberOf(content),
        }
      })
      return { numbers, settled: settle(state, lookUps.path.entries(), facesMet(items, numbers)) }
    },
  }
}
