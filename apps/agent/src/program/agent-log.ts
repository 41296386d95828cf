// Where log lines go: JSON for programs, one short line each for a person at a terminal.
// What may be logged is the kernel's list.
import { createLog, type Log, silentLog } from '@muster/kernel'
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

export const createAgentLog = (stream: NodeJS.WriteStream): Log =>
  createLog({
    level: 'info',
    destination: { write: (json) => void stream.write(stream.isTTY ? humanLine(json) : json) },
  })

/** For commands that print data and have nothing to tell beside it. */
export const quietLog: Log = silentLog
