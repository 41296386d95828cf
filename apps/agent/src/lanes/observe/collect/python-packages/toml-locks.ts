// The packages that `uv.lock` and `pylock.toml` pin (sensor-agent 6.8). Pure: text in, packages out.
// Both are tables of packages that differ in the name of the table only.
import { isMapping, nothingRead, type PackageReader, type ReadPackage, textOf } from '../reading.ts'
import { readToml } from '../toml.ts'

const readTable =
  (table: 'package' | 'packages'): PackageReader =>
  (text) => {
    const document = readToml(text)
    if (!document.ok) return { ok: false, reason: 'is not TOML' }
    const entries = document.value[table]
    if (!Array.isArray(entries)) return nothingRead
    const packages: ReadPackage[] = []
    for (const entry of entries) {
      const name = isMapping(entry) ? textOf(entry['name']) : null
      // What is built from its own folder may have no version before it is built.
      if (name !== null && isMapping(entry)) packages.push({ name, version: textOf(entry['version']), detail: null })
    }
    return { ok: true, packages, oddEntries: entries.length - packages.length }
  }

export const readUvLock = readTable('package')

export const readPylock = readTable('packages')
