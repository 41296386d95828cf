// Moves committed pages from the log into the database file while the writer goes on, so that little is left for it.
// If this falls far behind, the writer does all of it; how far is set with the connection.
import { checkpointSql, type LogLength, readLogLength } from './log.ts'
import type { Port } from './port.ts'
import type { Table } from './table.ts'

/** 32 MB of log: pages that many commits share are copied once. */
const enoughPages = 4000
/** Past this every read and commit pays for the length of the log, more than the writer does for copying what is left. */
const longLogPages = 8000

export interface CheckpointNeeds {
  /** A thread of its own: the disk may keep it waiting, and nobody else. */
  readonly copier: Port
  readonly writer: Pick<Port, 'ask'>
  /** Resolves when what was copied into the database file is on disk. */
  readonly sync: () => Promise<void>
  readonly onSample: (name: string, value: number) => void
}

export interface Checkpoints {
  /** Told after each commit how many pages of the log are not in the database file yet. */
  consider(logPages: number): void
  close(): Promise<void>
}

const checkpoint = async (by: Pick<Port, 'ask'>, mode: 'passive' | 'noop'): Promise<LogLength> =>
  readLogLength((await by.ask({ kind: 'run', lease: 0, sql: checkpointSql(mode), parameters: [] })) as Table)

export const createCheckpoints = ({ copier, writer, sync, onSample }: CheckpointNeeds): Checkpoints => {
  let running: Promise<void> | undefined
  let closing = false

  /** Until none are left, or no fewer than were the last time, because as many came meanwhile. */
  const copyMost = async (): Promise<void> => {
    for (let before = Number.POSITIVE_INFINITY; !closing; ) {
      await checkpoint(copier, 'passive')
      await sync()
      const { pages, pagesLeft } = await checkpoint(copier, 'noop')
      if (pagesLeft === 0 || pagesLeft >= before || pages >= longLogPages) return
      before = pagesLeft
    }
  }
  const run = async (): Promise<void> => {
    const startedMs = performance.now()
    try {
      await copyMost()
      // Between two of its commits nobody adds to the log; once all of it is copied and synced, it begins anew.
      if (!closing) await checkpoint(writer, 'passive')
      onSample('checkpoint_ms', performance.now() - startedMs)
    } catch {
      // Nothing is lost: the pages stay in the log, and a disk that fails here fails the writer's callers as well.
      onSample('checkpoint_failed', 1)
    } finally {
      running = undefined
    }
  }
  return {
    consider(logPages) {
      if (closing || logPages < enoughPages) return
      running ??= run()
    },
    async close() {
      closing = true
      await running
      await copier.close()
    },
  }
}
