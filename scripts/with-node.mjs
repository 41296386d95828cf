// Runs a program on the Node that this checkout pins, whatever `node` the shell has; plain JavaScript for that reason.
// Installing that Node is install.mjs's work; the first argument is a file of this checkout or a flag of Node.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout this file lies in. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Where the npm package `node` puts its program, or null when it is not installed. */
export const pinnedNode = () => {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const path = join(root, 'node_modules', 'node', 'bin', name)
  return existsSync(path) ? path : null
}

const relayed = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Runs the pinned Node with these arguments on this terminal and resolves with the exit code to end with.
 * The child also gets an IPC channel, which closes when this process dies in whatever way; scripts/leash.ts watches it.
 */
export const runOnPinnedNode = (args, options = {}) =>
  new Promise((done, failed) => {
    const node = pinnedNode()
    if (node === null) {
      failed(new Error('Node is not installed in this checkout; run `npm ci` first'))
      return
    }
    const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], ...options })
    // A terminal sends Ctrl-C to the child as well; other senders know this process only.
    const relay = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    for (const signal of relayed) process.on(signal, relay)
    child.once('error', failed)
    child.once('exit', (code, signal) => {
      for (const name of relayed) process.off(name, relay)
      done(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1))
    })
  })

const isMain = process.argv[1] !== undefined && realpathSync(resolve(process.argv[1])) === fileURLToPath(import.meta.url)
if (isMain) {
  try {
    process.exitCode = await runOnPinnedNode(process.argv.slice(2))
  } catch (fault) {
    console.error(fault.message)
    process.exitCode = 1
  }
}
