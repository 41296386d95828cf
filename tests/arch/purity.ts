// What makes a rule pure: no clock, no randomness, no input or output, no await, no throw.
// It follows what decide.ts calls within its room; packages are pure when they are on the list.
import { dirname, join } from 'node:path/posix'
import { dottedName, type Import, lineAt, type Node, nameOf, part, parts, type Source, walk } from './source.ts'

export const isDecision = (path: string): boolean => /(^|\/)decide(-[a-z0-9-]+)?\.ts$/.test(path)

// Packages whose functions answer the same for the same arguments, and of others the names that do.
const purePackages = new Set([
  '@muster/contract',
  '@muster/contract/device',
  '@muster/contract/inventory',
  'semver',
  '@renovatebot/pep440',
  'yaml',
  'zod',
  'node:buffer',
])
const pureNames: Readonly<Record<string, readonly string[]>> = {
  '@muster/kernel': ['ok', 'refuse', 'backoffMs', 'sha256Hex', 'sha256Bytes', 'equalInConstantTime', 'toIso', 'Secret'],
  'node:net': ['isIP', 'isIPv4', 'isIPv6'],
  'node:path': [
    'join',
    'dirname',
    'basename',
    'extname',
    'isAbsolute',
    'normalize',
    'parse',
    'relative',
    'sep',
    'posix',
    'win32',
  ],
  'node:crypto': ['hash', 'createHash', 'timingSafeEqual', 'X509Certificate', 'createPublicKey'],
}

const impureGlobals =
  /^(process|console|performance|crypto|globalThis|fetch|setTimeout|setInterval|setImmediate|queueMicrotask|Promise|Intl\.DateTimeFormat|Date\.now|Math\.random|Temporal\.Now)(\.|$)/

const judgeImport = ({ specifier, names, typeOnly }: Import): string | null => {
  if (typeOnly || specifier.startsWith('.')) return null
  const isPure = specifier.includes('/') && !specifier.startsWith('@') ? specifier.split('/')[0] : specifier
  if (purePackages.has(specifier) || purePackages.has(isPure ?? specifier)) return null
  const allowed = pureNames[specifier]
  if (allowed === undefined) return `imports ${specifier}`
  const impure = names.find((name) => !allowed.includes(name))
  if (names.length === 0) return `imports all of ${specifier}`
  return impure === undefined ? null : `imports ${impure} from ${specifier}`
}

const isCallTo = (node: Node, name: string): boolean =>
  (node.type === 'NewExpression' || node.type === 'CallExpression') && nameOf(part(node, 'callee')) === name

const judgeNode = (node: Node): string | null => {
  if (node.type === 'AwaitExpression' || node['async'] === true || node['await'] === true) return 'awaits'
  if (node.type === 'ThrowStatement') return 'throws'
  if (node.type === 'MetaProperty') return 'asks for import.meta or new.target'
  if (isCallTo(node, 'Date') && parts(node, 'arguments').length === 0) return 'reads the clock with Date()'
  const isReference =
    node.type === 'MemberExpression' || node.type === 'CallExpression' || node.type === 'NewExpression'
  const name = isReference ? (dottedName(node.type === 'MemberExpression' ? node : part(node, 'callee')) ?? '') : ''
  return impureGlobals.test(name) ? `uses ${name}` : null
}

const judgeSource = (source: Source): readonly string[] => [
  ...source.imports.flatMap((said) => {
    const fault = judgeImport(said)
    return fault === null ? [] : [`${source.path}:${said.line} ${fault}`]
  }),
  ...[...walk(source.tree)].flatMap((node) => {
    const fault = judgeNode(node)
    return fault === null ? [] : [`${source.path}:${lineAt(source.text, node.start)} ${fault}`]
  }),
]

/** The files whose code runs when these run: themselves and what they import by relative path. */
const reachable = (starts: readonly Source[], sources: readonly Source[]): readonly Source[] => {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const found = new Set(starts)
  for (const source of found)
    for (const { specifier, typeOnly } of source.imports) {
      const next = typeOnly ? undefined : byPath.get(join(dirname(source.path), specifier))
      if (next !== undefined) found.add(next) // a Set is walked to its moving end
    }
  return [...found]
}

/** Complaints about every decision, and about every file of its room that a decision runs. */
export const checkPurity = (sources: readonly Source[]): readonly string[] => {
  const decisions = sources.filter(({ path }) => isDecision(path))
  return [...new Set(reachable(decisions, sources).flatMap(judgeSource))].map(
    (complaint) => `${complaint}, so it is not pure`,
  )
}
