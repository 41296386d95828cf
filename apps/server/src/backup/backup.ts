// A backup: a folder with a consistent copy of the database, the fleet CA and everything else the server owns.
// It is taken beside a running server, which does not wait; PostgreSQL is backed up by its own tools.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { type Clock, toIso } from '@muster/kernel'
import { copyDatabase } from '@muster/storage'
import { databaseFile } from '../folder/data-folder.ts'
import { PlainFault } from '../plain-fault.ts'
import { programVersion } from '../version.ts'
import { companionFiles, copyPrivate, flush } from './files.ts'
import { digestFile, type Manifest, manifestName } from './manifest.ts'

export interface BackupOrder {
  readonly dataDir: string
  readonly database: Manifest['database']
  readonly toFolder: string
  readonly clock: Clock
}

const describe = async (folder: string, path: string): Promise<Manifest['files'][number]> => {
  const file = join(folder, path)
  return { path, bytes: statSync(file).size, sha256: await digestFile(file) }
}

const fill = async (folder: string, { dataDir, database, clock }: BackupOrder): Promise<Manifest> => {
  // The database first: what it names, such as a new authority, is then among the files copied after it.
  if (database === 'sqlite') await copyDatabase(databaseFile(dataDir), databaseFile(folder))
  const paths = companionFiles(dataDir)
  for (const path of paths) await copyPrivate(join(dataDir, path), join(folder, path))
  const files: Manifest['files'] = []
  for (const path of database === 'sqlite' ? [basename(databaseFile(folder)), ...paths] : paths) {
    files.push(await describe(folder, path))
  }
  return { program: 'muster-server', version: programVersion, createdAt: toIso(clock.nowMs()), database, files }
}

/** The folder appears whole or not at all; one that is there already must be empty. */
export const takeBackup = async (order: BackupOrder): Promise<Manifest> => {
  const target = resolve(order.toFolder)
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new PlainFault(`${target} is not empty; name a new folder for the backup`)
  }
  if (`${target}${sep}`.startsWith(`${resolve(order.dataDir)}${sep}`)) {
    throw new PlainFault(`${target} lies in the data folder; name a folder elsewhere, best on another disk`)
  }
  const partial = join(dirname(target), `.${basename(target)}.partial`)
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true, mode: 0o700 })
  try {
    const manifest = await fill(partial, order)
    writeFileSync(join(partial, manifestName), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 })
    await flush(join(partial, manifestName))
    await flush(partial)
    if (existsSync(target)) rmSync(target, { recursive: true })
    renameSync(partial, target)
    await flush(dirname(target))
    return manifest
  } catch (fault) {
    rmSync(partial, { recursive: true, force: true })
    throw fault
  }
}
