// The surface debianPackages: what dpkg has installed on this machine. It is one of ours, announced by sensorVersion.
// What a status file says is dpkg-status.ts; no package manager is ever started.
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../../../plain-fault.ts'
import { createInstalledGathering, type InstalledGathering } from '../installed/installed-gathering.ts'
import { mostEntries } from '../installed/list-folder.ts'
import { tokens } from '../reading.ts'
import type { Collector } from '../snapshot.ts'
import { type DebianPackage, isDpkgStatus, readDpkgStatus } from './dpkg-status.ts'
import { readAutoInstalled } from './extended-states.ts'

export const DEBIAN_SURFACE = 'debianPackages'

/** Where dpkg and apt keep what they know; other folders are for tests. */
export interface DebianPlaces {
  readonly dpkg: string
  readonly apt: string
}

const usualPlaces: DebianPlaces = { dpkg: '/var/lib/dpkg', apt: '/var/lib/apt' }

const mostStatesBytes = 5_000_000

/** A package's paragraph in its own file, as images without dpkg have them; checksum lists lie beside. */
const isStatusFile = (name: string): boolean => !name.startsWith('.') && !name.endsWith('.md5sums')

const namesIn = async (folder: string, gathering: InstalledGathering): Promise<readonly string[]> => {
  const names: string[] = []
  try {
    for await (const entry of await opendir(folder)) {
      if (names.length >= mostEntries) {
        gathering.cutShort([folder], `entry limit reached: ${mostEntries} entries`)
        break
      }
      if (entry.isFile() && isStatusFile(entry.name)) names.push(entry.name)
    }
  } catch (fault) {
    if (codeOf(fault) !== 'ENOENT') gathering.missTree(folder, `cannot be enumerated: ${codeOf(fault)}`)
  }
  return names.toSorted()
}

const add = (
  gathering: InstalledGathering,
  path: string,
  { name, version, architecture, source }: DebianPackage,
  automatic: ReadonlySet<string> | null,
): void => {
  const full = `${name}:${architecture}`
  gathering.add({
    name,
    version,
    path,
    origin: 'dpkg',
    detail: tokens({ arch: architecture || null, source }),
    installedOnRequest: automatic === null ? null : !automatic.has(full),
    // One name can be installed for several architectures at once.
    identity: architecture === '' ? name : full,
  })
}

export const createDebianPackages = ({ dpkg, apt }: DebianPlaces = usualPlaces): Collector => {
  const status = join(dpkg, 'status')
  const statusFolder = join(dpkg, 'status.d')
  const states = join(apt, 'extended_states')
  return {
    surface: DEBIAN_SURFACE,
    interests: () => [
      { path: status, extent: 'file' },
      { path: statusFolder, extent: 'tree', maxDepth: 0 },
    ],
    async collect(signal) {
      const gathering = createInstalledGathering(DEBIAN_SURFACE, signal)
      const own = (await namesIn(statusFolder, gathering)).map((name) => join(statusFolder, name))
      const said = await gathering.note(states, mostStatesBytes, [status, ...own])
      const automatic = said.state === 'read' ? readAutoInstalled(said.text) : null
      for (const path of [status, ...own]) {
        const text = (await gathering.text(path, path === status ? 'anywhere' : 'itself')) ?? ''
        if (!isDpkgStatus(text)) gathering.fail(path, 'is not a list of packages')
        for (const installed of readDpkgStatus(text)) add(gathering, path, installed, automatic)
      }
      return gathering.snapshot()
    },
  }
}
