// What would make a green run a lie: tests left out, and work promised in a comment.
// Whether the tests themselves are good is for readers.
import { dottedName, lineAt, type Node, nameOf, part, parts, type Source, walk } from './source.ts'

const runners = /^(test|it|describe|suite|context|t)$/
const leaveOut = /^(only|skip|todo)$/

const leavesOutByCall = (callee: Node | undefined): boolean => {
  const [runner = '', ...rest] = (dottedName(callee) ?? '').split('.')
  return runners.test(runner) && rest.some((name) => leaveOut.test(name))
}

const isTestCall = (callee: Node | undefined): boolean => runners.test((dottedName(callee) ?? '').split('.')[0] ?? '')

const leavesOutByOption = (node: Node): boolean =>
  isTestCall(part(node, 'callee')) &&
  parts(node, 'arguments')
    .filter((argument) => argument.type === 'ObjectExpression')
    .some((options) => parts(options, 'properties').some((one) => leaveOut.test(nameOf(part(one, 'key')) ?? '')))

/** Complaints about tests that are not run, or that keep others from running. */
export const checkSkips = (sources: readonly Source[]): readonly string[] =>
  sources
    .filter(({ path }) => path.endsWith('.test.ts'))
    .flatMap(({ path, text, tree }) =>
      [...walk(tree)]
        .filter((node) => node.type === 'CallExpression')
        .filter((node) => leavesOutByCall(part(node, 'callee')) || leavesOutByOption(node))
        .map((node) => `${path}:${lineAt(text, node.start)} leaves a test out`),
    )

const promise = /\b(TODO|FIXME|XXX|HACK)\b/

/** Complaints about comments, and lines of prose, that put work off. */
export const checkPromises = (
  sources: readonly Pick<Source, 'path' | 'comments'>[],
  prose: readonly { readonly path: string; readonly text: string }[],
): readonly string[] => {
  const lines = prose.flatMap(({ path, text }) =>
    text.split('\n').map((line, index) => ({ path, text: line, line: index + 1 })),
  )
  const comments = sources.flatMap(({ path, comments: said }) => said.map((comment) => ({ path, ...comment })))
  return [...comments, ...lines]
    .filter(({ text }) => promise.test(text))
    .map(({ path, line }) => `${path}:${line} puts work off; do it, or write an issue`)
}
