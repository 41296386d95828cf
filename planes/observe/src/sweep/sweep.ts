// Lets go of interned names that nobody uses any more: after the data of a device went, its paths must not stay behind.
// Which names may have lost their last user is noted where rows are deleted; using names is inventory/names.ts.
import { inBatches, type Storage } from '@muster/storage'
import {
  beginSweep,
  deleteUnused,
  endSweep,
  findContents,
  findLastDevice,
  findUsed,
  isAnyLeaving,
  keepFound,
  noteContents,
} from './store.ts'

/** Few enough that one look holds up no other reader. */
const devicesPerLook = 10
/** Few enough to hold the writer for a few milliseconds. */
const namesPerTurn = 500

/** Few enough that one look holds up no other reader. */
const contentsPerLook = 2000

/** What only a removal said of an item is in no row that could go, so nobody else notes it. */
const noteUnheld = async (storage: Pick<Storage, 'db' | 'write'>, signal: AbortSignal): Promise<void> => {
  for (let after = 0; !signal.aborted; ) {
    const { unheld, lastNo } = await findContents(storage.db, after, contentsPerLook)
    for (let at = 0; at < unheld.length; at += namesPerTurn)
      await storage.write((tx) => noteContents(tx, unheld.slice(at, at + namesPerTurn)))
    if (lastNo === null) return
    after = lastNo
  }
}

/**
 * Whoever uses a name while a sweep is under way takes it off the list of those that may go, in the same transaction;
 * what was used before is found among the rows. So a name that was on the list before and still is after both is used by
 * nobody, and cannot be until it is gone: whoever deletes it holds all names alone.
 */
export const sweepNames = async (
  storage: Pick<Storage, 'db' | 'quick' | 'write'>,
  signal: AbortSignal,
): Promise<void> => {
  if (!(await isAnyLeaving(storage.quick))) return
  await noteUnheld(storage, signal)
  if (signal.aborted) return
  const sweepNo = await storage.write(beginSweep)
  const lastNo = await findLastDevice(storage.db)
  for (let from = 0; from <= lastNo; from += devicesPerLook) {
    if (signal.aborted) return
    const used = await findUsed(storage.db, from, from + devicesPerLook)
    for (let at = 0; at < used.length; at += namesPerTurn)
      await storage.write((tx) => keepFound(tx, used.slice(at, at + namesPerTurn), sweepNo))
  }
  await inBatches(storage, {
    signal,
    step: async (tx, size) => ({ count: await deleteUnused(tx, sweepNo, size) }),
  })
  if (!signal.aborted) await storage.write((tx) => endSweep(tx, sweepNo))
}
