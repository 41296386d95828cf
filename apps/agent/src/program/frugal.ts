// Keeps this process small: it idles for weeks, and what a scan needs for seconds must not stay with it.
// When there is something to give back is the lane's to say.
import { mkdirSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { dirname } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { config as configureSchemas } from 'zod'
import { writeWhole } from '../folder/private-file.ts'
import { asNodeWasMade, setFlag } from './module-of-node.ts'
import type { Keeper } from './start.ts'

/** Of the bundle; there is none where the program runs from its sources. */
declare const keeper: Keeper | null | undefined

/**
 * Writing a function for each schema pays for those that are met thousands of times; here each is met a few times.
 * Counts for schemas that are made afterwards.
 */
export const readSchemasPlainly = (): void => void configureSchemas({ jitless: true })

/** For the next start, where a service says where to: what the engine has made of this program so far. */
export const keepCompiled = (): void => {
  const own = typeof keeper === 'undefined' ? null : keeper
  const work = own === null ? null : asNodeWasMade(() => own.take())
  if (own === null || work === null) return
  flushCompileCache()
  mkdirSync(dirname(own.file), { recursive: true, mode: 0o700 })
  writeWhole(own.file, work)
}

/**
 * How far the heap may grow beyond what lives in it before garbage is looked for; V8 alone would let it double or more.
 * Measured: the first scan of 200 000 packages needs a quarter less memory, and more time (docs/performance.md).
 */
const growthPercent = 20

export const growSlowly = (): void => setFlag(`--heap-growing-percent=${growthPercent}`, '--heap-growing-percent=0')

/**
 * Where the collector was asked for, as services do: from here on without compilers and what they leave behind. They
 * are not flags of the command line, because with those Node would compile all modules of its own anew.
 */
export const beFrugal = (): void => {
  if (!('gc' in globalThis)) return
  setFlag('--no-opt', '--opt')
  setFlag('--no-maglev', '--maglev')
  setFlag('--no-sparkplug', '--sparkplug')
}

interface Collection {
  readonly type: 'major'
  /** Everything that can go, compacted, and its pages back to the system. */
  readonly flavor: 'last-resort'
}

type Collect = (how: Collection) => void

/** The collector of the engine; who did not ask for it at the start by flag pays half a megabyte to be shown it. */
const askForCollector = (): Collect => {
  if ('gc' in globalThis) return globalThis.gc as unknown as Collect
  setFlagsFromString('--expose-gc')
  try {
    return runInNewContext('gc') as Collect
  } finally {
    setFlagsFromString('--no-expose-gc')
  }
}

/**
 * `little` of a scan, or of a batch that was sent. `much` after a start, and when a backlog has been sent: most of the
 * code that was called for it will not be called again soon. `beside` of what was made to begin with, while another
 * process of this program is at its largest: that is collected at once.
 */
export type Leftovers = 'little' | 'much' | 'beside'

/** V8 itself lets code go after six collections in which nobody has called it; what is called again is compiled again. */
const forgetCode = (collect: () => void): void => {
  setFlagsFromString('--bytecode-old-age=1')
  try {
    // The first finds what has not been called since the last, the second lets it go.
    for (let round = 0; round < 2; round++) collect()
  } finally {
    setFlagsFromString('--bytecode-old-age=6')
  }
}

/** Scans follow one another; what they leave is collected once they have been over for so long. */
const quietMs = 2_000

/** Returns a function that says: soon there will be nothing to do, and so much to give back. */
export const createTidying = (): ((leftovers: Leftovers) => void) => {
  let collector: Collect | null = null
  let timer: NodeJS.Timeout | undefined
  let most: Leftovers = 'little'
  const collect = (): void => {
    collector ??= askForCollector()
    collector({ type: 'major', flavor: 'last-resort' })
  }
  const tidy = (): void => {
    if (most === 'much') forgetCode(collect)
    else collect()
    most = 'little'
  }
  return (leftovers) => {
    if (leftovers === 'beside') return collect()
    if (leftovers === 'much') most = 'much'
    clearTimeout(timer)
    timer = setTimeout(tidy, quietMs).unref()
  }
}
