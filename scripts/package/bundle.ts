// The agent and every library it runs with as one file, and the licences those libraries ask to be kept with it.
// The names in the file stay as they were written: a stack trace can be read, and so can the program, by whoever runs it.
import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { type OutputChunk, type Plugin, rolldown } from 'rolldown'
import { root } from '../with-node.mjs'

export interface Bundle {
  readonly code: string
  readonly libraries: readonly Library[]
}

export interface Library {
  readonly name: string
  readonly version: string
  readonly license: string
  /** The text its authors ship; empty when they ship none. */
  readonly text: string
}

const readLibrary = (folder: string): Library => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Library
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .toSorted()
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim())
  return { name, version, license, text: texts.join('\n\n') }
}

const libraryFolder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/

/** The libraries of which at least one line is in the file. */
const librariesIn = ({ modules }: OutputChunk): readonly Library[] => {
  const folders = Object.entries(modules).flatMap(([path, { renderedLength }]) =>
    renderedLength === 0 ? [] : [libraryFolder.exec(path)?.[0] ?? ''],
  )
  return [...new Set(folders)]
    .filter((folder) => folder !== '')
    .toSorted()
    .map(readLibrary)
}

const ofNode = '\0of-node:'
const wholeOfNode = '\0whole-of-node:'

/** What the bundler itself puts in front of everything. */
const isRuntime = (importer: string | undefined): boolean => importer?.startsWith('\0rolldown') === true

const fetcher = join(root, 'apps', 'agent', 'src', 'program', 'module-of-node.ts').replaceAll('\\', '/')

/** Only what is used of a module of Node, fetched from it one by one. */
const spellModule = (name: string): string => {
  const names = Object.keys(process.getBuiltinModule(name) ?? {}).filter((one) => /^[a-z]\w*$/i.test(one))
  const taken = names.flatMap((one) => [
    `const its_${one} = /* @__PURE__ */ (() => all.${one})()`,
    `export { its_${one} as ${one} }`,
  ])
  const fetched = [`import { moduleOfNode } from '${fetcher}'`, `const all = moduleOfNode('${name}')`]
  return [...fetched, 'export default all', ...taken].join('\n')
}

/**
 * An `import` of a module of Node spells out all its exports, also those that are made only when somebody asks for
 * them: a differ, a table of media types, a WebSocket. What is asked for by name loads nothing else.
 */
const modulesOfNode: Plugin = {
  name: 'modules-of-node',
  resolveId: (source, importer, { kind }) => {
    if (!isBuiltin(source) || isRuntime(importer)) return null
    return { id: (kind === 'require-call' ? wholeOfNode : ofNode) + source, moduleSideEffects: false }
  },
  load: (id) => {
    if (id.startsWith(ofNode)) return spellModule(id.slice(ofNode.length))
    if (!id.startsWith(wholeOfNode)) return null
    return `module.exports = require('${fetcher}').moduleOfNode('${id.slice(wholeOfNode.length)}')`
  },
}

/** One letter beyond Latin-1 would make the whole text take twice the memory, for as long as the program runs. */
const inAscii = (code: string): string =>
  code.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

const bundle = async (input: string, format: 'cjs' | 'esm'): Promise<OutputChunk> => {
  const build = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    plugins: [modulesOfNode],
    experimental: { lazyBarrel: true },
    onLog: (level, log) => {
      if (level !== 'debug' && level !== 'info') throw new Error(`bundle the agent: ${log.message}`)
    },
  })
  try {
    const { output } = await build.generate({
      format,
      codeSplitting: false,
      comments: { legal: true, annotation: false, jsdoc: false },
    })
    const [chunk, ...others] = output
    if (others.length > 0) throw new Error(`bundle the agent: it became ${output.length} files and should be one`)
    return chunk
  } finally {
    await build.close()
  }
}

/** Where the program begins, in the line after. */
const opening = (lines: number): string => `start({ file: import.meta.filename, lines: ${lines} }, (keeper) => {`

/** Bundles what apps/agent/src/main.ts reaches; the same sources give the same bytes, wherever the checkout lies. */
export const bundleAgent = async (): Promise<Bundle> => {
  const starter = await bundle('apps/agent/src/program/start.ts', 'esm')
  const program = await bundle('apps/agent/src/main.ts', 'cjs')
  const before = starter.code.trimEnd()
  const lines = before.split('\n').length
  const code = [before, opening(lines), `'use strict'`, program.code.trimEnd(), '})', ''].join('\n')
  return { code: inAscii(code), libraries: librariesIn(program) }
}

const rule = '-'.repeat(78)

/** The papers of everything in a package that others wrote. */
export const noticesOf = (libraries: readonly Library[], nodeVersion: string, nodeLicense: string): string =>
  [
    'This package contains the work of others, under the terms that follow.',
    ...libraries.map(({ name, version, license, text }) => `${rule}\n${name} ${version} (${license})\n\n${text}`),
    `${rule}\nNode.js ${nodeVersion} and what it contains\n\n${nodeLicense.trim()}`,
    '',
  ].join('\n\n')
