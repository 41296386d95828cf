// The surface piConfig: what the Pi agent is told for this user and in the project roots (sensor-agent 6.4).
// How files are found and opened is agent-config.
import { join } from 'node:path'
import type { ToolSettings } from '../../../../configuration/tool-sections.ts'
import { type ConfigGathering, type Place } from '../agent-config/config-gathering.ts'
import { folderName, gatherFolderFiles } from '../agent-config/folder-files.ts'
import { jsonOf } from '../agent-config/languages.ts'
import { mcpServersDisclosure } from '../agent-config/mcp-servers.ts'
import type { ProjectRoots } from '../agent-config/project-roots.ts'
import { createToolCollector } from '../agent-config/tool-collector.ts'
import { interestIn, ownPlace, type ProjectScope } from '../agent-config/tool-order.ts'
import { named, shown } from '../disclosure/disclosure.ts'
import { isMapping } from '../reading.ts'
import type { Collector, Interest } from '../snapshot.ts'

export const PI_SURFACE = 'piConfig'

export type PiOrder = Omit<ToolSettings['pi'], 'enabled'> & ProjectScope

const mcpLanguage = jsonOf({ keys: { mcpServers: mcpServersDisclosure, imports: { members: shown } } })
const settingsLanguage = jsonOf({ anyKey: named })

const mcpPlaces = (order: PiOrder, roots: ProjectRoots): readonly Place[] => [
  ...(order.includeSharedGlobalMCP ? [ownPlace(order.sharedMCPPath)] : []),
  ...(order.includePiGlobalOverride ? [ownPlace(join(order.agentDirectory, 'mcp.json'))] : []),
  ...(order.includeSharedProjectMCP ? roots.places('.mcp.json') : []),
  ...(order.includePiProjectOverride ? roots.places('.pi', 'mcp.json') : []),
]

const importsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((member) => typeof member === 'string') : []

const gatherMcp = async (gathering: ConfigGathering, place: Place, { includeImports }: PiOrder): Promise<void> => {
  const document = await gathering.document(place, mcpLanguage)
  if (document.state !== 'read' || !isMapping(document.value)) return
  const { path } = place
  gathering.mcpServers(path, document.value['mcpServers'])
  for (const name of includeImports ? importsOf(document.value['imports']) : [])
    gathering.add({ kind: 'import', name, path, origin: 'pi-import', detail: null })
}

const gatherSettings = async (gathering: ConfigGathering, place: Place): Promise<void> => {
  const document = await gathering.document(place, settingsLanguage)
  if (document.state !== 'read' || !isMapping(document.value)) return
  const of = { kind: 'settings', path: place.path, origin: 'pi-settings', detail: document.hash }
  for (const name of Object.keys(document.value)) gathering.add({ ...of, name })
}

// What an extension depends on is no extension.
const packagesIn = (folder: string) => ({
  ...ownPlace(folder),
  isWanted: (name: string) => name === 'package.json',
  skippedFolders: ['node_modules'],
})

const interests = ({ sharedMCPPath, agentDirectory, roots }: PiOrder): readonly Interest[] => {
  const inRoots = (...names: string[]) => roots.map((root) => join(root, ...names))
  const own = ['mcp.json', 'settings.json'].map((name) => join(agentDirectory, name))
  const project = [...inRoots('.mcp.json'), ...inRoots('.pi', 'mcp.json'), ...inRoots('.pi', 'settings.json')]
  const extensions = { path: join(agentDirectory, 'extensions'), excludeDirectories: ['node_modules'] }
  return [...interestIn([sharedMCPPath, ...own, ...project], []), { ...extensions, extent: 'tree' }]
}

const gather = async (gathering: ConfigGathering, order: PiOrder, roots: ProjectRoots): Promise<void> => {
  for (const place of mcpPlaces(order, roots)) await gatherMcp(gathering, place, order)
  const settings = [ownPlace(join(order.agentDirectory, 'settings.json')), ...roots.places('.pi', 'settings.json')]
  for (const place of settings) await gatherSettings(gathering, place)
  if (order.includePackages) {
    const folders = [packagesIn(join(order.agentDirectory, 'extensions'))]
    await gatherFolderFiles(gathering, folders, { kind: 'plugin', origin: 'pi-package', nameOf: folderName })
  }
}

export const createPiConfig = (order: () => PiOrder): Collector =>
  createToolCollector({ surface: PI_SURFACE, interests, gather }, order)
