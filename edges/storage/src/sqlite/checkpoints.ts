// Moves committed pages from the log into the database file while the writer goes on.
// The writer does it itself only if this falls far behind; how far is set with the connection.
import type { Port } from './port.ts'

/** 32 MB of log: pages that many commits share are copied once, and all of them mostly within a tenth of a second. */
const enoughPages = 4000

export interface Checkpoints {
  /** Told after each commit how many pages of the log are not in the database file yet. */
  consider(logPages: number): void
  close(): Promise<void>
}

/** `port` is a thread of its own: the disk may keep it waiting, and nobody else. */
export const createCheckpoints = (port: Port, onSample: (name: string, value: number) => void): Checkpoints => {
  let running = false
  const run = async (): Promise<void> => {
    const startedMs = performance.now()
    try {
      await port.ask({ kind: 'run', lease: 0, sql: 'pragma wal_checkpoint(passive)', parameters: [] })
      onSample('checkpoint_ms', performance.now() - startedMs)
    } catch {
      // Nothing is lost: the pages stay in the log, and a disk that fails here fails the writer's callers as well.
      onSample('checkpoint_failed', 1)
    } finally {
      running = false
    }
  }
  return {
    consider(logPages) {
      if (running || logPages < enoughPages) return
      running = true
      void run()
    },
    close: () => port.close(),
  }
}
