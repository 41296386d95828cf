// Which program or host an MCP server really is, derived from the command line or URL it is configured with.
// The words are split as a shell would, but nothing is ever expanded or run (fleet-product 7.3).

export interface McpIdentity {
  readonly package?: string
  readonly packageEcosystem?: 'npm' | 'pypi'
  readonly versionSpec?: string
  readonly runner?: string
  readonly image?: string
  readonly tag?: string
  readonly command?: string
  readonly path?: string
  readonly host?: string
  readonly scheme?: string
}

/** `detail` as the agent reports it: a command line, or a URL whose path and query never enter the identity. */
export const mcpIdentityOf = (detail: string): McpIdentity => {
  const url = hostOf(detail)
  if (url !== undefined) return url
  const words = withoutEnvironment(splitWords(detail))
  const program = baseName(words[0] ?? '')
  const rest = words.slice(1)
  const runner = runners.get(`${program} ${rest[0] ?? ''}`) ?? runners.get(program)
  if (runner !== undefined) return runner(program, rest)
  return commandOf(words)
}

const hostOf = (detail: string): McpIdentity | undefined => {
  const [first = ''] = detail.trim().split(/\s/, 1)
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(first) || !URL.canParse(first)) return undefined
  const url = new URL(first)
  return { host: url.hostname.toLowerCase(), scheme: url.protocol.slice(0, -1) }
}

/** Words of a command line; quotes group and backslashes escape, as far as a shell would go without expanding. */
export const splitWords = (line: string): string[] => {
  const words: string[] = []
  for (const match of line.matchAll(/(?:"(?:\\.|[^"\\])*"?|'[^']*'?|\\.|[^\s"'\\])+/gs))
    words.push(match[0].replaceAll(/"((?:\\.|[^"\\])*)"?|'([^']*)'?|\\(.)/gs, unquote))
  return words
}

const unquote = (_all: string, double?: string, single?: string, escaped?: string): string =>
  double?.replaceAll(/\\(.)/gs, '$1') ?? single ?? escaped ?? ''

const withoutEnvironment = (words: readonly string[]): readonly string[] => {
  const start = words[0] === 'env' ? 1 : 0
  const first = words.findIndex((word, index) => index >= start && !/^[A-Za-z_]\w*=/.test(word))
  return first < 0 ? [] : words.slice(first)
}

const baseName = (path: string): string =>
  path
    .split(/[\\/]/)
    .at(-1)
    ?.replace(/\.(?:exe|cmd)$/i, '') ?? ''

type Read = (runner: string, words: readonly string[]) => McpIdentity

const npmPackage: Read = (runner, words) => {
  const named = optionValue(words, ['-p', '--package'])
  const spec = named ?? words.find((word) => !word.startsWith('-'))
  return spec === undefined ? { runner } : { runner, packageEcosystem: 'npm', ...npmSpec(spec) }
}

const npmSpec = (spec: string): McpIdentity => {
  const at = spec.lastIndexOf('@')
  return at > 0 ? { package: spec.slice(0, at), versionSpec: spec.slice(at + 1) } : { package: spec }
}

const pythonPackage: Read = (runner, words) => {
  const spec = optionValue(words, ['--from', '--spec']) ?? words.find((word) => !word.startsWith('-'))
  return spec === undefined ? { runner } : { runner, packageEcosystem: 'pypi', ...pythonSpec(spec) }
}

const pythonSpec = (spec: string): McpIdentity => {
  const [name = '', version] = spec.split(/==|@/, 2)
  const normal = name
    .replace(/\[.*$/, '')
    .trim()
    .toLowerCase()
    .replaceAll(/[-_.]+/g, '-')
  return version === undefined ? { package: normal } : { package: normal, versionSpec: version }
}

const optionsWithValue: ReadonlySet<string> = new Set(
  '-e --env -v --volume -p --publish --name --network --mount -w --workdir -u --user --env-file --platform --entrypoint --pull -l --label'.split(
    ' ',
  ),
)

const containerImage: Read = (runner, words) => {
  const image = words.find((word, index) => !word.startsWith('-') && !optionsWithValue.has(words[index - 1] ?? ''))
  if (image === undefined) return { runner }
  const colon = image.lastIndexOf(':')
  return colon > image.lastIndexOf('/')
    ? { runner, image: image.slice(0, colon), tag: image.slice(colon + 1) }
    : { runner, image }
}

const script: Read = (program, words) => {
  const path = words.find((word) => !word.startsWith('-') && word !== 'run')
  return path === undefined ? { command: program } : { command: program, path }
}

const after =
  (read: Read): Read =>
  (runner, words) =>
    read(`${runner} ${words[0]}`, words.slice(1))

// A Map, because a device may name a program `constructor`.
const runners: ReadonlyMap<string, Read> = new Map([
  ['npx', npmPackage],
  ['bunx', npmPackage],
  ['pnpm dlx', after(npmPackage)],
  ['yarn dlx', after(npmPackage)],
  ['uvx', pythonPackage],
  ['pipx run', after(pythonPackage)],
  ['docker run', after(containerImage)],
  ['podman run', after(containerImage)],
  ['node', script],
  ['python', script],
  ['python3', script],
  ['deno run', script],
])

const optionValue = (words: readonly string[], names: readonly string[]): string | undefined => {
  for (const [index, word] of words.entries()) {
    if (names.includes(word)) return words[index + 1]
    const named = names.find((name) => name.startsWith('--') && word.startsWith(`${name}=`))
    if (named !== undefined) return word.slice(named.length + 1)
  }
  return undefined
}

const commandOf = (words: readonly string[]): McpIdentity => {
  const [first = ''] = words
  return /^(?:\/|[A-Za-z]:\\)/.test(first) ? { command: baseName(first), path: first } : { command: first }
}
