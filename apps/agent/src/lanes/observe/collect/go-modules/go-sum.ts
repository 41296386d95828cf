// The modules whose content a `go.sum` vouches for. Pure, line by line.
// A module of which only the `go.mod` was ever looked at is not part of any build and is passed over.
import { linesOf, type PackageReading, type ReadPackage, tokens, withoutMark } from '../reading.ts'

const goMod = '/go.mod'

/** `module version h1:checksum`. */
export const readGoSum = (text: string): PackageReading => {
  const packages: ReadPackage[] = []
  let oddEntries = 0
  for (const line of linesOf(withoutMark(text))) {
    const said = line.trim()
    if (said === '') continue
    const [name = '', version = '', checksum = '', ...rest] = said.split(/[ \t]+/, 4)
    if (!version.startsWith('v') || !/^h\d+:./.test(checksum) || rest.length > 0) oddEntries += 1
    else if (!version.endsWith(goMod)) packages.push({ name, version, detail: tokens({ integrity: checksum }) })
  }
  return packages.length === 0 && oddEntries > 0
    ? { ok: false, reason: 'is not a go.sum' }
    : { ok: true, packages, oddEntries }
}
