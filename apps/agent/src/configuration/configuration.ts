// What the owner of this machine decided: the agent's file found, read, judged and made absolute.
// Keys and bounds are schema.ts; what a server may change about it is lanes/observe/policy.
import { basename, dirname, join, resolve } from 'node:path'
import { BUILT_IN_RULES, type Rule } from '@muster/contract/inventory'
import { Secret } from '@muster/kernel'
import { PlainFault } from '../plain-fault.ts'
import { absolutePath, type PathBase } from './absolute-path.ts'
import { type ConfigDocument, readDocument } from './document.ts'
import { faultLines } from './fault-lines.ts'
import { fillIn } from './filled-in.ts'
import { type Imported, readConfigText, readImported } from './import.ts'
import { defaultDataDir, type Machine } from './machine.ts'
import { ownRoots, type PackageSettings, packageSettings } from './package-sections.ts'
import { plainRule } from './rule-section.ts'
import { AgentFile, type LogLevel, PLANES, type Plane, withoutNulls } from './schema.ts'
import { proxyOf, type ServerAccess } from './server-access.ts'
import { type TelemetrySettings, telemetrySettings } from './telemetry-section.ts'
import { toolPlaces } from './tool-places.ts'
import { ownToolRoots, type ToolSettings, toolSettings } from './tool-sections.ts'
import type { PersistenceSettings, WatchSettings } from './watch-section.ts'

export interface SyncSettings {
  readonly maxBatchBytes: number
  readonly maxBatchEvents: number
  readonly checkInIntervalSeconds: number
  readonly retryBaseSeconds: number
  readonly retryMaxSeconds: number
  readonly outboxMaxBytes: number
}

/** Who this device is to a server in its development mode, which it need not enrol with (sensor-protocol 4.2). */
export interface NamedDevice {
  readonly tenantId: string
  readonly deviceId: string
}

export interface LogSettings {
  readonly level: LogLevel
  /** Null for standard error. */
  readonly file: string | null
}

export interface Ceiling {
  /** Nothing outside these is opened, whatever a policy says. */
  readonly scanRoots: readonly string[]
  /** Whether the owner named them, and so allows roots that a policy alone never may name. */
  readonly isExplicit: boolean
}

export interface ObserveSettings extends PackageSettings, ToolSettings {
  readonly home: string
  readonly watch: WatchSettings
  readonly persistence: PersistenceSettings
  readonly rules: readonly Rule[]
  readonly sync: SyncSettings
  readonly ceiling: Ceiling
}

export interface AgentConfiguration {
  /** Null when no file was found and everything is default. */
  readonly file: string | null
  readonly server: string | null
  readonly access: ServerAccess
  readonly namedDevice: NamedDevice | null
  readonly log: LogSettings
  /** A koban.yaml that is used as it is, or null. */
  readonly importedFile: string | null
  readonly enrollmentToken: Secret | null
  /** The token stands in the imported file, which is not ours to rewrite. */
  readonly isTokenImported: boolean
  readonly enrollmentTokenFile: string | null
  readonly dataDir: string
  /** Those that run: wanted, and below the ceiling. Each once, in the order of PLANES. */
  readonly planes: readonly Plane[]
  /** Those the owner lets run at all. */
  readonly permittedPlanes: readonly Plane[]
  readonly observe: ObserveSettings
  readonly telemetry: TelemetrySettings
  /** What was passed over in an imported file. */
  readonly warnings: readonly string[]
}

type Mapping = Record<string, unknown>

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Section by section and key by key: what the owner's own file says wins over what it imports. */
const laidOver = (own: Mapping, imported: Mapping): Mapping =>
  Object.fromEntries(
    [...new Set([...Object.keys(imported), ...Object.keys(own)])].map((key) => {
      const [said, brought] = [own[key], imported[key]]
      return [key, isMapping(said) && isMapping(brought) ? { ...brought, ...said } : (said ?? brought)]
    }),
  )

const withImported = (own: Mapping, imported: Imported): Mapping => ({
  ...own,
  server: own['server'] ?? imported.server ?? undefined,
  serverCA: own['serverCA'] ?? imported.serverCa ?? undefined,
  enrollmentToken: own['enrollmentToken'] ?? (hasOwnToken(own) ? undefined : (imported.enrollmentToken ?? undefined)),
  observe: laidOver(isMapping(own['observe']) ? own['observe'] : {}, imported.observe),
})

const hasOwnToken = (own: Mapping): boolean =>
  own['enrollmentToken'] !== undefined || own['enrollmentTokenFile'] !== undefined

/** A file that stands in for another: its relative paths are meant from elsewhere, and so is what it imports. */
export interface Copied {
  /** The folder of the file it is a copy of. */
  readonly from: string
  /** Where a copy of what that file imports lies. */
  readonly importedAt: (importedFile: string) => string
}

interface ParsedFile {
  readonly said: AgentFile
  readonly importedFile: string | null
  readonly isTokenImported: boolean
  readonly warnings: readonly string[]
}

const importPath = (own: Mapping, { base, home }: PathBase): string | null => {
  const named = isMapping(own['observe']) ? own['observe']['import'] : undefined
  return typeof named === 'string' && named.trim() !== '' ? absolutePath(named.trim(), { base, home }) : null
}

const parseOwn = (path: string, document: ConfigDocument, machine: Machine): Mapping => {
  const filled = fillIn(withoutNulls(document.value ?? {}), machine)
  if (!filled.ok) {
    const { line, column } = document.placeOf(filled.path)
    throw new PlainFault(`${path}:${line}:${column}: ${filled.path.join('.')}: ${filled.message}`, 2)
  }
  // Anything but a mapping is left for the schema to refuse.
  return filled.value as Mapping
}

const judge = (path: string, document: ConfigDocument, value: unknown): AgentFile => {
  const judged = AgentFile.safeParse(value)
  if (!judged.success) throw new PlainFault(faultLines(path, document, judged.error.issues), 2)
  return judged.data
}

const read = (path: string): ConfigDocument => {
  const reading = readDocument(path, readConfigText(path))
  if (reading.ok) return reading.document
  const { line, column, message } = reading.fault
  throw new PlainFault(`${path}:${line}:${column}: ${message}`, 2)
}

/** A koban.yaml that is named as the agent's own file is imported as a whole. */
const isKobanFile = (path: string): boolean => /^koban\.ya?ml$/.test(basename(path))

const parseFile = (path: string, machine: Machine, copied: Copied | null): ParsedFile => {
  const isKoban = isKobanFile(path)
  const base = copied?.from ?? dirname(path)
  const document: ConfigDocument = isKoban ? { value: {}, placeOf: () => ({ line: 1, column: 1 }) } : read(path)
  const own = isKoban ? {} : parseOwn(path, document, machine)
  const named = copied === null ? path : join(base, basename(path))
  const theirs = isMapping(own) ? importPath(own, { base, home: machine.home }) : null
  const importedFile = isKoban ? named : theirs
  if (importedFile === null)
    return { said: judge(path, document, own), importedFile, isTokenImported: false, warnings: [] }
  const imported = readImported(isKoban ? path : (copied?.importedAt(importedFile) ?? importedFile))
  const isTokenImported = imported.enrollmentToken !== null && !hasOwnToken(own)
  const said = judge(path, document, withImported(own, imported))
  return { said, importedFile, isTokenImported, warnings: imported.warnings }
}

const observeSettings = (said: AgentFile, base: string, machine: Machine): ObserveSettings => {
  const home = absolutePath(said.observe.home ?? '~', { base, home: machine.home })
  const roots = (paths: readonly string[]) => paths.map((path) => absolutePath(path, { base: home, home }))
  const { watch, persistence, rules } = said.observe
  const { sensorToken: _token, tenantID: _tenant, deviceID: _device, ...sync } = said.observe.sync
  const { homeSignalScan } = watch
  const watched = {
    ...watch,
    projectRoots: roots(watch.projectRoots),
    homeSignalScan: { ...homeSignalScan, root: absolutePath(homeSignalScan.root, { base: home, home }) },
  }
  const packages = packageSettings(said.observe, roots)
  const tools = toolSettings(said.observe, toolPlaces(machine, home), (path) =>
    absolutePath(path, { base: home, home }),
  )
  return {
    home,
    watch: watched,
    ...packages,
    ...tools,
    persistence,
    rules: rules?.map(plainRule) ?? BUILT_IN_RULES,
    sync,
    ceiling: {
      scanRoots: said.ceiling.scanRoots
        ? roots(said.ceiling.scanRoots)
        : [...watched.projectRoots, ...ownRoots(packages), ...ownToolRoots(tools)],
      isExplicit: said.ceiling.scanRoots !== undefined,
    },
  }
}

/** What the file says of the proxy counts for every host; the environment's has exceptions. */
const accessOf = (said: AgentFile, caFile: string | null, { env }: Machine): ServerAccess => {
  const { sensorToken } = said.observe.sync
  const asked = said.proxyUrl === undefined ? proxyOf(env) : { url: said.proxyUrl, noProxy: '' }
  return {
    caFile,
    isCaOnly: said.serverCAOnly,
    proxy: asked.url === '' ? null : { ...asked, url: new Secret(asked.url) },
    sensorToken: sensorToken === undefined ? null : new Secret(sensorToken),
  }
}

/** An identity without a token would be a claim that nothing supports. */
const namedDeviceOf = ({ observe: { sync } }: AgentFile): NamedDevice | null => {
  const { sensorToken, tenantID: tenantId, deviceID: deviceId } = sync
  return sensorToken === undefined || tenantId === undefined || deviceId === undefined ? null : { tenantId, deviceId }
}

const planesOf = ({ planes, ceiling }: AgentFile, file: string | null) => {
  const permittedPlanes = PLANES.filter((plane) => (ceiling.planes ?? planes).includes(plane))
  const wanted = permittedPlanes.filter((plane) => planes.includes(plane))
  if (wanted.length === 0) throw new PlainFault(`${file}: ceiling.planes leaves none of planes to run`, 2)
  return { planes: wanted, permittedPlanes }
}

const nothingSaid = { importedFile: null, isTokenImported: false, warnings: [] }

/** The file's settings, or the defaults when there is no file; a bad file is a plain fault with path, line and column. */
export const readConfiguration = (
  file: string | null,
  machine: Machine,
  copied: Copied | null = null,
): AgentConfiguration => {
  const { said, importedFile, isTokenImported, warnings } =
    file === null ? { ...nothingSaid, said: AgentFile.parse({}) } : parseFile(file, machine, copied)
  const base = copied?.from ?? (file === null ? process.cwd() : dirname(resolve(file)))
  const at = (path: string | undefined) =>
    path === undefined ? null : absolutePath(path, { base, home: machine.home })
  if (said.enrollmentToken !== undefined && said.enrollmentTokenFile !== undefined) {
    throw new PlainFault(`${file}: name enrollmentToken or enrollmentTokenFile, not both`, 2)
  }
  if (said.serverCAOnly && said.serverCA === undefined)
    throw new PlainFault(`${file}: serverCAOnly needs serverCA, the file of those who may vouch for the server`, 2)
  return {
    file,
    importedFile,
    isTokenImported,
    warnings,
    server: said.server?.replace(/\/+$/, '') ?? null,
    access: accessOf(said, at(said.serverCA), machine),
    namedDevice: namedDeviceOf(said),
    log: { level: said.logLevel, file: at(said.logFile) },
    enrollmentToken: said.enrollmentToken === undefined ? null : new Secret(said.enrollmentToken),
    enrollmentTokenFile: at(said.enrollmentTokenFile),
    dataDir: at(said.dataDir) ?? defaultDataDir(machine),
    ...planesOf(said, file),
    observe: observeSettings(said, base, machine),
    telemetry: telemetrySettings(said.telemetry),
  }
}
