// One source file as the architecture rules see it: its text, its syntax tree and what it imports.
// It judges nothing; the rules beside it do.
import { parseSync } from 'oxc-parser'

export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

export interface Import {
  readonly specifier: string
  readonly line: number
  /** What is taken by name; empty for a namespace, a side effect, a worker or an import at run time. */
  readonly names: readonly string[]
  /** Whether it is gone at run time. */
  readonly typeOnly: boolean
}

export interface Source {
  /** Relative to the checkout, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly tree: Node
  readonly comments: readonly { readonly text: string; readonly line: number }[]
  readonly imports: readonly Import[]
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

/** The nodes directly below one, in the order they are written. */
export const childrenOf = (node: Node): readonly Node[] => Object.values(node).flat().filter(isNode)

/** A node and all below it. */
export function* walk(node: Node): Generator<Node> {
  yield node
  for (const child of childrenOf(node)) yield* walk(child)
}

/** The node under a key, when there is one. */
export const part = (node: Node | undefined, key: string): Node | undefined => {
  const value = node?.[key]
  return isNode(value) ? value : undefined
}

export const parts = (node: Node | undefined, key: string): readonly Node[] => {
  const value = node?.[key]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** The name of an identifier, or the text of a string. */
export const nameOf = (node: Node | undefined): string | undefined => {
  const value = node?.type === 'Literal' ? node['value'] : node?.['name']
  return typeof value === 'string' ? value : undefined
}

/** `a.b.c` for such an expression, else undefined. */
export const dottedName = (node: Node | undefined): string | undefined => {
  if (node?.type !== 'MemberExpression') return node?.type === 'Identifier' ? nameOf(node) : undefined
  const object = dottedName(part(node, 'object'))
  const property = node['computed'] === true ? undefined : nameOf(part(node, 'property'))
  return object === undefined || property === undefined ? undefined : `${object}.${property}`
}

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length

interface Reference {
  readonly from: Node | undefined
  readonly names: readonly string[]
  readonly typeOnly: boolean
}

const isTypeKind = (node: Node): boolean => node['importKind'] === 'type' || node['exportKind'] === 'type'

const referenceOfModule = (node: Node): Reference => {
  const taken = parts(node, 'specifiers')
  return {
    from: part(node, 'source'),
    names: taken
      .filter((one) => !isTypeKind(one))
      .flatMap((one) => nameOf(part(one, 'imported') ?? part(one, 'local')) ?? []),
    typeOnly: isTypeKind(node) || (taken.length > 0 && taken.every(isTypeKind)),
  }
}

/** `new URL('./worker.ts', import.meta.url)`: how a thread or a child is told its file. */
const referenceOfUrl = (node: Node): Reference | undefined => {
  const [from, base] = parts(node, 'arguments')
  const isUrl = nameOf(part(node, 'callee')) === 'URL' && part(base, 'object')?.type === 'MetaProperty'
  return isUrl ? { from, names: [], typeOnly: false } : undefined
}

const referenceOf = (node: Node): Reference | undefined => {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return referenceOfModule(node)
    case 'ImportExpression':
      return { from: part(node, 'source'), names: [], typeOnly: false }
    case 'TSImportType':
      return { from: part(node, 'source'), names: [], typeOnly: true }
    case 'NewExpression':
      return referenceOfUrl(node)
    default:
      return undefined
  }
}

const importsOf = (tree: Node, text: string): readonly Import[] =>
  [...walk(tree)].flatMap((node) => {
    const reference = referenceOf(node)
    const specifier = reference?.from?.type === 'Literal' ? nameOf(reference.from) : undefined
    if (reference === undefined || specifier === undefined) return []
    return [{ specifier, line: lineAt(text, node.start), names: reference.names, typeOnly: reference.typeOnly }]
  })

/** Parses TypeScript or JavaScript; a file that cannot be parsed throws. */
export const readSource = (path: string, text: string): Source => {
  const { program, comments, errors } = parseSync(path, text, { sourceType: 'module' })
  const fault = errors[0]
  if (fault !== undefined) throw new Error(`parse ${path}: ${fault.message}`)
  const tree = program as unknown as Node
  return {
    path,
    text,
    tree,
    comments: comments.map((comment) => ({ text: comment.value, line: lineAt(text, comment.start) })),
    imports: importsOf(tree, text),
  }
}
