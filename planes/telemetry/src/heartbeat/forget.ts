// All that a device told this plane goes: its heartbeats, what was made of them, what it said of itself.
// That it is asked for, and by whom, is identity's; the device speaks no more by then.
import { serialize, type Tx, type UnitHost } from '@muster/storage'
import type { Holding } from './holding.ts'
import { deleteLogged, deleteReported } from './store.ts'
import type { Tail } from './tail.ts'

export interface ForgetOrder {
  readonly deviceNo: number
  /** Its rows of the log, found beforehand, because the log is long and the writer is not kept waiting for a search. */
  readonly heartbeatNos: readonly number[]
}

/** Answers how many rows went. A tail in memory goes with them, or it would be packed once more. */
export const createForget =
  (host: Pick<UnitHost, 'write'>, holding: Holding) =>
  async ({ deviceNo, heartbeatNos }: ForgetOrder): Promise<number> => {
    await holding.start()
    let forgotten: Tail | undefined
    try {
      return await host.write(async (tx: Tx) => {
        await serialize(tx, 'telemetry_heartbeat')
        const count = (await deleteLogged(tx, heartbeatNos)) + (await deleteReported(tx, deviceNo))
        forgotten ??= holding.tails.get(deviceNo)
        holding.tails.forget(deviceNo)
        return count
      })
    } catch (error) {
      if (forgotten !== undefined) holding.tails.add(forgotten)
      throw error
    }
  }
