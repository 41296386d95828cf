// A fault that whoever started the program can put right: one line that says what to do, and the code to exit with.
// Everything else is a defect and keeps its stack.

/**
 * 1 the work failed, 2 it was asked for wrongly, 3 the server does not let this device in, 4 the server no longer wants
 * to hear of it, 5 what has to be kept cannot be kept safely (telemetry 15.1).
 */
export type ExitCode = 1 | 2 | 3 | 4 | 5

export class PlainFault extends Error {
  override readonly name = 'PlainFault'
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = 1, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

export const codeOf = (fault: unknown): string | undefined =>
  fault instanceof Error ? (fault as NodeJS.ErrnoException).code : undefined

/** There is nothing at the path, or a part of it is a file. */
export const isAbsent = (fault: unknown): boolean => codeOf(fault) === 'ENOENT' || codeOf(fault) === 'ENOTDIR'

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'this account may not use it',
  EPERM: 'this account may not use it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it, or a part of its path, is a file',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'the disk is full',
}

/** Why a file could not be used, as half a sentence. */
export const reasonOf = (fault: unknown): string =>
  reasons[codeOf(fault) ?? ''] ?? (fault instanceof Error ? fault.message : String(fault))
