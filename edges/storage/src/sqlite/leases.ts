// Transactions that the main thread holds in a database thread, each under the number it was given there.
// Time limits and turns are kept by the sessions underneath.
import type { Session, Sessions } from '../session.ts'
import type { Table } from './table.ts'

export interface Leases {
  begin(lease: number): Promise<void>
  /** A lease ends with its commit or its rollback, whatever comes of it. */
  finish(lease: number, how: 'commit' | 'rollback'): Promise<void>
  /** Lease 0 is a session for one statement. */
  within(lease: number, work: (session: Session<Table, Table>) => Promise<Table>): Promise<Table>
}

export const createLeases = (sessions: Sessions<Table, Table>): Leases => {
  const held = new Map<number, Session<Table, Table>>()
  return {
    async begin(lease) {
      const session = await sessions.acquire()
      try {
        await session.begin()
        held.set(lease, session)
      } catch (error) {
        session.release()
        throw error
      }
    },
    async finish(lease, how) {
      const session = held.get(lease)
      // After a failed commit Kysely asks for a rollback of what is gone already.
      if (session === undefined && how === 'rollback') return
      if (session === undefined) throw new Error('the transaction has ended')
      held.delete(lease)
      try {
        await session[how]()
      } finally {
        session.release()
      }
    },
    async within(lease, work) {
      const leased = held.get(lease)
      if (leased !== undefined) return work(leased)
      if (lease !== 0) throw new Error('the transaction has ended')
      const session = await sessions.acquire()
      try {
        return await work(session)
      } finally {
        session.release()
      }
    },
  }
}
