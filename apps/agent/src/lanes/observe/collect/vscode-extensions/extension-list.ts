// What VS Code and its relatives write down about the extensions they installed. Pure.
// Where such files lie is vscode-extensions.ts.
import { readJson } from '../jsonc.ts'
import { isMapping, textOf } from '../reading.ts'

export interface Extension {
  /** `publisher.name`. */
  readonly id: string
  readonly version: string
  /** `gallery`, `vsix`, or what else the editor says; null when it says nothing. */
  readonly source: string | null
  readonly platform: string | null
}

export interface ExtensionList {
  readonly extensions: readonly Extension[]
  readonly oddEntries: number
}

const platformOf = (metadata: Record<string, unknown>): string | null => {
  const platform = textOf(metadata['targetPlatform'])
  return platform === 'undefined' || platform === 'universal' ? null : platform
}

const extensionOf = (entry: unknown): Extension | null => {
  if (!isMapping(entry)) return null
  const { identifier, metadata } = entry
  const id = isMapping(identifier) ? textOf(identifier['id']) : null
  const version = textOf(entry['version'])
  if (id === null || version === null) return null
  const said = isMapping(metadata) ? metadata : {}
  return { id, version, source: textOf(said['source']), platform: platformOf(said) }
}

/** `extensions.json`; null when the text is no such list. */
export const readExtensionList = (text: string): ExtensionList | null => {
  const document = readJson(text)
  if (!document.ok || !Array.isArray(document.value)) return null
  const extensions = document.value.map(extensionOf).filter((extension) => extension !== null)
  return { extensions, oddEntries: document.value.length - extensions.length }
}

/** The `package.json` of one extension; null when it is none. */
export const readExtensionManifest = (text: string): Extension | null => {
  const document = readJson(text)
  if (!document.ok || !isMapping(document.value)) return null
  const [publisher, name, version] = ['publisher', 'name', 'version'].map((key) =>
    isMapping(document.value) ? textOf(document.value[key]) : null,
  )
  if (!publisher || !name || !version) return null
  return { id: `${publisher}.${name}`, version, source: null, platform: null }
}

/** The names of folders that are only waiting to be deleted, as `.obsolete` says. */
export const readObsolete = (text: string): ReadonlySet<string> => {
  const document = readJson(text)
  return new Set(document.ok && isMapping(document.value) ? Object.keys(document.value) : [])
}
