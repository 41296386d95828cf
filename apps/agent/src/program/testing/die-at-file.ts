// Loaded ahead of the program by tests: the operating system kills it right before, or right after, a file takes the
// place of another or goes. What is on the disk at any other moment differs in drafts alone.
// DIE_AT says which of these moments, and 0 none: then their number is said at the end.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const [fatal = 0, when = 'before'] = (process.env['DIE_AT'] ?? '').split(' ').map((word) => Number(word) || word)
let moments = 0

const die = (now: string): void => {
  if (moments === fatal && now === when) process.kill(process.pid, 'SIGKILL')
}

const { renameSync } = fs
fs.renameSync = (from, to) => {
  moments += 1
  die('before')
  renameSync(from, to)
  die('after')
}
syncBuiltinESMExports()
process.on('exit', () => void process.stderr.write(`${moments} moments\n`))
