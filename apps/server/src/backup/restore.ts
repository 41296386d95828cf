// Back from a backup: everything is checked before the first byte is written, into a data folder that holds nothing.
// Starting a server on it afterwards is the operator's step.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { databaseFile, dataMark, inspectFolder } from '../folder/data-folder.ts'
import { codeOf, PlainFault } from '../plain-fault.ts'
import { findDatabaseFault } from './check-database.ts'
import { copyPrivate, flush } from './files.ts'
import { digestFile, Manifest, manifestName } from './manifest.ts'

const readManifest = (folder: string): Manifest => {
  const file = join(folder, manifestName)
  try {
    return Manifest.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (fault) {
    const missing = codeOf(fault) === 'ENOENT' || codeOf(fault) === 'ENOTDIR'
    const says = missing
      ? `holds no ${manifestName}; name a folder that "backup" made`
      : `has a damaged ${manifestName}`
    throw new PlainFault(`${folder} ${says}`, 1, { cause: fault })
  }
}

const checkFiles = async (folder: string, { files, database }: Manifest): Promise<void> => {
  for (const { path, bytes, sha256 } of files) {
    const file = join(folder, path)
    if (!existsSync(file)) throw new PlainFault(`the backup lacks ${path}; it cannot be restored`)
    if (statSync(file).size !== bytes || (await digestFile(file)) !== sha256) {
      throw new PlainFault(`${path} in the backup is not what was backed up; it cannot be restored`)
    }
  }
  const damage = database === 'sqlite' ? findDatabaseFault(databaseFile(folder), 'full') : null
  if (damage !== null) throw new PlainFault(`the database in the backup is damaged: ${damage}`)
}

export const restoreBackup = async (fromFolder: string, dataDir: string): Promise<Manifest> => {
  const folder = resolve(fromFolder)
  if (inspectFolder(dataDir) === 'ours') {
    throw new PlainFault(`data folder ${dataDir}: is in use already; restore into an empty one with --data-dir`)
  }
  const manifest = readManifest(folder)
  await checkFiles(folder, manifest)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  // The mark last: a restore that was cut off leaves a folder that no server takes for its own.
  const paths = manifest.files.map(({ path }) => path).filter((path) => path !== dataMark)
  try {
    for (const path of [...paths, dataMark]) await copyPrivate(join(folder, path), join(dataDir, path))
    await flush(dataDir)
  } catch (fault) {
    for (const name of readdirSync(dataDir)) rmSync(join(dataDir, name), { recursive: true, force: true })
    throw fault
  }
  return manifest
}
