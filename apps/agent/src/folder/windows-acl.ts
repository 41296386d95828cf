// Who may look into the data folder on Windows, where files have lists instead of modes (telemetry 16.2).
// Elsewhere the mode says it; making the folder is data-folder.ts.
import { userInfo } from 'node:os'
import { win32 } from 'node:path'
import { PlainFault } from '../plain-fault.ts'

// By number, because their names are translated.
const system = '*S-1-5-18'
const administrators = '*S-1-5-32-544'

/**
 * The words for icacls: nothing inherited, all rights for the system and its administrators, and for the account that the
 * agent runs as where that is another.
 */
export const privateAcl = (path: string, account: string | null): readonly string[] => [
  path,
  '/inheritance:r',
  '/grant:r',
  ...[system, administrators, ...(account === null ? [] : [account])].map((who) => `${who}:(OI)(CI)F`),
  '/q',
]

/** Null for the system itself. */
export const accountOf = (username: string, domain: string | undefined): string | null => {
  if (username.toUpperCase() === 'SYSTEM') return null
  return domain === undefined || domain === '' ? username : `${domain}\\${username}`
}

/** Once, when the folder is new; what is then made in it inherits the list. */
export const closeToOthers = (path: string): void => {
  // Asked for here, because nobody else on any other system needs it.
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const icacls = win32.join(process.env['SystemRoot'] ?? String.raw`C:\Windows`, 'System32', 'icacls.exe')
  const words = privateAcl(path, accountOf(userInfo().username, process.env['USERDOMAIN']))
  const ended = spawnSync(icacls, words, { stdio: 'ignore', windowsHide: true, timeout: 10_000 })
  if (ended.status === 0) return
  throw new PlainFault(`data folder ${path}: cannot be closed to others; run: icacls ${words.join(' ')}`, 5, {
    cause: ended.error,
  })
}
