// The packages a `bun.lock` pins (sensor-agent 6.7). Pure: text in, packages out.
// Bun's older binary `bun.lockb` is not read.
import { readJsonc } from '../jsonc.ts'
import { isMapping, nothingRead, type PackageReading, type ReadPackage, textOf } from '../reading.ts'

/** What stands for a folder of the same checkout, and is not installed from anywhere. */
const local = /^(?:@[^/@]*\/)?[^@]*@(?:workspace|link|root):/

const versionOf = (resolution: string): string | null =>
  resolution.lastIndexOf('@') > 0 ? textOf(resolution.slice(resolution.lastIndexOf('@') + 1)) : null

/** The name is the key, which for a nested package is a path of names: `parent/@scope/child`. */
export const readBunLockfile = (text: string): PackageReading => {
  const document = readJsonc(text)
  if (!document.ok) return { ok: false, reason: 'is not JSON' }
  if (!isMapping(document.value) || !isMapping(document.value['packages'])) return nothingRead
  const packages: ReadPackage[] = []
  let oddEntries = 0
  for (const [key, entry] of Object.entries(document.value['packages'])) {
    const resolution: unknown = Array.isArray(entry) ? entry[0] : undefined
    const isText = typeof resolution === 'string'
    if (isText && local.test(resolution)) continue
    const name = textOf(key)
    const version = isText ? versionOf(resolution) : null
    if (name === null || version === null) oddEntries += 1
    else packages.push({ name, version, detail: null })
  }
  return { ok: true, packages, oddEntries }
}
