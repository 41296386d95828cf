// Sessions on a connection of this thread: each call is answered at once, one session at a time.
// Threads and messages are the port's business.
import { guardSession } from '../guard.ts'
import type { Lock } from '../lock.ts'
import type { Session, Sessions } from '../session.ts'
import type { Core } from './core.ts'
import { type Table, toAnswer, toBulkAnswer } from './table.ts'

const createTableSession = (core: Core, leave: () => void): Session<Table, Table> => {
  let left = false
  return {
    begin: async () => core.begin(),
    commit: async () => core.commit(),
    rollback: async () => core.rollback(),
    run: async (sql, parameters) => core.run(sql, parameters),
    bulk: async (plan, tuples) => core.bulk(plan, tuples),
    release() {
      if (left) return
      left = true
      core.rollback()
      leave()
    },
  }
}

/** Sessions whose answers stay tables, for a thread that only passes them on. */
export const createTableSessions = (core: Core, lock: Lock, limitMs: number): Sessions<Table, Table> => ({
  acquire: async () => guardSession(createTableSession(core, await lock.acquire()), limitMs),
})

/** Sessions for code that runs beside the connection. */
export const createRowSessions = (tables: Sessions<Table, Table>): Sessions => ({
  async acquire() {
    const session = await tables.acquire()
    return {
      ...session,
      run: async (sql, parameters) => toAnswer(await session.run(sql, parameters)),
      bulk: async (plan, tuples) => toBulkAnswer(await session.bulk(plan, tuples)),
    }
  },
})
