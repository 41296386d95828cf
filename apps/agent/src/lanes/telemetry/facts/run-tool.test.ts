// A program of the system is asked, and killed when it takes too long.
// What programs print is tested beside the texts of each system.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runTool } from './run-tool.ts'

const never = new AbortController().signal
const say = (code: string, signal = never) => runTool(process.execPath, ['-e', code], signal)

test('what a program prints comes back, in no language but its own', async () => {
  assert.equal(await say('process.stdout.write(`${process.env.LC_ALL} a b`)'), 'C a b')
})

test('a program that fails, or is not there, is a fault that names it', async () => {
  await assert.rejects(say('process.exit(3)'), /^Error: run .*node/)
  await assert.rejects(
    runTool('/no/such/program', [], never),
    (fault: Error) => (fault.cause as NodeJS.ErrnoException).code === 'ENOENT',
  )
})

test('a program that hangs is killed by the signal, whatever it does about other signals', async () => {
  const late = new AbortController()
  const hanging = say('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)', late.signal)
  late.abort()
  await assert.rejects(hanging, (fault: Error) => (fault.cause as NodeJS.ErrnoException).code === 'ABORT_ERR')
})
