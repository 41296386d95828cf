// One collection of facts, each with its own patience: what fails or hangs is null with a reason, and costs no heartbeat.
// What a fact is made of is each system's own file; how it is told is heartbeat's.
import { setTimeout as wait } from 'node:timers/promises'
import type { FactName } from '@muster/contract/device'
import type {
  Collection,
  CollectionError,
  Exclusions,
  FactReaders,
  FailureCode,
  OsFamily,
  ProcessorTimes,
} from './facts.ts'
import { shapeDisks, shapeHostname, shapeInterfaces, shapeVersion } from './shape.ts'

/** Telemetry 18.1. */
const factMs = 5_000
const wholeMs = 15_000

/** Shorter windows say nothing (telemetry 18.2). */
const shortestWindowMs = 1_000

export interface CollectorNeeds {
  readonly osFamily: OsFamily
  readonly readers: FactReaders
  readonly exclusions: Exclusions
  /** For tests; otherwise the patience of the specification. */
  readonly patience?: { readonly factMs: number; readonly wholeMs: number; readonly windowMs: number }
}

const codes: Record<string, FailureCode> = {
  EACCES: 'permission_denied',
  EPERM: 'permission_denied',
  ENOENT: 'unsupported',
  ENOSYS: 'unsupported',
  ENOTSUP: 'unsupported',
  ABORT_ERR: 'timeout',
  ETIMEDOUT: 'timeout',
}

/** The reason underneath, where one fault was wrapped in another. */
const codeOf = (fault: unknown): FailureCode => {
  const { code, cause } = fault as { code?: unknown; cause?: unknown }
  return codes[String(code)] ?? (cause instanceof Error ? codeOf(cause) : 'failed')
}

const timedOut = (): Error => Object.assign(new Error('took too long'), { code: 'ETIMEDOUT' })

/** What the processors did between two readings, in percent with one decimal; null when nothing can be said. */
const usagePercent = (before: ProcessorTimes, after: ProcessorTimes): number | null => {
  const total = after.total - before.total
  if (total <= 0) return null
  const percent = (100 * (after.busy - before.busy)) / total
  return Math.round(Math.min(Math.max(percent, 0), 100) * 10) / 10
}

interface Reading {
  readonly times: ProcessorTimes
  readonly atMs: number
}

export const createCollector = ({ osFamily, readers, exclusions, patience }: CollectorNeeds) => {
  const { factMs: eachMs, wholeMs: allMs, windowMs } = patience ?? { factMs, wholeMs, windowMs: shortestWindowMs }
  let last: Reading | null = null
  /** What was asked for and has not answered yet; it is not asked for again, so that nothing piles up. */
  const hanging = new Set<string>()

  const ask = async <Value>(name: string, read: (signal: AbortSignal) => Value | Promise<Value>, endsMs: number) => {
    const leftMs = Math.min(eachMs, endsMs - performance.now())
    if (hanging.has(name) || leftMs <= 0) throw timedOut()
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(timedOut()), leftMs)
    hanging.add(name)
    const answer = Promise.resolve()
      .then(() => read(late.signal))
      .finally(() => hanging.delete(name))
    // Whoever is late may still fail, and nobody listens any more.
    answer.catch(() => {})
    const lateness = new Promise<never>((_resolve, reject) => {
      late.signal.addEventListener('abort', () => reject(timedOut()), { once: true })
    })
    try {
      return await Promise.race([answer, lateness])
    } finally {
      clearTimeout(timer)
    }
  }

  const readTimes = async (signal: AbortSignal): Promise<Reading> => ({
    times: await readers.processorTimes(signal),
    atMs: performance.now(),
  })

  /** Since the last heartbeat; the first one waits for a window of its own. */
  const readUsage = async (signal: AbortSignal): Promise<number> => {
    let before = last ?? (await readTimes(signal))
    const waitMs = before.atMs + windowMs - performance.now()
    if (waitMs > 0) await wait(waitMs, undefined, { signal })
    let after = await readTimes(signal)
    let percent = usagePercent(before.times, after.times)
    if (percent === null) {
      // Counters that stand still or run backwards begin anew, as after a processor was taken away.
      before = after
      await wait(windowMs, undefined, { signal })
      after = await readTimes(signal)
      percent = usagePercent(before.times, after.times)
    }
    last = after
    if (percent === null) throw new Error('the processors count no time')
    return percent
  }

  /** All facts of one heartbeat, one after the other; throws nothing. */
  return async (): Promise<Collection> => {
    const endsMs = performance.now() + allMs
    const errors: CollectionError[] = []
    const fact = async <Value>(
      names: readonly FactName[],
      read: (signal: AbortSignal) => Value | Promise<Value>,
    ): Promise<Value | null> => {
      try {
        return await ask(names[0] ?? '', read, endsMs)
      } catch (fault) {
        errors.push(...names.map((name) => ({ fact: name, code: codeOf(fault) })))
        return null
      }
    }
    const memory = await fact(['memory_total_bytes', 'memory_used_bytes'], readers.memory)
    const facts = {
      hostname: await fact(['hostname'], async (signal) => shapeHostname(await readers.hostname(signal))),
      os_family: osFamily,
      os_version: await fact(['os_version'], async (signal) => shapeVersion(await readers.osVersion(signal))),
      uptime_seconds: await fact(['uptime_seconds'], readers.uptimeSeconds),
      cpu_count: await fact(['cpu_count'], readers.cpuCount),
      cpu_usage_percent: await fact(['cpu_usage_percent'], readUsage),
      memory_total_bytes: memory?.totalBytes ?? null,
      memory_used_bytes: memory === null ? null : Math.min(Math.max(memory.usedBytes, 0), memory.totalBytes),
      disks: await fact(['disks'], async (signal) => shapeDisks(await readers.disks(signal), exclusions.mounts)),
      network_interfaces: await fact(['network_interfaces'], async (signal) =>
        shapeInterfaces(await readers.networkInterfaces(signal), exclusions.interfaces),
      ),
      process_count: await fact(['process_count'], readers.processCount),
    }
    return { facts, errors }
  }
}

export type Collector = ReturnType<typeof createCollector>
