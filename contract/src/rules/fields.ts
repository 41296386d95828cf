// What a rule may look at: the fields and flags of an item, each as text or truth, or null when it is not known
// (sensor-protocol 15.3, 15.4). Which rule looks at what is evidence.ts.
import type { PayloadItem } from '../payload.ts'
import { PACKAGE_SURFACES } from './vocabulary.ts'

/** An item as far as rules look at it. */
export type RuledItem = Omit<PayloadItem, 'itemId' | 'attributes'>

const schemeOf = (text: string): string | null => /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase() ?? null

/** Whether the text begins with one of the schemes, which are lower-case. */
export const hasScheme = (text: string, schemes: ReadonlySet<string>): boolean => {
  const scheme = schemeOf(text)
  return scheme !== null && schemes.has(scheme)
}

const isDrive = (text: string): boolean => /^[A-Za-z]:(?:[/\\]|$)/.test(text)

/** The value of the first `key=` among the words of a detail. */
const tokenOf = (detail: string | null, key: string): string | null => {
  const word = detail?.split(' ').find((part) => part.startsWith(`${key}=`))
  return word === undefined ? null : word.slice(key.length + 1)
}

const hostOf = (url: string | null): string | null => {
  const host = url === null ? '' : (URL.parse(url)?.hostname ?? '')
  return host === '' ? null : host
}

const commandOf = ({ kind, origin }: RuledItem): string | null => {
  if (kind !== 'mcpServer' || origin === null) return null
  return schemeOf(origin) === null || isDrive(origin) ? origin : null
}

const isHash = (text: string): boolean => /^[0-9a-fA-F]{64}$/.test(text)
const packageSurfaces: ReadonlySet<string> = new Set(PACKAGE_SURFACES)

const fields: Readonly<Record<string, (item: RuledItem) => string | null>> = {
  kind: ({ kind }) => kind,
  name: ({ name }) => name,
  path: ({ path }) => path,
  version: ({ version }) => version,
  origin: ({ origin }) => origin,
  detail: ({ detail }) => detail,
  packageManager: ({ surface, origin }) => (packageSurfaces.has(surface) ? origin : null),
  registry: ({ detail }) => hostOf(tokenOf(detail, 'resolved')),
  sourceURL: ({ detail }) => tokenOf(detail, 'resolved'),
  command: commandOf,
  dependencyScope: ({ detail }) => tokenOf(detail, 'scope'),
  fileHash: ({ detail }) => (detail !== null && isHash(detail) ? detail : tokenOf(detail, 'fileHash')),
}

export const fieldOf = (item: RuledItem, field: string): string | null =>
  Object.hasOwn(fields, field) ? (fields[field]?.(item) ?? null) : null

const executableKinds: ReadonlySet<string> = new Set(['hook', 'command', 'plugin', 'mcpServer'])
const promptKinds: ReadonlySet<string> = new Set(['agent', 'instruction', 'rule', 'settings', 'skill'])
const runners = ['npx', 'uvx', 'bunx', 'pnpm dlx']
const remoteStarts = ['http://', 'https://', 'ws://', 'wss://']

const ofDetail =
  (holds: (detail: string) => boolean) =>
  ({ detail }: RuledItem): boolean | null =>
    detail === null ? null : holds(detail)

/** `hasInstallScript` and `isEditable` are words of the language that no sensor ever knows, and so have no row. */
const flags: Readonly<Record<string, (item: RuledItem) => boolean | null>> = {
  installedOnRequest: ({ installedOnRequest }) => installedOnRequest,
  isDirectDependency: ({ detail }) => tokenOf(detail, 'scope') === null,
  isExecutableConfig: ({ kind }) => executableKinds.has(kind),
  isPromptShapingConfig: ({ kind }) => promptKinds.has(kind),
  usesDynamicAuthHelper: ofDetail((detail) => detail.includes('headersHelper')),
  usesEphemeralRunner: ofDetail((detail) => runners.some((runner) => detail.includes(runner))),
  usesRemote: ofDetail((detail) => remoteStarts.some((start) => detail.startsWith(start))),
}

export const flagOf = (item: RuledItem, flag: string): boolean | null =>
  Object.hasOwn(flags, flag) ? (flags[flag]?.(item) ?? null) : null
