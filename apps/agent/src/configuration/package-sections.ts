// The sections of the agent's file for surfaces that find installed or declared packages (sensor-agent 3.4).
// Where their values are used is lanes/observe/collect; what a policy may change about them is lanes/observe/policy.
import * as z from 'zod'
import { directoryName, on, path } from './values.ts'

export const LOCKFILE_NAMES = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
] as const

export const REQUIREMENT_GLOBS = ['requirements*.txt', 'constraints*.txt'] as const

/** What a surface that walks the project roots can be told to do otherwise than `watch` says. */
const walk = {
  enabled: on,
  projectRoots: z.array(path).max(64).optional(),
  maxDepth: z.int().min(0).max(16).optional(),
  excludeDirectories: z.array(directoryName).max(256).optional(),
}

const folders = z.array(path).max(64).optional()

export const packageSections = {
  homebrew: z.strictObject({ enabled: on, prefixes: folders }).prefault({}),
  javascript: z
    .strictObject({
      ...walk,
      includeNpm: on,
      includePnpm: on,
      includeYarn: on,
      includeBun: on,
      // A name that is none of these names no known lockfile, and nothing is read for it.
      lockfileNames: z
        .array(directoryName)
        .max(64)
        .default([...LOCKFILE_NAMES]),
    })
    .prefault({}),
  python: z
    .strictObject({
      ...walk,
      includeUV: on,
      includePyProject: on,
      includeRequirements: on,
      includePylock: on,
      requirementFileGlobs: z
        .array(directoryName)
        .max(64)
        .default([...REQUIREMENT_GLOBS]),
    })
    .prefault({}),
  go: z.strictObject(walk).prefault({}),
  cargo: z.strictObject(walk).prefault({}),
  debian: z.strictObject({ enabled: on }).prefault({}),
  rpm: z.strictObject({ enabled: on }).prefault({}),
  vscode: z.strictObject({ enabled: on, extensionDirectories: folders }).prefault({}),
  npmGlobal: z.strictObject({ enabled: on, prefixes: folders }).prefault({}),
}

const Sections = z.strictObject(packageSections)
type Said = z.infer<typeof Sections>

interface Walked {
  readonly enabled: boolean
  /** Null falls back to the watch settings, also to those a policy brought. */
  readonly projectRoots: readonly string[] | null
  readonly maxDepth: number | null
  readonly excludeDirectories: readonly string[] | null
}

type Absolute = (paths: readonly string[]) => readonly string[]

const walked = <S extends Said['go']>(said: S, absolute: Absolute): Omit<S, keyof Walked> & Walked => ({
  ...said,
  projectRoots: said.projectRoots === undefined ? null : absolute(said.projectRoots),
  maxDepth: said.maxDepth ?? null,
  excludeDirectories: said.excludeDirectories ?? null,
})

/** Null where the usual places are meant. */
const named = (paths: readonly string[] | undefined, absolute: Absolute): readonly string[] | null =>
  paths === undefined ? null : absolute(paths)

export const packageSettings = (said: Said, absolute: Absolute) => ({
  homebrew: { enabled: said.homebrew.enabled, prefixes: named(said.homebrew.prefixes, absolute) },
  javascript: walked(said.javascript, absolute),
  python: walked(said.python, absolute),
  go: walked(said.go, absolute),
  cargo: walked(said.cargo, absolute),
  debian: said.debian,
  rpm: said.rpm,
  vscode: {
    enabled: said.vscode.enabled,
    extensionDirectories: named(said.vscode.extensionDirectories, absolute),
  },
  npmGlobal: { enabled: said.npmGlobal.enabled, prefixes: named(said.npmGlobal.prefixes, absolute) },
})

export type PackageSettings = ReturnType<typeof packageSettings>

/** The roots that single sections name for themselves. */
export const ownRoots = ({ javascript, python, go, cargo }: PackageSettings): readonly string[] =>
  [javascript, python, go, cargo].flatMap(({ projectRoots }) => projectRoots ?? [])
