// Whether a database file is whole, asked of SQLite itself without changing a byte.
// Whether its tables are ours is told by the mark storage writes into it.
import { DatabaseSync } from 'node:sqlite'

/** `quick` skips comparing indexes with their tables. Returns null when nothing is wrong. */
export const findDatabaseFault = (file: string, how: 'quick' | 'full'): string | null => {
  try {
    const db = new DatabaseSync(file, { readOnly: true })
    try {
      const pragma = how === 'quick' ? 'quick_check' : 'integrity_check'
      const rows = db.prepare(`pragma ${pragma}(1)`).all()
      const [said] = Object.values(rows[0] ?? {})
      return said === 'ok' ? null : String(said)
    } finally {
      db.close()
    }
  } catch (fault) {
    return fault instanceof Error ? fault.message : String(fault)
  }
}
