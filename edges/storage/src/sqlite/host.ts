// What a unit finds in the writer thread: transactions on the writer's connection, reads on one beside it.
// Only a thread that runs units loads this, because it brings the query builder along.
import { createKysely } from '../dialect.ts'
import { createLock } from '../lock.ts'
import type { Sessions } from '../session.ts'
import type { UnitHost } from '../unit.ts'
import { type CoreSettings, createCore } from './core.ts'
import { createRowSessions, createTableSessions } from './sessions.ts'
import type { Table } from './table.ts'

export interface HostNeeds {
  readonly sessions: Sessions<Table, Table>
  readonly reading: CoreSettings
  readonly limitMs: number
  readonly sample: UnitHost['sample']
  readonly onShutdown: UnitHost['onShutdown']
}

/** Units read on a connection of their own, because the writer's would show them what is not committed. */
export const createHost = (
  { sessions, reading, limitMs, sample, onShutdown }: HostNeeds,
  settings: unknown,
): UnitHost => {
  const beside = createCore(reading)
  const writer = createKysely('sqlite', createRowSessions(sessions))
  onShutdown(async () => beside.close())
  return {
    engine: 'sqlite',
    db: createKysely('sqlite', createRowSessions(createTableSessions(beside, createLock(), limitMs))),
    write: (work) => writer.transaction().execute(work),
    settings,
    sample,
    onShutdown,
  }
}
