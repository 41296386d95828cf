// PostgreSQL's and the network's faults in the house's words.
// What to do about a fault is decided by whoever called.
import postgres from 'postgres'
import { StoreError, type StoreReason } from '../faults.ts'

// SQLSTATE, PostgreSQL manual appendix A: connection 08, resources 53, operator and start-up 57P, system 58, standby
// 25006, conflict 40001 and 40P01, lock 55P03, statement timeout 57014.
const busyState = /^(08|53|57P|58|25006|40001|40P01|55P03|57014)/
const conflictState = /^(40001|40P01)$/
const duplicateState = '23505'
/** Codes of sockets, name lookup and the client library when a server cannot be reached or goes away. */
const networkCode = /^(E[A-Z]+(_[A-Z]+)?|ERR_(STREAM|SOCKET)_\w+|CONNECT_TIMEOUT|CONNECTION_\w+)$/

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** The transaction lost against another one and may simply be run again. */
export const isConflict = (error: unknown): boolean => {
  for (let at = error; at instanceof Error; at = at.cause) if (conflictState.test(codeOf(at))) return true
  return false
}

/** The connection cannot be used any more: the network failed, or the server ended the session. */
export const isLost = (error: unknown): boolean =>
  !(error instanceof postgres.PostgresError) || /^(FATAL|PANIC)$/.test(error.severity) || /^(08|57P)/.test(error.code)

const reasonOf = (error: unknown): StoreReason => {
  const code = codeOf(error)
  if (!(error instanceof postgres.PostgresError)) return networkCode.test(code) ? 'busy' : 'fault'
  return code === duplicateState ? 'duplicate' : busyState.test(code) ? 'busy' : 'fault'
}

/** Keeps message and code only: the server's details quote the values of rows, which may be secrets. */
const bare = (error: unknown): Error => {
  const plain = new Error(error instanceof Error ? error.message : String(error))
  return Object.assign(plain, { code: codeOf(error) })
}

export const toStoreError = (tried: string, cause: unknown): StoreError => {
  if (cause instanceof StoreError) return cause
  const plain = bare(cause)
  return new StoreError(`postgres: ${tried}: ${plain.message}`, reasonOf(cause), { cause: plain })
}
