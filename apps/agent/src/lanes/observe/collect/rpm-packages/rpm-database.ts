// The headers in an RPM database of the SQLite kind, one at a time and without a trace on the disk.
// What a header says is rpm-header.ts.
import { stat } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

/** So many headers, of a hundred kilobytes each at worst, are read before others get their turn. */
const headersAtOnce = 50

const mostHeaderBytes = 16_000_000

/** What was committed and not yet moved into the database, in the file beside it. */
export const waitingBytes = async (path: string): Promise<number> =>
  await stat(`${path}-wal`).then(
    (state) => (state.isFile() ? state.size : 0),
    () => 0,
  )

/**
 * What was committed and not yet moved into the database lies in the file beside it, and then SQLite must look there.
 * Otherwise the database is opened as one that nobody writes to: SQLite would leave a file of its own beside it.
 */
const openDatabase = async (path: string): Promise<DatabaseSync> => {
  const address = pathToFileURL(path)
  if ((await waitingBytes(path)) === 0) address.search = '?immutable=1'
  return new DatabaseSync(address, { readOnly: true })
}

/** Rejects when the file is no such database, and with the signal's reason when stopped. */
export async function* readHeaders(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const db = await openDatabase(path)
  try {
    const rows = db.prepare('select blob from Packages where length(blob) <= ? order by hnum').iterate(mostHeaderBytes)
    let read = 0
    for (const { blob } of rows) {
      if (blob instanceof Uint8Array) yield blob
      read += 1
      if (read % headersAtOnce === 0) await pause()
      signal.throwIfAborted()
    }
  } finally {
    db.close()
  }
}
