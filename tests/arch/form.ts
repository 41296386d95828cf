// The form of a file: how it opens, how long it and its functions are, and what it may be called.
// What a file does is for other rules; generated code and fixtures are data and have no form.
import { childrenOf, lineAt, type Node, nameOf, part, type Source, walk } from './source.ts'

const longestFileLines = 400
const longestFunctionLines = 50

// Tables may run long; each has to be named here.
const tables: ReadonlySet<string> = new Set([])

const isComment = (line: string | undefined): boolean => line !== undefined && /^\/\/ \S/.test(line)

/** Complaints about files that do not open with two comment lines: what it is, what it leaves to others. */
export const checkOpenings = (sources: readonly Pick<Source, 'path' | 'text'>[]): readonly string[] =>
  sources
    .filter(({ text }) => {
      const lines = text.split('\n')
      const [first, second] = lines[0]?.startsWith('#!') === true ? lines.slice(1, 3) : lines
      return !isComment(first) || !isComment(second)
    })
    .map(({ path }) => `${path} does not open with two lines that say what it is and what it leaves to others`)

const isFunction = (node: Node): boolean =>
  /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)

const nestedFunctions = (node: Node): readonly Node[] =>
  childrenOf(node).flatMap((child) => (isFunction(child) ? [child] : nestedFunctions(child)))

const linesOf = (node: Node, text: string): number => lineAt(text, node.end) - lineAt(text, node.start) + 1

/** A function's lines without those of the functions written inside it, which are measured for themselves. */
const ownLines = (node: Node, text: string): number =>
  nestedFunctions(node).reduce((lines, inner) => lines - linesOf(inner, text) + 1, linesOf(node, text))

const longFunctions = ({ path, text, tree }: Source): readonly string[] =>
  [...walk(tree)]
    .filter(isFunction)
    .map((node) => ({
      name: nameOf(part(node, 'id')) ?? 'a function',
      line: lineAt(text, node.start),
      lines: ownLines(node, text),
    }))
    .filter(({ lines }) => lines > longestFunctionLines)
    .map(
      ({ name, line, lines }) =>
        `${path}:${line} ${name} has ${lines} lines of its own; ${longestFunctionLines} is the limit`,
    )

/** Complaints about files, and functions outside of tests, that are too long to be read at once. */
export const checkSizes = (sources: readonly Source[]): readonly string[] =>
  sources.flatMap((source) => {
    const lines = source.text.trimEnd().split('\n').length
    const tooLong = lines > longestFileLines && !tables.has(source.path)
    return [
      ...(tooLong ? [`${source.path} has ${lines} lines; ${longestFileLines} is the limit`] : []),
      ...(source.path.endsWith('.test.ts') ? [] : longFunctions(source)),
    ]
  })

const drawers = /(^|\/)(utils?|helpers?|types|index|common|misc)(\.[a-z]+)*\.(ts|mjs|tsx)$/

/** Complaints about files named after nothing in particular, which fill up with anything. */
export const checkDrawers = (files: readonly string[]): readonly string[] =>
  files.filter((path) => drawers.test(path)).map((path) => `${path} is a drawer; name it after what it holds`)
