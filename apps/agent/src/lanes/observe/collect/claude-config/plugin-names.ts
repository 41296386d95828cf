// The names of plugins and marketplaces in the shapes Claude Code has written them in (sensor-agent 6.2). Pure.
// In which files and under which keys they stand is settings.ts and claude-config.ts.
import { type Disclosure, named, shown } from '../disclosure/disclosure.ts'
import { isMapping } from '../reading.ts'

const member: Disclosure = { isShown: true, keys: { name: shown, source: shown, path: shown } }

export const pluginNamesDisclosure: Disclosure = { anyKey: named, members: member }

export const pluginFileDisclosure: Disclosure = {
  keys: { plugins: pluginNamesDisclosure },
  anyKey: named,
  members: member,
}

const nameOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  if (!isMapping(value)) return undefined
  return [value['name'], value['source'], value['path']].find((text) => typeof text === 'string')
}

/** Of a mapping its keys, of a list what each member calls itself; sorted. */
export const pluginNames = (value: unknown): readonly string[] => {
  if (isMapping(value)) return Object.keys(value).toSorted()
  if (!Array.isArray(value)) return []
  return value
    .map(nameOf)
    .filter((name) => name !== undefined)
    .toSorted()
}

/** A file that has a mapping `plugins` lists them there, an older one at its top. */
export const pluginFileNames = (document: unknown): readonly string[] =>
  pluginNames(isMapping(document) && isMapping(document['plugins']) ? document['plugins'] : document)
