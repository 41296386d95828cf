// Writes that fail for the disk's sake: told once when they begin to fail and once when they no longer do.
// Damage to the file itself is open.ts; whoever could not write tries again in its own rhythm.
import type { Log } from '@muster/kernel'
import { codeOf } from '../../../plain-fault.ts'

// SQLite's result codes for a file that is locked, read-only, not to be read or written, full, or not to be opened.
const unwritable: ReadonlySet<number> = new Set([5, 8, 10, 13, 14])

const unwritten: ReadonlySet<string> = new Set(['EDQUOT', 'EFBIG', 'EIO', 'ENOSPC', 'EROFS'])

/** Whether something could not be written, or read, for a reason that may pass by itself. */
export const isTrouble = (fault: unknown): boolean =>
  fault instanceof Error &&
  (('errcode' in fault && unwritable.has(Number(fault.errcode) & 0xff)) ||
    unwritten.has(codeOf(fault) ?? '') ||
    isTrouble(fault.cause))

/** The fault of whoever could not write in another process, or for another's sake. */
export const trouble = (message: string): Error => Object.assign(new Error(message), { code: 'EIO' })

/** `who` is a surface, or the conversation with the server: each is well again when it could write what it could not. */
export interface Trouble {
  failed(who: string, fault: unknown): void
  over(who: string): void
  /** Of what is not tried again. */
  tell(fault: unknown): void
  /** Does the work, or tells of its trouble and resolves with null; any other fault is the caller's. */
  bear<T>(who: string, work: () => Promise<T>): Promise<T | null>
  /** Something failed since this was last asked. */
  takeSuspicion(): boolean
}

export const createTrouble = (log: Log): Trouble => {
  const troubled = new Set<string>()
  let isSuspect = false

  const tell = (err: unknown): void => {
    isSuspect = true
    if (troubled.size === 0) log.error('disk takes no writes; going on until it does', { err })
  }
  const failed = (who: string, fault: unknown): void => {
    tell(fault)
    troubled.add(who)
  }
  const over = (who: string): void => {
    if (troubled.delete(who) && troubled.size === 0) log.info('disk takes writes again')
  }
  return {
    tell,
    failed,
    over,
    takeSuspicion() {
      const was = isSuspect
      isSuspect = false
      return was
    },
    async bear(who, work) {
      try {
        const done = await work()
        over(who)
        return done
      } catch (fault) {
        if (!isTrouble(fault)) throw fault
        failed(who, fault)
        return null
      }
    },
  }
}
