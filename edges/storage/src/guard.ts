// Rules every transaction keeps on both engines: it ends within its time, and nothing follows a failed statement.
// What a single statement may take is set in the engine.
import { StoreError, TransactionTooLong } from './faults.ts'
import type { Session } from './session.ts'

const returnsToSavepoint = /^rollback to /i

/**
 * Rolls a transaction back and releases its session once it is `limitMs` old; whatever it says later is refused.
 * PostgreSQL ends a transaction with its first failed statement; SQLite is held to the same here, so that no room
 * comes to rely on going on.
 */
export const guardSession = <Ran, Bulked>(session: Session<Ran, Bulked>, limitMs: number): Session<Ran, Bulked> => {
  let timer: NodeJS.Timeout | undefined
  let inTransaction = false
  let cutOff = false
  let failure: { readonly cause: unknown } | undefined

  const cut = async (): Promise<void> => {
    cutOff = true
    try {
      await session.rollback()
    } catch {
      // A session that cannot even roll back is repaired or dropped by its engine on release.
    } finally {
      session.release()
    }
  }
  const check = (): void => {
    if (cutOff) throw new TransactionTooLong(limitMs)
    if (failure !== undefined) throw new StoreError('an earlier statement of this transaction failed', 'fault', failure)
  }
  const watch = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (cause) {
      if (inTransaction) failure ??= { cause }
      throw cutOff ? new TransactionTooLong(limitMs) : cause
    }
  }
  return {
    async begin() {
      await session.begin()
      inTransaction = true
      timer = setTimeout(() => void cut(), limitMs)
    },
    async commit() {
      check()
      clearTimeout(timer)
      await session.commit()
    },
    async rollback() {
      clearTimeout(timer)
      if (!cutOff) await session.rollback()
    },
    async run(sql, parameters) {
      if (returnsToSavepoint.test(sql)) failure = undefined
      check()
      return watch(session.run(sql, parameters))
    },
    async bulk(plan, rows) {
      check()
      return watch(session.bulk(plan, rows))
    },
    release() {
      clearTimeout(timer)
      if (!cutOff) session.release()
    },
  }
}
