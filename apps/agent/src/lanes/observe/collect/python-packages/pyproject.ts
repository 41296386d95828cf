// What a `pyproject.toml` declares to need (sensor-agent 6.8). Pure: text in, names out; a declaration pins nothing.
// Tables of single tools, such as Poetry's own, are not read.
import { isMapping, type PackageReading } from '../reading.ts'
import { readToml } from '../toml.ts'
import { requirementName } from './requirement.ts'

const listsOf = (table: unknown): readonly unknown[] => (isMapping(table) ? Object.values(table) : [])

const inside = (table: unknown, key: string): unknown => (isMapping(table) ? table[key] : undefined)

/** Members that are no text, such as the group that another group includes, are passed over. */
export const readPyproject = (text: string): PackageReading => {
  const document = readToml(text)
  if (!document.ok) return { ok: false, reason: 'is not TOML' }
  const { project } = document.value
  const lists = [
    inside(project, 'dependencies'),
    ...listsOf(inside(project, 'optional-dependencies')),
    inside(document.value['build-system'], 'requires'),
    ...listsOf(document.value['dependency-groups']),
  ]
  const names = lists
    .flatMap((list): readonly unknown[] => (Array.isArray(list) ? list : []))
    .filter((member) => typeof member === 'string')
    .map((member) => requirementName(member).toWellFormed())
    .filter((name) => name !== '')
  return { ok: true, packages: names.map((name) => ({ name, version: null, detail: null })), oddEntries: 0 }
}
