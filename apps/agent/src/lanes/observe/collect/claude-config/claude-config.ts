// The surface claudeConfig: what Claude Code is told for this user and in the project roots (sensor-agent 6.2).
// How files are found and opened is agent-config; what their contents mean is the pure readers beside this file.
import { join } from 'node:path'
import type { ToolSettings } from '../../../../configuration/tool-sections.ts'
import { type ConfigGathering, type Place, plainListing } from '../agent-config/config-gathering.ts'
import { gatherFolderFiles, gatherSkills } from '../agent-config/folder-files.ts'
import { jsonOf } from '../agent-config/languages.ts'
import type { ProjectRoots } from '../agent-config/project-roots.ts'
import { createToolCollector } from '../agent-config/tool-collector.ts'
import { interestIn, ownPlace, type ProjectScope } from '../agent-config/tool-order.ts'
import type { Collector, Interest } from '../snapshot.ts'
import { mcpDocumentDisclosure, mcpEntries } from './mcp-documents.ts'
import { pluginFileDisclosure, pluginFileNames } from './plugin-names.ts'
import { readClaudeSettings, settingsDisclosure } from './settings.ts'

export const CLAUDE_SURFACE = 'claudeConfig'

export type ClaudeOrder = Omit<ToolSettings['claude'], 'enabled' | 'projectRoots'> & ProjectScope

const SETTINGS = ['settings.json', 'settings.local.json'] as const
// Documented with hyphens, written with underscores.
const PLUGIN_FILES = [
  'known-marketplaces.json',
  'known_marketplaces.json',
  'installed-plugins.json',
  'installed_plugins.json',
] as const

/** The user's own folder and the one of each project. */
const everywhere = ({ userDirectory }: ClaudeOrder, roots: ProjectRoots, name: string): readonly Place[] => [
  ownPlace(join(userDirectory, name)),
  ...roots.places('.claude', name),
]

const gatherMcp = async (gathering: ConfigGathering, order: ClaudeOrder, roots: ProjectRoots): Promise<void> => {
  const places = [ownPlace(order.configPath), ...(order.includeProjectMCP ? roots.places('.mcp.json') : [])]
  for (const place of places) {
    const document = await gathering.document(place, jsonOf(mcpDocumentDisclosure))
    if (document.state !== 'read') continue
    for (const entries of mcpEntries(document.value)) gathering.mcpServers(place.path, entries)
  }
}

const gatherSettings = async (gathering: ConfigGathering, order: ClaudeOrder, roots: ProjectRoots): Promise<void> => {
  const managed = order.includeManagedSettings ? order.managedSettingsPaths.map(ownPlace) : []
  for (const place of [...SETTINGS.flatMap((name) => everywhere(order, roots, name)), ...managed]) {
    const document = await gathering.document(place, jsonOf(settingsDisclosure))
    if (document.state !== 'read') continue
    const { path } = place
    const detail = document.hash
    const { settings, hasHooks, plugins } = readClaudeSettings(document.value)
    for (const name of settings) gathering.add({ kind: 'settings', name, path, origin: 'claude-settings', detail })
    if (hasHooks && order.includeHooks)
      gathering.add({ kind: 'hook', name: 'hooks', path, origin: 'claude-hook', detail })
    if (!order.includePlugins) continue
    for (const name of plugins) gathering.add({ kind: 'plugin', name, path, origin: 'claude-plugin', detail })
  }
}

const gatherPlugins = async (gathering: ConfigGathering, { userDirectory }: ClaudeOrder): Promise<void> => {
  for (const name of PLUGIN_FILES) {
    const place = ownPlace(join(userDirectory, 'plugins', name))
    const document = await gathering.document(place, jsonOf(pluginFileDisclosure))
    if (document.state !== 'read') continue
    const of = { kind: 'plugin', path: place.path, origin: 'claude-plugin', detail: document.hash }
    for (const plugin of pluginFileNames(document.value)) gathering.add({ ...of, name: plugin })
  }
}

const customization = 'claude-customization'
const anyFile = (place: Place) => ({ ...place, isWanted: () => true })

const gatherCustomizations = async (
  gathering: ConfigGathering,
  order: ClaudeOrder,
  roots: ProjectRoots,
): Promise<void> => {
  if (order.includeAgents) {
    const walk = { ...plainListing, isRecursive: true, areOddEntriesTold: true }
    const folders = everywhere(order, roots, 'agents').map(anyFile)
    await gatherFolderFiles(gathering, folders, { kind: 'agent', origin: customization, walk })
  }
  if (order.includeCommands) {
    const walk = { ...plainListing, areOddEntriesTold: true }
    const folders = everywhere(order, roots, 'commands').map(anyFile)
    await gatherFolderFiles(gathering, folders, { kind: 'command', origin: customization, walk })
  }
  if (order.includeSkills) await gatherSkills(gathering, everywhere(order, roots, 'skills'), customization)
}

const instructions = ({ userDirectory }: ClaudeOrder, roots: ProjectRoots): readonly Place[] => [
  ownPlace(join(userDirectory, 'CLAUDE.md')),
  ...roots.places('CLAUDE.md'),
  ...roots.places('CLAUDE.local.md'),
  ...roots.places('.claude', 'CLAUDE.md'),
]

const interests = ({ configPath, userDirectory, managedSettingsPaths, ...order }: ClaudeOrder): readonly Interest[] => {
  const inRoots = (...names: string[]) => order.roots.flatMap((root) => names.map((name) => join(root, name)))
  const folders = [userDirectory, ...inRoots('.claude')]
  const inFolders = (...names: string[]) => folders.flatMap((folder) => names.map((name) => join(folder, name)))
  return interestIn(
    [
      configPath,
      ...inFolders(...SETTINGS, 'CLAUDE.md'),
      ...inRoots('.mcp.json', 'CLAUDE.md', 'CLAUDE.local.md'),
      ...PLUGIN_FILES.map((name) => join(userDirectory, 'plugins', name)),
      ...(order.includeManagedSettings ? managedSettingsPaths : []),
    ],
    inFolders('agents', 'commands', 'skills'),
  )
}

const gather = async (gathering: ConfigGathering, order: ClaudeOrder, roots: ProjectRoots): Promise<void> => {
  await gatherMcp(gathering, order, roots)
  if (order.includeSettings) await gatherSettings(gathering, order, roots)
  await gatherCustomizations(gathering, order, roots)
  if (order.includeInstructions) {
    for (const place of instructions(order, roots))
      await gathering.file(place, { kind: 'instruction', origin: 'claude-instruction' })
  }
  if (order.includePlugins) await gatherPlugins(gathering, order)
}

export const createClaudeConfig = (order: () => ClaudeOrder): Collector =>
  createToolCollector({ surface: CLAUDE_SURFACE, interests, gather }, order)
