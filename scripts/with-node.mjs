// Runs a program on the Node that this checkout pins, whatever `node` the shell has; plain JavaScript for that reason.
// Installing that Node is install.mjs's work; what a program does with its arguments is its own.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The checkout this file lies in. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Where the npm package `node` puts its program; nothing says that it is there. */
export const pinnedNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

const leash = pathToFileURL(join(root, 'scripts', 'leash.ts')).href

/** @type {NodeJS.Signals[]} */
const relayed = ['SIGHUP', 'SIGINT', 'SIGTERM']

/** A terminal sends Ctrl-C to every process of a job; passing it on as well would make it two. */
const onTerminal = () => [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY)

const watchEveryMs = 500

/**
 * The parent of a process, where the system says so in a file; 0 elsewhere.
 * @param {number} pid
 */
const parentOf = (pid) => {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1])
  } catch {
    return 0
  }
}

// npm, or the shell that npm put in between.
const lineage = () => `${process.ppid} ${parentOf(process.ppid)}`

/**
 * npm does not pass every signal on, and none when it is killed; what it started is then another process's child.
 * @param {() => void} orphaned
 */
const watchParent = (orphaned) => {
  const before = lineage()
  if (process.env['npm_lifecycle_event'] === undefined) return undefined
  const timer = setInterval(() => {
    if (lineage() === before) return
    clearInterval(timer)
    orphaned()
  }, watchEveryMs)
  return timer
}

/**
 * Runs the pinned Node with these arguments on this terminal and resolves with the code to exit with.
 * The child also has a channel to this process, which closes however this one dies; leash.ts then ends the child.
 * @param {string[]} args
 * @returns {Promise<number>}
 */
const runOnPinnedNode = (args) =>
  new Promise((exited, failed) => {
    if (!existsSync(pinnedNode)) {
      failed(
        new Error('this checkout has not been installed yet: run `npm ci`, or `npm run up`, which does it for you'),
      )
      return
    }
    const child = spawn(pinnedNode, ['--import', leash, ...args], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    })
    /** @param {NodeJS.Signals} signal */
    const relay = (signal) => {
      if (signal !== 'SIGINT' || !onTerminal()) child.kill(signal)
    }
    for (const signal of relayed) process.on(signal, relay)
    const watch = watchParent(() => child.kill('SIGTERM'))
    child.once('error', failed)
    child.once('exit', (code, signal) => {
      for (const name of relayed) process.off(name, relay)
      clearInterval(watch)
      exited(code ?? 128 + constants.signals[signal ?? 'SIGKILL'])
    })
  })

/**
 * Runs the pinned Node and ends this process with its exit code.
 * @param {string[]} args
 */
const become = async (args) => {
  try {
    process.exitCode = await runOnPinnedNode(args)
  } catch (fault) {
    console.error(fault instanceof Error ? fault.message : fault)
    process.exitCode = 1
  }
}

/**
 * Runs a file of this checkout with the arguments this process was given, and takes over its exit code.
 * @param {string} file
 * @param {readonly string[]} nodeFlags what Node itself is told
 */
export const runProgram = (file, nodeFlags = []) => become([...nodeFlags, join(root, file), ...process.argv.slice(2)])

/**
 * Takes words like NAME=value from the front, for npm scripts on every system; a value that is already set stays.
 * @param {string[]} words
 * @returns {string[]}
 */
const takeSettings = ([word = '', ...rest]) => {
  const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(word) ?? []
  if (name === undefined) return word === '' ? rest : [word, ...rest]
  process.env[name] ??= value
  return takeSettings(rest)
}

const startedAs = process.argv[1] === undefined ? '' : realpathSync(resolve(process.argv[1]))
if (startedAs === fileURLToPath(import.meta.url)) await become(takeSettings(process.argv.slice(2)))
