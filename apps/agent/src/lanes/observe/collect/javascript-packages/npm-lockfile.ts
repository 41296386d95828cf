// The packages an npm lockfile of version 2 or 3 pins (sensor-agent 6.7). Pure: text in, packages out.
// Finding and reading lockfiles is javascript-packages.ts.
import { readJson } from '../jsonc.ts'
import { isMapping, nothingRead, type PackageReading, type ReadPackage, textOf, tokens } from '../reading.ts'

const prefix = 'node_modules/'

const scopeOf = ({ dev, optional }: Record<string, unknown>): string | null =>
  dev === true ? 'dev' : optional === true ? 'optional' : null

const detailOf = (entry: Record<string, unknown>): string | null =>
  tokens({ resolved: textOf(entry['resolved']), integrity: textOf(entry['integrity']), scope: scopeOf(entry) })

/**
 * The name is the key below `node_modules/`; a nested package keeps its inner `node_modules/`.
 * Version 1 lockfiles have no `packages` and yield nothing; linked workspaces have no version and are not packages.
 */
export const readNpmLockfile = (text: string): PackageReading => {
  const document = readJson(text)
  if (!document.ok) return { ok: false, reason: 'is not JSON' }
  if (!isMapping(document.value) || !isMapping(document.value['packages'])) return nothingRead
  const packages: ReadPackage[] = []
  let oddEntries = 0
  for (const [key, entry] of Object.entries(document.value['packages'])) {
    if (!key.startsWith(prefix)) continue
    if (!isMapping(entry)) {
      oddEntries += 1
      continue
    }
    const name = textOf(key.slice(prefix.length))
    const version = textOf(entry['version'])
    if (name !== null && version !== null) packages.push({ name, version, detail: detailOf(entry) })
  }
  return { ok: true, packages, oddEntries }
}
