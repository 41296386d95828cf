// A fault that whoever started the program can put right: one line that says what to do, and the code to exit with.
// Everything else is a defect and keeps its stack.

/** As for the command line tool: 1 the work failed, 2 it was asked for wrongly. */
export type ExitCode = 1 | 2

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

/** The first code in a chain of causes, such as ECONNREFUSED under a pool's own error. */
export const deepCodeOf = (fault: unknown): string | undefined => {
  for (let at = fault; at instanceof Error; at = at.cause) {
    const code = codeOf(at)
    if (code !== undefined) return code
  }
  return undefined
}
