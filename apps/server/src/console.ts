// The terminal as commands see it: data on stdout, talk on stderr.
// Logs are JSON lines on stdout and are the log's own.
import type { Console } from './commands/command.ts'

export const createConsole = (): Console => ({
  out: (text) => void process.stdout.write(`${text}\n`),
  say: (text) => void process.stderr.write(`${text}\n`),
  isTerminal: process.stderr.isTTY,
})
