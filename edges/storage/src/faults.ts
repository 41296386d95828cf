// What can go wrong with a database, sorted by what a caller can do about it.
// How an engine's own codes map onto these words is written beside each engine.

/** `busy`: the store cannot take this now, try later. `duplicate`: a unique key already has that value. */
export type StoreReason = 'busy' | 'duplicate' | 'fault'

/** A database fault on either engine; the engine's own error is the cause. */
export class StoreError extends Error {
  override readonly name: string = 'StoreError'
  readonly reason: StoreReason

  constructor(message: string, reason: StoreReason, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** A transaction stayed open longer than it may and was rolled back. */
export class TransactionTooLong extends StoreError {
  override readonly name = 'TransactionTooLong'

  constructor(limitMs: number) {
    super(`the transaction was rolled back because it stayed open longer than ${limitMs} ms`, 'busy')
  }
}

export class NewerDatabase extends Error {
  override readonly name = 'NewerDatabase'

  constructor() {
    super('the database was written by a newer muster-server; upgrade this program')
  }
}

export class ForeignDatabase extends Error {
  override readonly name = 'ForeignDatabase'

  constructor(what: string, options?: ErrorOptions) {
    super(`${what} was not made by muster-server; name another one`, options)
  }
}

export class NotTheOwner extends Error {
  override readonly name = 'NotTheOwner'

  constructor() {
    super('its tables belong to another user, and row-level security hides their rows from this one; use their owner')
  }
}

const hasReason = (error: unknown, reason: StoreReason): boolean => {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof StoreError && at.reason === reason) return true
  }
  return false
}

/** Disk full or failing, database away, pool exhausted, transaction cut off: callers answer `store_busy`. */
export const isStoreBusy = (error: unknown): boolean => hasReason(error, 'busy')

/** A unique key or primary key already holds the value that was to be written. */
export const isDuplicate = (error: unknown): boolean => hasReason(error, 'duplicate')
