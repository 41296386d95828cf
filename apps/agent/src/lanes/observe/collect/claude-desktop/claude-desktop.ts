// The surface claudeDesktopConfig: the MCP servers that Claude Desktop starts. It is one of ours, announced by
// sensorVersion. How servers are read, and that nothing else of the file is, is agent-config.
import { jsonOf } from '../agent-config/languages.ts'
import { mcpServersDisclosure } from '../agent-config/mcp-servers.ts'
import { createToolCollector } from '../agent-config/tool-collector.ts'
import { interestIn, ownPlace, type ProjectScope } from '../agent-config/tool-order.ts'
import { isMapping } from '../reading.ts'
import type { Collector } from '../snapshot.ts'

export const CLAUDE_DESKTOP_SURFACE = 'claudeDesktopConfig'

interface DesktopOrder extends ProjectScope {
  readonly configPath: string
}

const language = jsonOf({ keys: { mcpServers: mcpServersDisclosure } })

/** `configPath` is asked for at every scan. */
export const createClaudeDesktop = (configPath: () => string): Collector =>
  createToolCollector<DesktopOrder>(
    {
      surface: CLAUDE_DESKTOP_SURFACE,
      interests: (order) => interestIn([order.configPath], []),
      async gather(gathering, order) {
        const document = await gathering.document(ownPlace(order.configPath), language)
        if (document.state === 'read' && isMapping(document.value))
          gathering.mcpServers(order.configPath, document.value['mcpServers'])
      },
    },
    () => ({ configPath: configPath(), roots: [], scanRoots: [] }),
  )
