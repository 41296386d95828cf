// The few tags of an RPM header that say what is installed. Pure: bytes in, a package out, nothing thrown.
// The form: two counts, an index of sixteen bytes an entry, and the data the entries point into, all big-endian.

export interface RpmPackage {
  readonly name: string
  /** `epoch:version-release`, the epoch only when it is not zero. */
  readonly version: string
  readonly architecture: string | null
  readonly vendor: string | null
  /** The file name of the source package. */
  readonly source: string | null
}

const tags = { name: 1000, version: 1001, release: 1002, epoch: 1003, vendor: 1011, arch: 1022, source: 1044 } as const
type Tag = keyof typeof tags
const tagNames: ReadonlyMap<number, Tag> = new Map(Object.entries(tags).map(([name, tag]) => [tag, name as Tag]))

const types = { int32: 4, string: 6, translatedString: 9 } as const

const countBytes = 8
const entryBytes = 16
const mostText = 4_096

const textAt = (bytes: Uint8Array, at: number): string | null => {
  const room = Buffer.from(bytes.subarray(at, at + mostText + 1))
  const end = room.indexOf(0)
  return end < 0 ? null : room.toString('utf8', 0, end)
}

const valueAt = (bytes: Uint8Array, view: DataView, type: number, at: number): string | null => {
  if (at < 0 || at >= bytes.length) return null
  if (type === types.string || type === types.translatedString) return textAt(bytes, at)
  return type === types.int32 && at + 4 <= bytes.length ? String(view.getUint32(at)) : null
}

const tagsOf = (bytes: Uint8Array): Partial<Record<Tag, string>> => {
  const said: Partial<Record<Tag, string>> = {}
  if (bytes.length < countBytes) return said
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const dataFrom = countBytes + view.getUint32(0) * entryBytes
  for (let at = countBytes; at < Math.min(dataFrom, bytes.length - entryBytes); at += entryBytes) {
    const tag = tagNames.get(view.getUint32(at))
    if (tag === undefined || said[tag] !== undefined) continue
    const value = valueAt(bytes, view, view.getUint32(at + 4), dataFrom + view.getInt32(at + 8))
    if (value !== null && value !== '') said[tag] = value
  }
  return said
}

/** Null when the bytes are no header of a package. */
export const readRpmHeader = (bytes: Uint8Array): RpmPackage | null => {
  const { name, version, release, epoch, vendor, arch, source } = tagsOf(bytes)
  if (name === undefined || version === undefined || release === undefined) return null
  const prefix = epoch === undefined || epoch === '0' ? '' : `${epoch}:`
  return {
    name,
    version: `${prefix}${version}-${release}`,
    architecture: arch ?? null,
    vendor: vendor ?? null,
    source: source ?? null,
  }
}
