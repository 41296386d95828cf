// The surface codexConfig: what Codex is told for this user, in its own project roots and for the machine
// (sensor-agent 6.3). How files are found and opened is agent-config.
import { basename, dirname, join } from 'node:path'
import type { ToolSettings } from '../../../../configuration/tool-sections.ts'
import { matchesGlob } from '../../../../program/glob.ts'
import { type ConfigGathering, type Place, plainListing } from '../agent-config/config-gathering.ts'
import { gatherFolderFiles, gatherSkills } from '../agent-config/folder-files.ts'
import { jsonOf, tomlOf } from '../agent-config/languages.ts'
import { mcpServersDisclosure } from '../agent-config/mcp-servers.ts'
import type { ProjectRoots } from '../agent-config/project-roots.ts'
import { createToolCollector } from '../agent-config/tool-collector.ts'
import { interestIn, ownPlace, type ProjectScope } from '../agent-config/tool-order.ts'
import { named } from '../disclosure/disclosure.ts'
import { isMapping } from '../reading.ts'
import type { Collector, Interest } from '../snapshot.ts'
import { inlineHooks } from './inline-hooks.ts'

export const CODEX_SURFACE = 'codexConfig'

export type CodexOrder = Omit<ToolSettings['codex'], 'enabled' | 'projectRoots'> & ProjectScope

const configLanguage = tomlOf({ keys: { mcp_servers: mcpServersDisclosure } })
const hooksLanguage = jsonOf({ anyKey: named })

/** The same place in every folder of Codex: the user's, each project's, and the machine's if the owner opted in. */
const everywhere = (order: CodexOrder, roots: ProjectRoots, name: string): readonly Place[] => [
  ownPlace(join(dirname(order.userConfigPath), name)),
  ...roots.places('.codex', name),
  ...(order.includeSystemConfig ? [ownPlace(join(order.systemDirectory, name))] : []),
]

const profilesOf = async (gathering: ConfigGathering, { profileConfigGlob }: CodexOrder): Promise<readonly Place[]> => {
  if (profileConfigGlob === null) return []
  const pattern = basename(profileConfigGlob)
  const folder = ownPlace(dirname(profileConfigGlob))
  const paths = await gathering.find({ ...folder, isWanted: (name) => matchesGlob(pattern, name) }, plainListing)
  return paths.map((path) => ({ path, reach: 'itself' }))
}

const gatherConfig = async (gathering: ConfigGathering, place: Place): Promise<void> => {
  const document = await gathering.document(place, configLanguage)
  if (document.state !== 'read') return
  const { path } = place
  const detail = document.hash
  gathering.add({ kind: 'configProfile', name: basename(path), path, origin: 'codex-config', detail })
  gathering.mcpServers(path, isMapping(document.value) ? document.value['mcp_servers'] : undefined)
  for (const name of inlineHooks(document.text))
    gathering.add({ kind: 'hook', name, path, origin: 'codex-hooks', detail })
}

const gatherConfigs = async (gathering: ConfigGathering, order: CodexOrder, roots: ProjectRoots): Promise<void> => {
  const [system] = order.includeSystemConfig ? [ownPlace(join(order.systemDirectory, 'config.toml'))] : []
  const places = [
    ownPlace(order.userConfigPath),
    ...(await profilesOf(gathering, order)),
    ...roots.places('.codex', 'config.toml'),
    ...(system === undefined ? [] : [system]),
  ]
  // A profile's pattern may match the user's file too.
  const once = new Map(places.toReversed().map((place) => [place.path, place]))
  for (const place of once.values()) await gatherConfig(gathering, place)
}

const gatherHookFiles = async (gathering: ConfigGathering, places: readonly Place[]): Promise<void> => {
  for (const place of places) {
    const document = await gathering.document(place, hooksLanguage)
    if (document.state !== 'read' || !isMapping(document.value)) continue
    const of = { kind: 'hook', path: place.path, origin: 'codex-hooks', detail: document.hash }
    for (const name of Object.keys(document.value)) gathering.add({ ...of, name })
  }
}

const skillPlaces = (order: CodexOrder, roots: ProjectRoots): readonly Place[] => [
  ownPlace(order.skillsDirectory),
  ...roots.places('.agents', 'skills'),
  ...(order.includeSystemConfig ? [ownPlace(join(order.systemDirectory, 'skills'))] : []),
]

const interests = (order: CodexOrder): readonly Interest[] => {
  const inRoots = (...names: string[]) => order.roots.map((root) => join(root, ...names))
  const system = order.includeSystemConfig ? [order.systemDirectory] : []
  const folders = [dirname(order.userConfigPath), ...inRoots('.codex'), ...system]
  const inFolders = (name: string) => folders.map((folder) => join(folder, name))
  return interestIn(
    [order.userConfigPath, ...inFolders('config.toml'), ...inFolders('hooks.json')],
    [
      ...(order.profileConfigGlob === null ? [] : [dirname(order.profileConfigGlob)]),
      ...inFolders('rules'),
      order.skillsDirectory,
      ...inRoots('.agents', 'skills'),
      ...system.map((folder) => join(folder, 'skills')),
    ],
  )
}

const gather = async (gathering: ConfigGathering, order: CodexOrder, roots: ProjectRoots): Promise<void> => {
  await gatherConfigs(gathering, order, roots)
  if (order.includeHooks) await gatherHookFiles(gathering, everywhere(order, roots, 'hooks.json'))
  if (order.includeRules) {
    const isWanted = (name: string): boolean => matchesGlob('*.rules', name)
    const folders = everywhere(order, roots, 'rules').map((place) => ({ ...place, isWanted }))
    await gatherFolderFiles(gathering, folders, { kind: 'rule', origin: 'codex-rules' })
  }
  if (order.includeSkills) await gatherSkills(gathering, skillPlaces(order, roots), 'codex-skills')
}

export const createCodexConfig = (order: () => CodexOrder): Collector =>
  createToolCollector({ surface: CODEX_SURFACE, interests, gather }, order)
