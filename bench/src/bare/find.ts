// What this machine needs to look at every name in a tree, in one process that does nothing else.
// It is the ceiling of a scan, which also reads, compares and remembers.
import { execFileSync } from 'node:child_process'
import { percentile } from '../wire/latency.ts'

const rounds = 5

const timeMs = (work: () => void): number => {
  const startedMs = performance.now()
  work()
  return performance.now() - startedMs
}

const medianMs = (work: () => void): number =>
  percentile(
    Array.from({ length: rounds }, () => timeMs(work)),
    0.5,
  )

/** Milliseconds of `find` over the tree, whose names are in memory by then. */
export const timeFind = (folder: string): number =>
  medianMs(() => void execFileSync('find', [folder, '-type', 'f'], { maxBuffer: 1e9 }))

/** Milliseconds of a Node that is asked to do nothing. */
export const timeNode = (): number => medianMs(() => void execFileSync(process.execPath, ['-e', '0']))
