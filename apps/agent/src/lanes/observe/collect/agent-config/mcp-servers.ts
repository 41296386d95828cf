// The MCP servers a coding tool is told to start or to call, and nothing of what they are told in confidence
// (sensor-agent 7). Pure. Where each tool keeps them is its collector's.
import { type Disclosure, named, shown } from '../disclosure/disclosure.ts'
import { isMapping } from '../reading.ts'

export interface McpServer {
  readonly name: string
  /** The URL, or the program. */
  readonly origin: string
  /** The URL or the whole command line, and whether a helper makes headers. */
  readonly detail: string
}

export interface McpReading {
  readonly servers: readonly McpServer[]
  /** Names of entries that have a shape no tool accepts. */
  readonly oddNames: readonly string[]
}

const command: Disclosure = { isShown: true, members: shown }

/** All that a reader ever sees of the entries: environment, headers and tokens are not among it. */
export const mcpServersDisclosure: Disclosure = {
  anyKey: { keys: { url: shown, command, args: { members: shown }, headersHelper: named } },
}

const odd = Symbol('odd')

const textOr = (value: unknown): string | null | typeof odd => {
  if (value === undefined || value === null || value === '') return null
  return typeof value === 'string' ? value.toWellFormed() : odd
}

const listOf = (value: unknown): readonly string[] | typeof odd => {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || value.some((member) => typeof member !== 'string')) return odd
  return (value as string[]).map((member) => member.toWellFormed())
}

/** A command line in either of its two shapes: a program with `args`, or both in one list as OpenCode writes it. */
const commandLine = (entry: Record<string, unknown>): readonly string[] | typeof odd => {
  const args = listOf(entry['args'])
  const said = Array.isArray(entry['command']) ? listOf(entry['command']) : textOr(entry['command'])
  if (args === odd || said === odd) return odd
  const [program, ...own] = said === null ? [] : typeof said === 'string' ? [said] : said
  return program === undefined || program === '' ? [] : [program, ...own, ...args]
}

const readEntry = (name: string, entry: unknown): McpServer | null | typeof odd => {
  if (!isMapping(entry)) return odd
  const url = textOr(entry['url'])
  const line = commandLine(entry)
  const helper = textOr(entry['headersHelper'])
  if (url === odd || line === odd || helper === odd) return odd
  const [origin, ...rest] = url === null ? line : [url]
  if (origin === undefined) return null
  return { name, origin, detail: [origin, ...rest, ...(helper === null ? [] : ['headersHelper'])].join(' ') }
}

/** In the order of the document. An entry with neither URL nor command is nothing; a strange one costs itself only. */
export const readMcpServers = (entries: Record<string, unknown>): McpReading => {
  const servers: McpServer[] = []
  const oddNames: string[] = []
  for (const [key, entry] of Object.entries(entries)) {
    const name = key.toWellFormed()
    const server = readEntry(name, entry)
    if (server === odd) oddNames.push(name)
    else if (server !== null) servers.push(server)
  }
  return { servers, oddNames }
}
