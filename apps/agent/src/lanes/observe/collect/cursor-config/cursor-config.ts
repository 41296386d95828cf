// The surface cursorConfig: what Cursor is told for this user and in the project roots (sensor-agent 6.5).
// How files are found and opened is agent-config.
import { join } from 'node:path'
import type { ToolSettings } from '../../../../configuration/tool-sections.ts'
import { matchesGlob } from '../../../../program/glob.ts'
import { type ConfigGathering, type Place } from '../agent-config/config-gathering.ts'
import { gatherFolderFiles } from '../agent-config/folder-files.ts'
import { jsonOf } from '../agent-config/languages.ts'
import { mcpServersDisclosure } from '../agent-config/mcp-servers.ts'
import type { ProjectRoots } from '../agent-config/project-roots.ts'
import { createToolCollector } from '../agent-config/tool-collector.ts'
import { interestIn, ownPlace, type ProjectScope } from '../agent-config/tool-order.ts'
import { isMapping } from '../reading.ts'
import type { Collector, Interest } from '../snapshot.ts'

export const CURSOR_SURFACE = 'cursorConfig'

export type CursorOrder = Omit<ToolSettings['cursor'], 'enabled'> & ProjectScope

const language = jsonOf({ keys: { mcpServers: mcpServersDisclosure } })

const gatherMcp = async (gathering: ConfigGathering, places: readonly Place[]): Promise<void> => {
  for (const place of places) {
    const document = await gathering.document(place, language)
    if (document.state === 'read' && isMapping(document.value))
      gathering.mcpServers(place.path, document.value['mcpServers'])
  }
}

const interests = ({ globalMCPPath, roots }: CursorOrder): readonly Interest[] => {
  const inRoots = (...names: string[]) => roots.map((root) => join(root, ...names))
  const files = [...inRoots('.cursor', 'mcp.json'), ...inRoots('.cursorrules'), ...inRoots('AGENTS.md')]
  return interestIn([globalMCPPath, ...files], inRoots('.cursor', 'rules'))
}

const gather = async (gathering: ConfigGathering, order: CursorOrder, roots: ProjectRoots): Promise<void> => {
  await gatherMcp(gathering, [
    ...(order.includeGlobalMCP ? [ownPlace(order.globalMCPPath)] : []),
    ...(order.includeProjectMCP ? roots.places('.cursor', 'mcp.json') : []),
  ])
  if (order.includeRules) {
    const isWanted = (name: string): boolean => matchesGlob('*.mdc', name)
    const folders = roots.places('.cursor', 'rules').map((place) => ({ ...place, isWanted }))
    await gatherFolderFiles(gathering, folders, { kind: 'rule', origin: 'cursor-rules' })
  }
  for (const place of order.includeLegacyRules ? roots.places('.cursorrules') : [])
    await gathering.file(place, { kind: 'rule', origin: 'cursor-legacy-rules' })
  for (const place of order.includeInstructions ? roots.places('AGENTS.md') : [])
    await gathering.file(place, { kind: 'instruction', origin: 'cursor-instruction' })
}

export const createCursorConfig = (order: () => CursorOrder): Collector =>
  createToolCollector({ surface: CURSOR_SURFACE, interests, gather }, order)
