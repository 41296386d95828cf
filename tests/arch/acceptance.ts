// Whether what is to be proved is proved: each line names tests, and each of those is in its file.
// The lines are data beside this, a list for agents, for the fleet and for sensors; running the tests is for the runner.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AcceptanceArea, Proofs } from './acceptance-proofs.ts'
import { type Node, nameOf, part, parts, readSource, walk } from './source.ts'

/** A text as it is written: of a template, with its holes. */
const textOf = (node: Node | undefined, source: string): string | undefined => {
  if (node?.type === 'TemplateLiteral') return source.slice(node.start + 1, node.end - 1)
  return node?.type === 'Literal' ? nameOf(node) : undefined
}

const testers = /^(test|it|scene|inOwnTenant)$/

/**
 * The titles of a test file: what its tests are called, and the names in the tables that its tests are made from.
 */
export const titlesIn = (path: string, source: string): ReadonlySet<string> => {
  const titles = new Set<string>()
  for (const node of walk(readSource(path, source).tree)) {
    const isTest = node.type === 'CallExpression' && testers.test(nameOf(part(node, 'callee')) ?? '')
    const isRow = node.type === 'Property' && nameOf(part(node, 'key')) === 'name'
    const title = isTest ? parts(node, 'arguments')[0] : isRow ? part(node, 'value') : undefined
    const text = textOf(title, source)
    if (text !== undefined) titles.add(text)
  }
  return titles
}

const root = join(import.meta.dirname, '..', '..')

/** A file of this checkout; null for one that is not there. */
export const readProof = (path: string): string | null =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null

/** What is missing from the proofs of one line; null for a file that is not there. */
export const checkLine = (proofs: Proofs, read: (path: string) => string | null): readonly string[] => {
  const files = Object.entries(proofs)
  if (files.every(([, titles]) => titles.length === 0)) return ['no test proves it']
  return files.flatMap(([path, titles]) => {
    const source = read(path)
    if (source === null) return [`${path} is not there`]
    const known = titlesIn(path, source)
    return [
      ...(titles.length === 0 ? [`${path} is named without a test`] : []),
      ...titles.filter((title) => !known.has(title)).map((title) => `${path} has no test "${title}"`),
    ]
  })
}

export const linesOf = (areas: readonly AcceptanceArea[]): readonly (readonly [line: string, proofs: Proofs])[] =>
  areas.flatMap(({ area, lines }) =>
    Object.entries(lines).map(([line, proofs]) => [`${area}: ${line}`, proofs] as const),
  )
