// What the owner of this machine decided: the agent's file found, read, judged and made absolute.
// Keys and bounds are schema.ts; what a server may change about it is lanes/observe/policy.
import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Secret } from '@muster/kernel'
import type { z } from 'zod'
import { PlainFault, reasonOf } from '../plain-fault.ts'
import { absolutePath } from './absolute-path.ts'
import { type ConfigDocument, readDocument } from './document.ts'
import { fillIn } from './filled-in.ts'
import { defaultDataDir, type Machine } from './machine.ts'
import { ownRoots, type PackageSettings, packageSettings } from './package-sections.ts'
import { AgentFile, withoutNulls } from './schema.ts'

export interface WatchSettings {
  readonly pollIntervalSeconds: number
  readonly maxScanWallClockSeconds: number
  readonly maxFreshScanAgeSeconds: number
  readonly projectRoots: readonly string[]
  readonly maxDepth: number
  readonly excludeDirectories: readonly string[]
}

export interface SyncSettings {
  readonly maxBatchBytes: number
  readonly maxBatchEvents: number
  readonly checkInIntervalSeconds: number
  readonly retryBaseSeconds: number
  readonly retryMaxSeconds: number
  readonly outboxMaxBytes: number
}

export interface Ceiling {
  /** Nothing outside these is opened, whatever a policy says. */
  readonly scanRoots: readonly string[]
  /** Whether the owner named them, and so allows roots that a policy alone never may name. */
  readonly isExplicit: boolean
}

export interface ObserveSettings extends PackageSettings {
  readonly home: string
  readonly watch: WatchSettings
  readonly sync: SyncSettings
  readonly ceiling: Ceiling
}

export interface AgentConfiguration {
  /** Null when no file was found and everything is default. */
  readonly file: string | null
  readonly server: string | null
  readonly serverCaFile: string | null
  readonly enrollmentToken: Secret | null
  readonly enrollmentTokenFile: string | null
  readonly dataDir: string
  readonly observe: ObserveSettings
}

const mostBytes = 1_000_000

const readText = (path: string): string => {
  try {
    if (statSync(path).size > mostBytes) throw new PlainFault(`${path}: is larger than ${mostBytes} bytes`, 2)
    return readFileSync(path, 'utf8')
  } catch (fault) {
    if (fault instanceof PlainFault) throw fault
    throw new PlainFault(`${path}: cannot be read: ${reasonOf(fault)}`, 2, { cause: fault })
  }
}

const faultLines = (path: string, { placeOf }: ConfigDocument, issues: readonly z.core.$ZodIssue[]): string =>
  issues
    .map((issue) => {
      const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
      const at = unknownKey === undefined ? issue.path : [...issue.path, unknownKey]
      const { line, column } = placeOf(at)
      const said = unknownKey === undefined ? issue.message : 'this agent knows no such key'
      return `${path}:${line}:${column}: ${at.join('.') || 'the file'}: ${said}`
    })
    .join('\n')

const parseFile = (path: string, machine: Machine): AgentFile => {
  const reading = readDocument(path, readText(path))
  if (!reading.ok) {
    const { line, column, message } = reading.fault
    throw new PlainFault(`${path}:${line}:${column}: ${message}`, 2)
  }
  const filled = fillIn(withoutNulls(reading.document.value ?? {}), machine)
  if (!filled.ok) {
    const { line, column } = reading.document.placeOf(filled.path)
    throw new PlainFault(`${path}:${line}:${column}: ${filled.path.join('.')}: ${filled.message}`, 2)
  }
  const judged = AgentFile.safeParse(filled.value)
  if (!judged.success) throw new PlainFault(faultLines(path, reading.document, judged.error.issues), 2)
  return judged.data
}

const observeSettings = (said: AgentFile, base: string, machine: Machine): ObserveSettings => {
  const home = absolutePath(said.observe.home ?? '~', { base, home: machine.home })
  const roots = (paths: readonly string[]) => paths.map((path) => absolutePath(path, { base: home, home }))
  const { watch, sync } = said.observe
  const watched = { ...watch, projectRoots: roots(watch.projectRoots) }
  const packages = packageSettings(said.observe, roots)
  return {
    home,
    watch: watched,
    ...packages,
    sync,
    ceiling: {
      scanRoots: said.ceiling.scanRoots
        ? roots(said.ceiling.scanRoots)
        : [...watched.projectRoots, ...ownRoots(packages)],
      isExplicit: said.ceiling.scanRoots !== undefined,
    },
  }
}

/** The file's settings, or the defaults when there is no file; a bad file is a plain fault with path, line and column. */
export const readConfiguration = (file: string | null, machine: Machine): AgentConfiguration => {
  const said = file === null ? AgentFile.parse({}) : parseFile(file, machine)
  const base = file === null ? process.cwd() : dirname(resolve(file))
  const at = (path: string | undefined) =>
    path === undefined ? null : absolutePath(path, { base, home: machine.home })
  if (said.enrollmentToken !== undefined && said.enrollmentTokenFile !== undefined) {
    throw new PlainFault(`${file}: name enrollmentToken or enrollmentTokenFile, not both`, 2)
  }
  return {
    file,
    server: said.server?.replace(/\/+$/, '') ?? null,
    serverCaFile: at(said.serverCA),
    enrollmentToken: said.enrollmentToken === undefined ? null : new Secret(said.enrollmentToken),
    enrollmentTokenFile: at(said.enrollmentTokenFile),
    dataDir: at(said.dataDir) ?? defaultDataDir(machine),
    observe: observeSettings(said, base, machine),
  }
}
