// Package coordinates: the normalised (ecosystem, name, version) of an item, by which fleets are searched.
// The raw name stays the item's identity; how agents came to spell names so is in fleet-product 10.2.
import type { Ecosystem, PayloadItem } from '@muster/contract'
import { mcpIdentityOf } from './mcp.ts'

export interface Coordinate {
  readonly ecosystem: Ecosystem
  readonly name: string
  /** Null where the source declares no version. */
  readonly version: string | null
  /** Set when the coordinate was read out of how something is started, not out of an installation. */
  readonly declaredBy: 'mcp' | null
}

// No registry names a package or a version nearly as long, and PostgreSQL indexes no row above 2704 bytes.
const maxNameBytes = 1024
const maxVersionBytes = 256
/** What a server is stands at the beginning of its command line; the rest may be anything, megabytes of it. */
const maxCommandLength = 8192
/** More kegs of one formula than this are not read, because each would be a row. */
const maxKegs = 64

/** Not longer than a coordinate can be; a longer text stays in the inventory and is not searched by. */
const fits = ({ name, version }: Coordinate): boolean =>
  Buffer.byteLength(name) <= maxNameBytes && Buffer.byteLength(version ?? '') <= maxVersionBytes

/** No coordinate for what is no package; several where one item stands for several. */
export const coordinatesOf = (item: PayloadItem): readonly Coordinate[] => readCoordinates(item).filter(fits)

/** Surfaces whose items are named and versioned as their ecosystem does it. */
const plainEcosystems: ReadonlyMap<string, Ecosystem> = new Map([
  ['npmGlobalPackages', 'npm'],
  ['debianPackages', 'deb'],
  ['rpmPackages', 'rpm'],
  ['goModules', 'golang'],
  ['cargoPackages', 'cargo'],
])

const readCoordinates = (item: PayloadItem): readonly Coordinate[] => {
  if (item.kind === 'mcpServer') return mcpCoordinates(item)
  if (item.surface === 'javascriptPackages') return [javascriptCoordinate(item)]
  if (item.surface === 'pythonPackages') return pythonCoordinates(item)
  if (item.surface === 'homebrew') return severalVersions('homebrew', item)
  if (item.surface === 'vscodeExtensions') return severalVersions('vscode', { ...item, name: item.name.toLowerCase() })
  const ecosystem = plainEcosystems.get(item.surface)
  return ecosystem === undefined ? [] : [installed(ecosystem, item.name, item.version)]
}

const installed = (ecosystem: Ecosystem, name: string, version: string | null): Coordinate => ({
  ecosystem,
  name,
  version,
  declaredBy: null,
})

const javascriptCoordinate = (item: PayloadItem): Coordinate => {
  if (item.origin === 'pnpm') return pnpmCoordinate(item)
  if (item.origin === 'bun') return installed('npm', lastBunSegment(item.name), item.version)
  if (item.origin === 'yarn') return installed('npm', beforeRange(item.name), item.version)
  return installed('npm', afterLast(item.name, 'node_modules/'), item.version)
}

const afterLast = (text: string, mark: string): string => {
  const at = text.lastIndexOf(mark)
  return at < 0 ? text : text.slice(at + mark.length)
}

/** Agents cut a selector of Yarn classic at its last `@`, which may lie in an address: `a@git+ssh://git`. */
const beforeRange = (name: string): string => {
  const at = name.indexOf('@', 1)
  return at < 0 ? name : name.slice(0, at)
}

const before = (text: string, mark: string): string => text.split(mark, 1)[0] ?? text

/** Agents split pnpm keys at the last `@`, which may lie inside a peer suffix: `foo@1.0.0(react` and `18)`. */
const pnpmCoordinate = (item: PayloadItem): Coordinate => {
  const name = before(item.name, '(')
  const at = name.indexOf('@', 1)
  if (at > 0) return installed('npm', name.slice(0, at), name.slice(at + 1))
  return installed('npm', name, item.version === null ? null : before(item.version, '('))
}

/** Keys of a nested bun package are paths of names: `parent/@scope/child`. */
const lastBunSegment = (key: string): string => {
  const segments = key.split('/')
  const scope = segments.at(-2)
  const last = segments.at(-1) ?? key
  return scope?.startsWith('@') ? `${scope}/${last}` : last
}

/** PEP 503. */
export const pythonName = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-')

const pythonCoordinates = (item: PayloadItem): readonly Coordinate[] => {
  if (item.origin === 'uv' || item.origin === 'pylock')
    return [installed('pypi', pythonName(item.name.trim()), item.version)]
  const [requirement = ''] = item.name.split(';', 1)
  const name = requirement.split(/ @ | #|[[(<>=!~]/, 1)[0]?.trim() ?? ''
  // A bare URL names no package; the raw item still shows it.
  if (name === '' || name.includes('://')) return []
  return [installed('pypi', pythonName(name), null)]
}

/** Several kegs of one formula, or copies of one extension, come as one item with its versions joined. */
const severalVersions = (ecosystem: Ecosystem, { name, version }: PayloadItem): readonly Coordinate[] =>
  (version ?? '').split(', ', maxKegs).map((one) => installed(ecosystem, name, one === '' ? null : one))

const mcpCoordinates = (item: PayloadItem): readonly Coordinate[] => {
  const identity = mcpIdentityOf((item.detail ?? item.origin ?? '').slice(0, maxCommandLength))
  const name = identity.package ?? identity.image ?? identity.host ?? identity.path ?? identity.command ?? ''
  const version = identity.versionSpec ?? identity.tag ?? null
  const server = { ecosystem: 'mcp', name: name === '' ? item.name : name, version, declaredBy: null } as const
  if (identity.package === undefined || identity.packageEcosystem === undefined) return [server]
  return [server, { ecosystem: identity.packageEcosystem, name: identity.package, version, declaredBy: 'mcp' }]
}
