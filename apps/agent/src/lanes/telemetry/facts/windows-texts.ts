// What the programs of Windows print, taken apart. Pure; none of it depends on the language of the system.
// Running reg, tasklist and PowerShell is windows.ts and the fingerprint's.

/** A value of `reg query`, whatever its type; null when it is not there. */
export const registryValueIn = (regQuery: string, name: string): string | null => {
  const escaped = name.replaceAll(/[\\.]/g, String.raw`\$&`)
  return new RegExp(`^ {4}${escaped} {4}REG_\\w+ {4}(.*?)\\r?$`, 'm').exec(regQuery)?.[1]?.trim() ?? null
}

const firstBuildOf11 = 22_000

/** `CurrentVersion` of the registry: edition, build and revision; it still calls Windows 11 by its elder's name. */
export const osVersionIn = (regQuery: string, release: string): string => {
  const build = registryValueIn(regQuery, 'CurrentBuild')
  const revision = registryValueIn(regQuery, 'UBR')
  const product = registryValueIn(regQuery, 'ProductName') ?? 'Windows'
  const name = Number(build) >= firstBuildOf11 ? product.replace(/^Windows 10\b/, 'Windows 11') : product
  const major = release.split('.').slice(0, 2).join('.')
  const version = build === null ? release : `${major}.${build}${revision === null ? '' : `.${Number(revision)}`}`
  return `${name} ${version}`
}

/** A partition with a GUID: its name, then the GUID. */
const guidDisk = Buffer.from('DMIO:ID:').toString('hex').toUpperCase()
/** A partition of an older table: four bytes of its disk, eight of its place. */
const tableDiskDigits = 24

/**
 * `MountedDevices` of the registry: the letters of fixed disks. Removable ones and disc drives are named there by text
 * that starts otherwise, and drives of other machines are not there at all.
 */
export const fixedDrivesIn = (regQuery: string): readonly string[] =>
  [...regQuery.matchAll(/^ {4}\\DosDevices\\([A-Z]): {4}REG_BINARY {4}([0-9A-F]+)\r?$/gim)].flatMap(
    ([, letter = '', data = '']) =>
      data.toUpperCase().startsWith(guidDisk) || data.length === tableDiskDigits ? [`${letter.toUpperCase()}:\\`] : [],
  )

/** `tasklist /FO CSV /NH`: one line for each process. */
export const processCountIn = (tasklist: string): number =>
  tasklist.split('\n').filter((line) => line.startsWith('"')).length
