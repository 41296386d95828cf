// The machine a run was made on, as far as it explains the numbers.
// A busy machine is the most common reason for odd ones, so its load is part of it.
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { percentile } from '../wire/latency.ts'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  /** One page written and made durable, the median of many. */
  readonly fsyncMs: number
  /** Processes that wanted a core in the minute before. */
  readonly load: number
}

const syncs = 100

const measureFsync = (file: string): number => {
  const descriptor = openSync(file, 'w')
  const page = Buffer.alloc(4096, 1)
  const times = Array.from({ length: syncs }, () => {
    const startedMs = performance.now()
    writeSync(descriptor, page)
    fsyncSync(descriptor)
    return performance.now() - startedMs
  })
  closeSync(descriptor)
  rmSync(file)
  return percentile(times, 0.5)
}

/** `file` is a name on the disk that is measured. */
export const readMachine = (file: string): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${release()}`,
  node: process.version,
  fsyncMs: measureFsync(file),
  load: loadavg()[0] ?? 0,
})

export const showMachine = (machine: Machine): string =>
  [
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}`,
    `a durable write takes ${machine.fsyncMs.toFixed(2)} ms; load before the run ${machine.load.toFixed(2)}`,
  ].join('\n')
