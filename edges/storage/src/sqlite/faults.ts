// SQLite's result codes in the house's words.
// What to do about a fault is decided by whoever called.
import { StoreError, type StoreReason } from '../faults.ts'

// Primary result codes, sqlite.org/rescode.html: BUSY 5, LOCKED 6, NOMEM 7, READONLY 8, IOERR 10, FULL 13, CANTOPEN 14.
const busyCodes = new Set([5, 6, 7, 8, 10, 13, 14])
// Extended codes: CONSTRAINT_PRIMARYKEY 1555, CONSTRAINT_UNIQUE 2067, CONSTRAINT_ROWID 2579.
const duplicateCodes = new Set([1555, 2067, 2579])
// After IOERR 10, CORRUPT 11, CANTOPEN 14 or NOTADB 26 a connection is closed and opened anew.
const suspectCodes = new Set([10, 11, 14, 26])

const codeOf = (error: unknown): number =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0

/** Whether the connection that raised this should be opened anew before it is trusted again. */
export const isSuspect = (error: unknown): boolean => suspectCodes.has(codeOf(error) & 255)

export const toStoreError = (tried: string, cause: unknown): StoreError => {
  const code = codeOf(cause)
  const reason: StoreReason = duplicateCodes.has(code) ? 'duplicate' : busyCodes.has(code & 255) ? 'busy' : 'fault'
  const said = cause instanceof Error ? cause.message : String(cause)
  return new StoreError(`sqlite: ${tried}: ${said}`, reason, { cause })
}
