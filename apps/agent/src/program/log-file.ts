// A file that log lines are added to, for machines whose services have no journal (telemetry 16.1).
// What a line says is agent-log.ts.
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'
import { reasonOf } from '../plain-fault.ts'

export interface LogFile {
  write(line: string): void
  /** For whoever moved the file away: from here on lines go to a new one. */
  reopen(): void
  close(): void
}

/** Where nobody moves the file away, it and the one before it are all there is. */
const mostBytes = 10_000_000

const openForLines = (path: string): number => openSync(path, 'a', 0o600)

/** Throws when the file cannot be opened. */
export const openLogFile = (path: string, most = mostBytes): LogFile => {
  let file = openForLines(path)
  let bytes = fstatSync(file).size
  const moveOn = (): void => {
    const next = openForLines(path)
    closeSync(file)
    file = next
    bytes = fstatSync(file).size
  }
  /** A disk that is full, or a folder that is gone, is no reason to stop looking after this machine. */
  const orTell = (line: string, write: () => void): void => {
    try {
      write()
    } catch (fault) {
      process.stderr.write(`${line}muster-agent: logFile ${path}: ${reasonOf(fault)}\n`)
    }
  }
  return {
    reopen: () => orTell('', moveOn),
    write: (line) =>
      orTell(line, () => {
        if (bytes > most) {
          renameSync(path, `${path}.1`)
          moveOn()
        }
        bytes += writeSync(file, line)
      }),
    close: () => closeSync(file),
  }
}
