// The agent and every library it runs with as one file, and the licences those libraries ask to be kept with it.
// The names in the file stay as they were written: a stack trace can be read, and so can the program, by whoever runs it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type OutputChunk, rolldown } from 'rolldown'
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

/** Bundles what apps/agent/src/main.ts reaches; the same sources give the same bytes, wherever the checkout lies. */
export const bundleAgent = async (): Promise<Bundle> => {
  const build = await rolldown({
    cwd: root,
    input: 'apps/agent/src/main.ts',
    platform: 'node',
    onLog: (level, log) => {
      if (level !== 'debug' && level !== 'info') throw new Error(`bundle the agent: ${log.message}`)
    },
  })
  try {
    const { output } = await build.generate({
      format: 'esm',
      codeSplitting: false,
      comments: { legal: true, annotation: false, jsdoc: false },
    })
    const [chunk, ...others] = output
    if (others.length > 0) throw new Error(`bundle the agent: it became ${output.length} files and should be one`)
    return { code: chunk.code, libraries: librariesIn(chunk) }
  } finally {
    await build.close()
  }
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
