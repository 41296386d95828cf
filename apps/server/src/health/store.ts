// One row that is written to learn whether the database takes writes at all.
// What follows from it is decide.ts.
import { isStoreBusy, type Storage } from '@muster/storage'

interface ProbeTables {
  server_probe: { probe_no: number; written_ms: number }
}

/** Null when a write was committed and is on disk, otherwise a short reason. */
export const probeWrite = async (storage: Storage<ProbeTables>, nowMs: number): Promise<string | null> => {
  try {
    await storage.write((tx) =>
      tx
        .insertInto('server_probe')
        .values({ probe_no: 1, written_ms: nowMs })
        .onConflict((conflict) => conflict.column('probe_no').doUpdateSet({ written_ms: nowMs }))
        .execute(),
    )
    return null
  } catch (fault) {
    return isStoreBusy(fault) ? 'it is full, busy or out of reach' : 'it fails'
  }
}
