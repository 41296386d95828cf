// A time limit on transactions: whoever forgets to finish does not hold the writer forever.
// What a single statement may take is set in the engine.
import { TransactionTooLong } from './faults.ts'
import type { Session } from './session.ts'

/** Rolls a transaction back and releases its session once it is `limitMs` old; whatever it says later is refused. */
export const limitSession = <Ran, Bulked>(session: Session<Ran, Bulked>, limitMs: number): Session<Ran, Bulked> => {
  let timer: NodeJS.Timeout | undefined
  let cutOff = false
  const check = (): void => {
    if (cutOff) throw new TransactionTooLong(limitMs)
  }
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
  return {
    async begin() {
      await session.begin()
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
      check()
      return session.run(sql, parameters)
    },
    async bulk(plan, rows) {
      check()
      return session.bulk(plan, rows)
    },
    release() {
      clearTimeout(timer)
      if (!cutOff) session.release()
    },
  }
}
