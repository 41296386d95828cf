// Where MCP servers stand in a document of Claude Code: at its top, and per project (sensor-agent 6.2). Pure.
// What an entry says is agent-config/mcp-servers.ts.
import { mcpServersDisclosure } from '../agent-config/mcp-servers.ts'
import type { Disclosure } from '../disclosure/disclosure.ts'
import { isMapping } from '../reading.ts'

const servers: Disclosure = { keys: { mcpServers: mcpServersDisclosure } }

export const mcpDocumentDisclosure: Disclosure = { keys: { ...servers.keys, projects: { anyKey: servers } } }

/**
 * Every place of the document where servers may stand, the user's first, then the projects' by the order of their names:
 * of entries with one name the first counts, and it must be the same at every scan.
 */
export const mcpEntries = (document: unknown): readonly unknown[] => {
  if (!isMapping(document)) return []
  const { mcpServers, projects } = document
  const ofProjects = isMapping(projects) ? Object.entries(projects).toSorted(([a], [b]) => (a < b ? -1 : 1)) : []
  return [mcpServers, ...ofProjects.map(([, project]) => (isMapping(project) ? project['mcpServers'] : undefined))]
}
