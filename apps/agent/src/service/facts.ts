// What the files of a service say: which program, for whom, and what it may write.
// How each operating system spells that is plan.ts and systemd.ts.
import type { Machine } from '../configuration/machine.ts'

export const SERVICE_NAME = 'muster-agent'

/**
 * An agent that idles for weeks keeps its memory small rather than a short scan faster: a small young generation, and
 * the collector at hand, by which the program knows to do without compilers too (program/frugal.ts). Large scans have a
 * process of their own (ADR 20). The last one has Node not parse authorities that are not asked for
 * (configuration/server-access.ts).
 */
export const frugalFlags = ['--max-semi-space-size=1', '--expose-gc', '--use-openssl-ca'] as const

/**
 * glibc otherwise keeps freed memory in an arena for each thread, and pieces of up to 32 MB between others that stay.
 * Elsewhere these mean nothing.
 */
export const frugalMalloc: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '32768',
  MALLOC_TRIM_THRESHOLD_: '65536',
  MALLOC_TOP_PAD_: '16384',
}

/** In the data folder: what the engine has made of the program, so that the next start need not compile it again. */
export const COMPILED_FOLDER = 'compiled'
export const compiledVariable = 'NODE_COMPILE_CACHE'

export interface ServiceFacts {
  readonly machine: Pick<Machine, 'platform' | 'home' | 'user' | 'env'>
  /** With the machine, as the system's own; otherwise with the session of the user who asks. */
  readonly isSystem: boolean
  /** The account of the system's own agent, where the package made one; without it that agent is root. */
  readonly account?: string
  /** Program and arguments, such as node, the agent's file, `run`, `--config`, its path. */
  readonly command: readonly string[]
  readonly dataDir: string
  readonly configFile: string
}

/** For service managers that start again whatever did not end with 0 (telemetry 16.5). */
export const zeroIfRejected = '--exit-zero-if-rejected'
