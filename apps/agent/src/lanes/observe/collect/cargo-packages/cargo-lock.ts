// The crates that a `Cargo.lock` pins. Pure: text in, packages out.
// A crate without a source is a folder of the same workspace, and nothing that was installed.
import { isMapping, nothingRead, type PackageReading, type ReadPackage, textOf, tokens } from '../reading.ts'
import { readToml } from '../toml.ts'

/** The kind of the source, such as `registry` or `git`, stands before its address. */
const addressOf = (source: string): string => source.replace(/^(?:registry|sparse|git)\+/, '')

export const readCargoLock = (text: string): PackageReading => {
  const document = readToml(text)
  if (!document.ok) return { ok: false, reason: 'is not TOML' }
  const entries = document.value['package']
  if (!Array.isArray(entries)) return nothingRead
  const packages: ReadPackage[] = []
  let oddEntries = 0
  for (const entry of entries) {
    const said = isMapping(entry) ? entry : {}
    const [name, version, source] = [textOf(said['name']), textOf(said['version']), textOf(said['source'])]
    if (name === null || version === null) oddEntries += 1
    else if (source !== null) {
      const detail = tokens({ resolved: addressOf(source), integrity: textOf(said['checksum']) })
      packages.push({ name, version, detail })
    }
  }
  return { ok: true, packages, oddEntries }
}
