// The data folder: everything the server owns lies in it, it says whose it is, and one server at a time uses it.
// What the files hold is for storage, identity and the rooms above them.
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { codeOf, PlainFault } from '../plain-fault.ts'
import { takeFolderLock } from './lock.ts'

export interface DataFolder {
  readonly path: string
  /** Closing it lets another server use the folder. */
  close(): void
}

/** The mark that tells our folder from any other; a newer layout than ours is left alone. */
export const dataMark = 'muster-data.json'
const layout = 1

export const databaseFile = (dataDir: string): string => join(dataDir, 'muster.db')
export const adminTokenFile = (dataDir: string): string => join(dataDir, 'admin-token')
/** What a running server says about itself to programs on the same machine. */
export const runningFile = (dataDir: string): string => join(dataDir, 'running.json')

const reasons: Record<string, string> = {
  EACCES: 'this account may not use it; give it to the account that runs muster-server, or name another --data-dir',
  EPERM: 'this account may not use it; give it to the account that runs muster-server, or name another --data-dir',
  ENOTDIR: 'it, or a part of its path, is a file; name a folder with --data-dir',
  EEXIST: 'it is a file; name a folder with --data-dir',
  EROFS: 'it is on a read-only file system; name another --data-dir',
  ENOSPC: 'the disk is full',
  ENOENT: 'there is no such folder',
}

export const folderFault = (dataDir: string, fault: unknown): unknown => {
  const reason = reasons[codeOf(fault) ?? '']
  if (fault instanceof PlainFault || reason === undefined) return fault
  return new PlainFault(`data folder ${dataDir}: ${reason}`, 1, { cause: fault })
}

export type FolderState = 'missing' | 'empty' | 'ours'

/** What the servers of one fleet share, and an operator copies into a new one's folder before its first start. */
const authorityFolder = 'ca'

/** A start that was cut off leaves a mark without a word in it, and nothing of its own beside it: see `writeMark`. */
const isUnbegun = (dataDir: string, names: readonly string[]): boolean =>
  names.every((name) => name === authorityFolder || (name === dataMark && statSync(join(dataDir, name)).size === 0))

const readMark = (dataDir: string): unknown => {
  try {
    return JSON.parse(readFileSync(join(dataDir, dataMark), 'utf8'))
  } catch (fault) {
    if (codeOf(fault) === 'ENOENT' || fault instanceof SyntaxError) return null
    throw fault
  }
}

/** What the folder is to us; refuses one with other things in it and one that a newer program laid out. */
export const inspectFolder = (dataDir: string): FolderState => {
  try {
    if (isUnbegun(dataDir, readdirSync(dataDir))) return 'empty'
    const mark = readMark(dataDir)
    const found = typeof mark === 'object' && mark !== null && 'layout' in mark ? mark.layout : null
    if (typeof found !== 'number') {
      throw new PlainFault(`data folder ${dataDir}: holds things that muster-server did not make; name an empty folder`)
    }
    if (found <= layout) return 'ours'
    throw new PlainFault(`data folder ${dataDir}: was laid out by a newer muster-server; upgrade this program`)
  } catch (fault) {
    if (codeOf(fault) === 'ENOENT') return 'missing'
    throw folderFault(dataDir, fault)
  }
}

/** Which names a folder holds is on disk when this returns; Windows knows no such thing. */
const syncFolder = (path: string): void => {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/** On disk before anything else comes into the folder: without it the rest would not be known for ours. */
const writeMark = (dataDir: string): void => {
  const text = `${JSON.stringify({ program: 'muster-server', layout })}\n`
  writeFileSync(join(dataDir, dataMark), text, { mode: 0o600, flush: true })
  syncFolder(dataDir)
}

const prepare = (dataDir: string): void => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  if (inspectFolder(dataDir) === 'ours') return
  if (process.platform !== 'win32') chmodSync(dataDir, 0o700)
  writeMark(dataDir)
}

/** Makes the folder if it is missing, and takes it for this process. */
export const openDataFolder = (dataDir: string): DataFolder => {
  try {
    prepare(dataDir)
    const lock = takeFolderLock(dataDir)
    return { path: dataDir, close: () => lock.release() }
  } catch (fault) {
    throw folderFault(dataDir, fault)
  }
}

/** Whether anybody but the owner may read the folder; always false where modes mean nothing. */
export const isOpenToOthers = (path: string): boolean =>
  process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0
