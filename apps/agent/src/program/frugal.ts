// Keeps this process small: it idles for weeks, and what a scan needs for seconds must not stay with it.
// When there is something to give back is the lane's to say.
import { flushCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { config as configureSchemas } from 'zod'

/**
 * Writing a function for each schema pays for those that are met thousands of times; here each is met a few times.
 * Counts for schemas that are made afterwards.
 */
export const readSchemasPlainly = (): void => void configureSchemas({ jitless: true })

/** For the next start, where a service says where to: what the engine has made of this program so far. */
export const keepCompiled = (): void => flushCompileCache()

/**
 * How far the heap may grow beyond what lives in it before garbage is looked for; V8 alone would let it double or more.
 * Measured: the first scan of 200 000 packages needs a quarter less memory, and more time (docs/performance.md).
 */
const growthPercent = 20

export const growSlowly = (): void => setFlagsFromString(`--heap-growing-percent=${growthPercent}`)

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

/** Scans follow one another; what they leave is collected once they have been over for so long. */
const quietMs = 2_000

/** Returns a function that says: soon there will be nothing to do, and much to give back. */
export const createTidying = (): (() => void) => {
  let collect: Collect | null = null
  let timer: NodeJS.Timeout | undefined
  return () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      collect ??= askForCollector()
      collect({ type: 'major', flavor: 'last-resort' })
    }, quietMs).unref()
  }
}
