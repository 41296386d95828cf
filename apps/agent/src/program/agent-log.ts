// Where log lines go: JSON for programs, one short line each for a person at a terminal.
// What may be logged is the kernel's list.
import { createLog, type Log, silentLog } from '@muster/kernel'
import type { LogSettings } from '../configuration/configuration.ts'
import type { LogLevel } from '../configuration/schema.ts'
import { openLogFile } from './log-file.ts'
import { tame } from './tame.ts'

const marks: Record<string, string> = { debug: '·', info: ' ', warn: '!', error: '✗' }

const fieldsShown = (line: Record<string, unknown>): string =>
  Object.entries(line)
    .filter(([name]) => !['level', 'time', 'msg', 'err'].includes(name))
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ')

/** A fault's own sentence and no stack: the JSON form keeps that. */
const faultShown = ({ err }: Record<string, unknown>): string =>
  typeof err === 'object' && err !== null && 'message' in err ? `: ${String(err.message)}` : ''

export const humanLine = (json: string): string => {
  const line = JSON.parse(json) as Record<string, unknown>
  const clock = new Date(String(line['time'])).toLocaleTimeString(undefined, { hour12: false })
  const mark = marks[String(line['level'])] ?? ' '
  return `${tame(`${clock} ${mark} ${String(line['msg'])}${faultShown(line)} ${fieldsShown(line)}`.trimEnd())}\n`
}

export const createAgentLog = (stream: NodeJS.WriteStream, level: LogLevel = 'info'): Log =>
  createLog({
    level,
    destination: { write: (json) => void stream.write(stream.isTTY ? humanLine(json) : json) },
  })

/** A log and what it is written to. */
export interface Journal {
  readonly log: Log
  /** For whoever moved the file away. */
  reopen(): void
  close(): void
}

const toStandardError = (level: LogLevel): Journal => ({
  log: createAgentLog(process.stderr, level),
  reopen: () => {},
  close: () => {},
})

/** Where and what the owner wants logged. A file that cannot be written is told, and no reason not to run. */
export const openJournal = ({ level, file: path }: LogSettings): Journal => {
  if (path === null) return toStandardError(level)
  try {
    const file = openLogFile(path)
    return { log: createLog({ level, destination: file }), reopen: file.reopen, close: file.close }
  } catch (err) {
    const instead = toStandardError(level)
    instead.log.error('log file cannot be written', { 'file.path': path, err })
    return instead
  }
}

/** For commands that print data and have nothing to tell beside it. */
export const quietLog: Log = silentLog
