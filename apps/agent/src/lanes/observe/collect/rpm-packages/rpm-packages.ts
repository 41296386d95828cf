// The surface rpmPackages: what RPM has installed on this machine. It is one of ours, announced by sensorVersion.
// Only databases of the SQLite kind are read, which RPM has written since 4.16; older kinds are told as an issue.
import { realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, isAbsent } from '../../../../plain-fault.ts'
import { createInstalledGathering, type InstalledGathering } from '../installed/installed-gathering.ts'
import { tokens } from '../reading.ts'
import type { Collector, Snapshot, Stamps } from '../snapshot.ts'
import { stampOf } from '../stamp.ts'
import { readHeaders, waitingBytes } from './rpm-database.ts'
import { type RpmPackage, readRpmHeader } from './rpm-header.ts'

export const RPM_SURFACE = 'rpmPackages'

/** The newer place first; on many systems one is a link to the other. */
const usualFolders: readonly string[] = ['/usr/lib/sysimage/rpm', '/var/lib/rpm']

const databaseName = 'rpmdb.sqlite'
const olderKinds: Readonly<Record<string, string>> = { Packages: 'Berkeley DB', 'Packages.db': 'NDB' }

type Lookout = 'file' | 'absent' | 'something_else' | 'unreadable'

const lookAt = async (path: string): Promise<Lookout> => {
  try {
    return (await stat(path)).isFile() ? 'file' : 'something_else'
  } catch (fault) {
    return isAbsent(fault) ? 'absent' : 'unreadable'
  }
}

/** The folders that exist, each once whatever links lead to it. */
const realFolders = async (folders: readonly string[], gathering: InstalledGathering): Promise<ReadonlySet<string>> => {
  const real = new Set<string>()
  for (const folder of folders) {
    try {
      real.add(await realpath(folder))
    } catch (fault) {
      if (!isAbsent(fault)) gathering.missTree(folder, `cannot be inspected: ${codeOf(fault)}`)
    }
  }
  return real
}

const add = (gathering: InstalledGathering, path: string, installed: RpmPackage): void => {
  const { name, version, architecture, vendor, source } = installed
  // A key that signs packages is kept like a package, but it is none.
  if (name === 'gpg-pubkey') return
  gathering.add({
    name,
    version,
    path,
    origin: vendor ?? 'unknown',
    detail: tokens({ arch: architecture, source }),
    // One name can be installed for several architectures and, as kernels are, in several versions at once.
    identity: architecture === null ? name : `${name}.${architecture}`,
  })
}

const gatherDatabase = async (gathering: InstalledGathering, path: string, signal: AbortSignal): Promise<boolean> => {
  let oddHeaders = 0
  try {
    for await (const header of readHeaders(path, signal)) {
      const installed = readRpmHeader(header)
      if (installed === null) oddHeaders += 1
      else add(gathering, path, installed)
    }
  } catch (fault) {
    signal.throwIfAborted()
    gathering.fail(path, `is not an RPM database that can be read: ${(fault as Error).message}`)
    return false
  }
  if (oddHeaders > 0) gathering.remark(path, `${oddHeaders} headers are not packages`)
  return oddHeaders === 0
}

const gatherOlderKinds = async (gathering: InstalledGathering, folder: string): Promise<void> => {
  for (const [name, kind] of Object.entries(olderKinds)) {
    const path = join(folder, name)
    if ((await lookAt(path)) === 'file')
      gathering.remark(path, `an RPM database of the ${kind} kind, which this agent does not read`)
  }
}

const collect = async (folders: readonly string[], nowMs: () => number, signal: AbortSignal, known: Stamps) => {
  const gathering = createInstalledGathering(RPM_SURFACE, signal)
  const stamps = new Map<string, string>()
  const unchanged = new Set<string>()
  for (const folder of await realFolders(folders, gathering)) {
    const path = join(folder, databaseName)
    const there = await lookAt(path)
    if (there === 'absent') await gatherOlderKinds(gathering, folder)
    else if (there !== 'file') gathering.fail(path, there === 'unreadable' ? 'cannot be read' : 'not a regular file')
    if (there !== 'file') continue
    // Without what waits beside it, the database alone does not say all.
    const isAlone = (await waitingBytes(path)) === 0
    const stamp = isAlone ? await stampOf(path, false, nowMs()) : null
    const isKnown = stamp !== null && known.get(path) === stamp
    if (isKnown) unchanged.add(path)
    const isWhole = isKnown || (await gatherDatabase(gathering, path, signal))
    if (isWhole && stamp !== null) stamps.set(path, stamp)
  }
  return { ...gathering.snapshot(), unchanged, stamps } satisfies Snapshot
}

export const createRpmPackages = (folders = usualFolders, nowMs = Date.now): Collector => ({
  surface: RPM_SURFACE,
  interests: () => folders.map((path) => ({ path, extent: 'tree', maxDepth: 0 })),
  collect: async (signal, known = new Map()) => await collect(folders, nowMs, signal, known),
})
