// Runs a program of the operating system and returns what it printed: no shell, fixed words, killed when it takes long.
// Which programs, and what their words mean, is each system's own file.
import { execFile } from 'node:child_process'

const mostBytes = 4 << 20

/** Fails with the program's own fault, or when the signal comes first; then it is killed and not waited for. */
export const runTool = (program: string, words: readonly string[], signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = {
      signal,
      killSignal: 'SIGKILL',
      maxBuffer: mostBytes,
      windowsHide: true,
      // So that nothing is printed in the words of another language.
      env: { ...process.env, LC_ALL: 'C' },
      encoding: 'utf8',
    } as const
    execFile(program, [...words], options, (fault, printed) => {
      if (fault === null) resolve(printed)
      else reject(new Error(`run ${program}`, { cause: fault }))
    })
  })
