// The checkout as facts for the architecture rules: its folders, its files, its rooms and what they declare.
// It reads the disk once and judges nothing.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readSource, type Source } from './source.ts'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface Room {
  /** The folder, such as `edges/http`. */
  readonly folder: string
  /** The package name, such as `@muster/http`. */
  readonly name: string
  readonly exports: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

export interface Checkout {
  /** Every folder, except what is ignored or below a dot; `apps`, `apps/cli`, … */
  readonly folders: readonly string[]
  readonly files: readonly string[]
  readonly rooms: readonly Room[]
  readonly root: Omit<Room, 'exports'>
  /** Hand-written TypeScript and JavaScript; fixtures and generated code are data. */
  readonly sources: readonly Source[]
  /** What the root's allowScripts approves. */
  readonly approvedScripts: readonly string[]
  readonly read: (path: string) => string
}

const ignored = /(^|\/)(node_modules|dist|\..+)$|^bench\/results$/

interface Listing {
  readonly folders: readonly string[]
  readonly files: readonly string[]
}

const list = (folder: string): Listing => {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).map((entry) => ({
    path: folder === '' ? entry.name : `${folder}/${entry.name}`,
    isFolder: entry.isDirectory(),
  }))
  const kept = entries.filter(({ path }) => !ignored.test(path))
  const below = kept.filter(({ isFolder }) => isFolder).map(({ path }) => ({ path, listing: list(path) }))
  return {
    folders: below.flatMap(({ path, listing }) => [path, ...listing.folders]),
    files: [
      ...kept.filter(({ isFolder }) => !isFolder).map(({ path }) => path),
      ...below.flatMap(({ listing }) => listing.files),
    ],
  }
}

export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

interface Manifest extends Partial<Omit<Room, 'folder'>> {
  readonly workspaces?: readonly string[]
  readonly allowScripts?: Readonly<Record<string, boolean>>
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(read(folder === '' ? 'package.json' : `${folder}/package.json`)) as Manifest

const readRoom = (folder: string): Room => {
  const { name = '', exports = {}, dependencies = {}, devDependencies = {} } = readManifest(folder)
  return { folder, name, exports, dependencies, devDependencies }
}

export const isData = (path: string): boolean => /(^|\/)(fixtures|generated)\//.test(path)

export const readCheckout = (): Checkout => {
  const { folders, files } = list('')
  const code = files.filter((path) => /\.(tsx?|mjs)$/.test(path) && !isData(path))
  return {
    folders,
    files,
    rooms: (readManifest('').workspaces ?? []).map(readRoom),
    root: readRoom(''),
    sources: code.map((path) => readSource(path, read(path))),
    approvedScripts: Object.entries(readManifest('').allowScripts ?? {}).flatMap(([name, may]) => (may ? [name] : [])),
    read,
  }
}
