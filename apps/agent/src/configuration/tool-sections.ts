// The sections of the agent's file for surfaces that read the configuration of coding tools (sensor-agent 3.4).
// Where the tools keep it unless told otherwise is tool-places.ts; what is read there is lanes/observe/collect.
import * as z from 'zod'
import type { ToolPlaces } from './tool-places.ts'
import { on, path } from './values.ts'

const off = z.boolean().default(false)
const roots = z.array(path).max(64).optional()

export const toolSections = {
  claude: z
    .strictObject({
      enabled: on,
      configPath: path.optional(),
      projectRoots: roots,
      includeProjectMCP: on,
      includeSettings: on,
      includeAgents: on,
      includeCommands: on,
      includeHooks: on,
      includeSkills: on,
      includePlugins: on,
      includeInstructions: on,
      includeManagedSettings: off,
    })
    .prefault({}),
  codex: z
    .strictObject({
      enabled: on,
      userConfigPath: path.optional(),
      profileConfigGlob: path.optional(),
      projectRoots: roots,
      includeSystemConfig: off,
      includeSkills: on,
      includeHooks: on,
      includeRules: on,
    })
    .prefault({}),
  cursor: z
    .strictObject({
      enabled: on,
      globalMCPPath: path.optional(),
      includeGlobalMCP: on,
      includeProjectMCP: on,
      includeRules: on,
      includeLegacyRules: on,
      includeInstructions: on,
    })
    .prefault({}),
  opencode: z
    .strictObject({
      enabled: on,
      userConfigDirectory: path.optional(),
      projectRoots: roots,
      includeGlobal: on,
      includeProject: on,
      includeMCP: on,
      includeAgents: on,
      includeCommands: on,
      includePlugins: on,
      includeInstructions: on,
      includeManagedPreferences: off,
    })
    .prefault({}),
  pi: z
    .strictObject({
      enabled: on,
      agentDirectory: path.optional(),
      includeSharedGlobalMCP: on,
      includeSharedProjectMCP: on,
      includePiGlobalOverride: on,
      includePiProjectOverride: on,
      includePackages: on,
      includeImports: on,
    })
    .prefault({}),
  claudeDesktop: z.strictObject({ enabled: on, configPath: path.optional() }).prefault({}),
}

const Sections = z.strictObject(toolSections)
type Said = z.infer<typeof Sections>

type Absolute = (path: string) => string

const absoluteRoots = (paths: readonly string[] | undefined, absolute: Absolute): readonly string[] | null =>
  paths === undefined ? null : paths.map(absolute)

/** Each section with its places filled in: the owner's where one is named, the tool's own where not. */
export const toolSettings = (said: Said, places: ToolPlaces, absolute: Absolute) => {
  const { claude, codex, cursor, opencode, pi, claudeDesktop } = said
  const either = (path: string | undefined, usual: string): string => (path === undefined ? usual : absolute(path))
  return {
    claude: {
      ...places.claude,
      ...claude,
      configPath: either(claude.configPath, places.claude.configPath),
      /** Null falls back to the watch settings, also to those a policy brought. */
      projectRoots: absoluteRoots(claude.projectRoots, absolute),
    },
    codex: {
      ...places.codex,
      ...codex,
      userConfigPath: either(codex.userConfigPath, places.codex.userConfigPath),
      profileConfigGlob: codex.profileConfigGlob === undefined ? null : absolute(codex.profileConfigGlob),
      /** Without roots of its own this surface looks into no project. */
      projectRoots: absoluteRoots(codex.projectRoots, absolute) ?? [],
    },
    cursor: { ...cursor, globalMCPPath: either(cursor.globalMCPPath, places.cursor.globalMCPPath) },
    opencode: {
      ...places.opencode,
      ...opencode,
      userConfigDirectory: either(opencode.userConfigDirectory, places.opencode.userConfigDirectory),
      /** Null falls back to the watch settings, also to those a policy brought. */
      projectRoots: absoluteRoots(opencode.projectRoots, absolute),
    },
    pi: { ...places.pi, ...pi, agentDirectory: either(pi.agentDirectory, places.pi.agentDirectory) },
    claudeDesktop: {
      ...claudeDesktop,
      configPath: either(claudeDesktop.configPath, places.claudeDesktop.configPath),
    },
  }
}

export type ToolSettings = ReturnType<typeof toolSettings>

/** The roots that single sections name for themselves. */
export const ownToolRoots = ({ claude, codex, opencode }: ToolSettings): readonly string[] =>
  [claude, codex, opencode].flatMap(({ projectRoots }) => projectRoots ?? [])
