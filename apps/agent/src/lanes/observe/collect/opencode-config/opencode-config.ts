// The surface opencodeConfig: what OpenCode is told for this user, in the project roots and by an administrator
// (sensor-agent 6.6). How files are found and opened is agent-config.
import { basename, join } from 'node:path'
import type { ToolSettings } from '../../../../configuration/tool-sections.ts'
import { type ConfigGathering, type Place } from '../agent-config/config-gathering.ts'
import { gatherFolderFiles } from '../agent-config/folder-files.ts'
import { jsonOf } from '../agent-config/languages.ts'
import { mcpServersDisclosure } from '../agent-config/mcp-servers.ts'
import type { ProjectRoots } from '../agent-config/project-roots.ts'
import { createToolCollector } from '../agent-config/tool-collector.ts'
import { interestIn, ownPlace, type ProjectScope } from '../agent-config/tool-order.ts'
import { shown } from '../disclosure/disclosure.ts'
import { isMapping } from '../reading.ts'
import type { Collector, Interest } from '../snapshot.ts'
import { instructionFiles } from './instructions.ts'

export const OPENCODE_SURFACE = 'opencodeConfig'

export type OpencodeOrder = Omit<ToolSettings['opencode'], 'enabled' | 'projectRoots'> & ProjectScope

const CONFIG_FILES = ['opencode.json', 'opencode.jsonc'] as const

const language = jsonOf({ keys: { mcp: mcpServersDisclosure, plugin: { members: shown } } })

interface Folders {
  readonly kind: 'agent' | 'command' | 'plugin'
  readonly names: readonly string[]
  readonly isIncluded: (order: OpencodeOrder) => boolean
  readonly endings: readonly string[]
}

const FOLDERS: readonly Folders[] = [
  { kind: 'agent', names: ['agent', 'agents'], isIncluded: (order) => order.includeAgents, endings: ['.md'] },
  { kind: 'command', names: ['command', 'commands'], isIncluded: (order) => order.includeCommands, endings: ['.md'] },
  {
    kind: 'plugin',
    names: ['plugin', 'plugins'],
    isIncluded: (order) => order.includePlugins,
    endings: ['.md', '.ts', '.js', '.mjs'],
  },
]

/** The profile is kept whatever state its file is in: that somebody configured something is worth knowing. */
const gatherConfig = async (gathering: ConfigGathering, place: Place, { includeMCP }: OpencodeOrder): Promise<void> => {
  const document = await gathering.document(place, language)
  if (document.state === 'absent' || (document.state === 'unread' && !document.isThere)) return
  const { path } = place
  const detail = document.state === 'unread' ? null : document.hash
  gathering.add({ kind: 'configProfile', name: basename(path), path, origin: 'opencode-config', detail })
  if (document.state !== 'read' || !isMapping(document.value)) return
  if (includeMCP) gathering.mcpServers(path, document.value['mcp'])
  const plugins: unknown = document.value['plugin']
  for (const name of Array.isArray(plugins) ? plugins.filter((member) => typeof member === 'string') : [])
    gathering.add({ kind: 'plugin', name, path, origin: 'opencode-plugin', detail })
}

/** The file `name` in each folder of OpenCode. */
const everywhere = (order: OpencodeOrder, roots: ProjectRoots, name: string): readonly Place[] => [
  ...(order.includeGlobal ? [ownPlace(join(order.userConfigDirectory, name))] : []),
  ...(order.includeProject ? roots.places('.opencode', name) : []),
]

const gatherConfigs = async (gathering: ConfigGathering, order: OpencodeOrder, roots: ProjectRoots): Promise<void> => {
  for (const name of CONFIG_FILES) {
    const atRoots = order.includeProject ? roots.places(name) : []
    for (const place of [...everywhere(order, roots, name), ...atRoots]) await gatherConfig(gathering, place, order)
  }
  for (const path of order.includeManagedPreferences ? order.managedPaths : [])
    await gathering.file(ownPlace(path), { kind: 'configProfile', origin: 'opencode-config' })
}

const gatherFolders = async (gathering: ConfigGathering, order: OpencodeOrder, roots: ProjectRoots): Promise<void> => {
  for (const { kind, names, isIncluded, endings } of FOLDERS) {
    if (!isIncluded(order)) continue
    const isWanted = (name: string): boolean => endings.some((ending) => name.endsWith(ending))
    const folders = names
      .flatMap((name) => everywhere(order, roots, name))
      .map((place) => ({ ...place, isWanted, skippedFolders: ['node_modules'] }))
    await gatherFolderFiles(gathering, folders, { kind, origin: `opencode-${kind}` })
  }
}

const interests = (order: OpencodeOrder): readonly Interest[] => {
  const projects = order.includeProject ? order.roots : []
  const folders = [
    ...(order.includeGlobal ? [order.userConfigDirectory] : []),
    ...projects.map((root) => join(root, '.opencode')),
  ]
  const inFolders = (names: readonly string[]) => folders.flatMap((folder) => names.map((name) => join(folder, name)))
  return interestIn(
    [
      ...inFolders([...CONFIG_FILES, 'AGENTS.md', 'Agents.md']),
      ...projects.flatMap((root) => CONFIG_FILES.map((name) => join(root, name))),
      ...(order.includeManagedPreferences ? order.managedPaths : []),
    ],
    inFolders(FOLDERS.flatMap(({ names }) => names)),
  )
}

const gather = async (gathering: ConfigGathering, order: OpencodeOrder, roots: ProjectRoots): Promise<void> => {
  await gatherConfigs(gathering, order, roots)
  await gatherFolders(gathering, order, roots)
  for (const folder of order.includeInstructions ? everywhere(order, roots, '') : []) {
    for (const place of await instructionFiles(folder, gathering))
      await gathering.file(place, { kind: 'instruction', origin: 'opencode-instruction' })
  }
}

export const createOpencodeConfig = (order: () => OpencodeOrder): Collector =>
  createToolCollector({ surface: OPENCODE_SURFACE, interests, gather }, order)
