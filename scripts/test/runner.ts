// Runs test files on Node's own test runner: what people read goes to stdout, the counts to whoever started this.
// Which files, and what their counts mean, is not decided here; a file's tests run in a process of their own.

import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  options: { concurrency: { type: 'string', default: '1' }, timeoutMs: { type: 'string', default: '60000' } },
  allowPositionals: true,
})

const stopping = new AbortController()
process.once('SIGTERM', () => stopping.abort())

const events = run({
  files: positionals,
  concurrency: Number(values.concurrency),
  timeout: Number(values.timeoutMs),
  signal: stopping.signal,
})
events.on('test:fail', () => {
  process.exitCode = 1
})
events.on('test:summary', ({ counts, file }) => {
  // With a file it is the summary of that file; without a channel nobody is left to hear it.
  if (file === undefined && process.connected) process.send?.(counts)
})
events.compose(spec).pipe(process.stdout)
