// Starts the bundled program from what the engine had made of it when it was last ready: also the functions it compiles
// only when they are called, which the cache of Node leaves out. The program itself is main.ts; scripts/package glues both.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cachedDataVersionTag } from 'node:v8'
import { constants, Script } from 'node:vm'

/** Where the engine's work is kept, and what there is to keep. */
export interface Keeper {
  readonly file: string
  /** All that is compiled by now; null where what is kept was good, or was taken already. */
  take(): Uint8Array | null
}

type Program = (keeper: Keeper | null) => unknown

export interface Bundled {
  readonly file: string
  /** Of the file, before the program begins. */
  readonly lines: number
}

const sealBytes = 32

/** Tells what was made of another program, by another engine or flags, and what a disk has damaged. */
const sealOf = (text: string, work: Uint8Array): Buffer =>
  createHash('sha256').update(text, 'latin1').update(`\0${cachedDataVersionTag()}\0`).update(work).digest()

const readKept = (file: string, text: string): Buffer | undefined => {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch {
    // The first start, or a folder of somebody else's: then the engine works once more.
    return undefined
  }
  const work = bytes.subarray(sealBytes)
  return work.length > 0 && sealOf(text, work).equals(bytes.subarray(0, sealBytes)) ? work : undefined
}

/** The same function, from the text of the one at hand, which nobody calls then. */
const revive = (program: Program, { file, lines }: Bundled, folder: string): [Program, Keeper] => {
  const text = program.toString()
  const path = join(folder, 'program')
  const script = new Script(text, {
    filename: file,
    lineOffset: lines,
    cachedData: readKept(path, text),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  let isKept = script.cachedDataRejected === false
  const take = (): Uint8Array | null => {
    if (isKept) return null
    isKept = true
    const work = script.createCachedData()
    return Buffer.concat([sealOf(text, work), work])
  }
  return [script.runInThisContext() as Program, { file: path, take }]
}

/**
 * Runs the program, `folder` being where services keep what was compiled. Whoever may write there may as well write the
 * cache of Node, which is believed without being asked: both lie in the agent's own folder, closed to others.
 */
export const start = (bundled: Bundled, program: Program, folder = process.env['NODE_COMPILE_CACHE'] ?? ''): void => {
  const [revived, keeper] = folder === '' ? [program, null] : revive(program, bundled, folder)
  revived(keeper)
}
