// Files only the server's own user may read: keys and the first operator's token.
// What is in them is the caller's.
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

const isWindows = process.platform === 'win32'

/** Which names a folder holds is on disk when this resolves; Windows knows no such thing. */
const syncFolder = async (path: string): Promise<void> => {
  if (isWindows) return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Writes the file as a whole or not at all, mode 0600, in a folder of mode 0700; on disk when it resolves. */
export const writePrivateFile = async (path: string, text: string): Promise<void> => {
  const fresh = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    const folder = dirname(path)
    const made = await mkdir(folder, { recursive: true, mode: 0o700 })
    const file = await open(fresh, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(fresh, path)
    await syncFolder(folder)
    if (made !== undefined) await syncFolder(dirname(made))
  } catch (cause) {
    await rm(fresh, { force: true })
    throw new Error(`write ${path}`, { cause })
  }
}

/** Undefined when there is no such file. A file others may read is closed to them first. */
export const readPrivateFile = async (path: string): Promise<string | undefined> => {
  try {
    const { mode } = await stat(path)
    if (!isWindows && (mode & 0o077) !== 0) await chmod(path, 0o600)
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new Error(`read ${path}`, { cause })
  }
}
