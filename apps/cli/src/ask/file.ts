// Files that an operator names on the command line; `-` is standard input.
// What is in them is the command's business.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { EXIT, Stop } from '../stop.ts'
import type { World } from '../world.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'that is a folder',
  EACCES: 'you may not read it',
}

export const pathOf = (world: World, file: string): string => resolve(world.workFolder, file)

export const readInput = async (world: World, file: string): Promise<string> => {
  if (file === '-') return world.input.readAll()
  try {
    return await readFile(pathOf(world, file), 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    throw new Stop(EXIT.failure, `cannot read ${file}: ${reasons[code] ?? code}`, { cause })
  }
}
