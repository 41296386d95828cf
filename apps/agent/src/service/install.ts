// Puts the files of a service where the operating system looks for them, tells it, and takes both back.
// What stands in the files is plan.ts.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { writeWhole } from '../folder/private-file.ts'
import { PlainFault, reasonOf } from '../plain-fault.ts'
import type { ServicePlan } from './plan.ts'

export type Say = (line: string) => void

/** Runs each; the first that is not there or fails leaves it and the rest to a person. */
const runAll = (commands: readonly (readonly string[])[], say: Say): void => {
  for (const [at, [program = '', ...rest]] of commands.entries()) {
    const ended = spawnSync(program, rest, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
    if (ended.error === undefined && ended.status === 0) continue
    const why = ended.error === undefined ? ended.stderr.trim().split('\n')[0] : reasonOf(ended.error)
    const left = commands.slice(at).map((command) => command.join(' '))
    say(`the system could not be told (${program}: ${why}); run by hand: ${left.join(' && ')}`)
    return
  }
}

export const install = ({ files, start, byHand }: ServicePlan, say: Say): void => {
  for (const { path, text } of files) {
    try {
      mkdirSync(dirname(path), { recursive: true })
      writeWhole(path, text)
      if (process.platform !== 'win32') chmodSync(path, 0o644)
    } catch (cause) {
      const why = reasonOf(cause instanceof Error && cause.cause !== undefined ? cause.cause : cause)
      throw new PlainFault(`${path}: cannot be written: ${why}; use sudo for --system`, 1, { cause })
    }
    say(`wrote ${path}`)
  }
  runAll(start, say)
  if (byHand !== null) say(byHand)
}

export const uninstall = ({ files, stop }: ServicePlan, say: Say): void => {
  const present = files.filter(({ path }) => existsSync(path))
  if (present.length === 0) {
    say('there is no service to remove')
    return
  }
  runAll(stop, say)
  for (const { path } of present) {
    rmSync(path, { force: true })
    say(`removed ${path}`)
  }
}
