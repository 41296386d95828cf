// One run of `muster`: from the words on the command line to an exit code, with every way it can end in one place.
// What the words mean is the program's; streams and files are the world's.
import { Unreachable } from '@muster/http/client'
import { type Command, CommanderError } from 'commander'
import { openSession } from './connect/open-session.ts'
import { createProgram } from './program.ts'
import type { Acting, Action, Desk, Ending, GlobalFlags, Session } from './session.ts'
import { createPrinter } from './show/print.ts'
import { printable } from './show/text.ts'
import { EXIT, type ExitCode, Stop } from './stop.ts'
import type { OutStream, World } from './world.ts'

/** commander writes without waiting; what it wrote is flushed before the run ends. */
const createBuffer = (stream: OutStream) => {
  let text = ''
  return {
    add: (more: string): void => {
      text += more
    },
    flush: (): Promise<void> => stream.write(text),
  }
}

const actingIn = (world: World, muster: () => Command, end: (code: ExitCode) => void): Acting => {
  const deskOf = (): Desk => {
    const flags = muster().opts<GlobalFlags>()
    return { world, flags, print: createPrinter(world, flags) }
  }
  const offline =
    <Args extends readonly unknown[]>(handler: (desk: Desk, ...args: Args) => Ending): Action =>
    async (...given) => {
      const args = given.slice(0, -1) as unknown as Args
      end((await handler(deskOf(), ...args)) ?? EXIT.ok)
    }
  const online = <Args extends readonly unknown[]>(handler: (session: Session, ...args: Args) => Ending): Action =>
    offline(async (desk, ...args: Args) => {
      const session = await openSession(desk)
      try {
        return await handler(session, ...args)
      } finally {
        session.talk.client.close()
      }
    })
  return { offline, online }
}

const said = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault))

const exitOf = (fault: unknown): ExitCode => {
  if (fault instanceof Stop) return fault.exitCode
  if (fault instanceof CommanderError) return fault.exitCode === 0 ? EXIT.ok : EXIT.usage
  return EXIT.failure
}

/** Whoever read our output has gone, as `head` does; that is no failure of ours. */
export const isBrokenPipe = (fault: unknown): boolean =>
  fault instanceof Error && 'code' in fault && fault.code === 'EPIPE'

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`

/** One line, and where to read on; a suggestion that commander makes says that already. */
const usageFault = (command: Command, text: string): string => {
  const fault = text.replace(/^error: /, 'muster: ').trimEnd()
  return fault.includes('\n')
    ? `${fault}\n`
    : `${fault.replace(/\.$/, '')}; \`${pathOf(command)} --help\` says what there is\n`
}

const prepare = (command: Command, out: (text: string) => void, err: (text: string) => void, world: World): void => {
  command.exitOverride().configureOutput({
    writeOut: out,
    writeErr: err,
    outputError: (text, write) => write(usageFault(command, text)),
    getOutHelpWidth: () => world.out.columns ?? 80,
    getErrHelpWidth: () => world.err.columns ?? 80,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  })
  for (const sub of command.commands) prepare(sub, out, err, world)
}

/** Runs the program once and answers its exit code; nothing is thrown but faults of the program itself. */
export const run = async (words: readonly string[], world: World): Promise<ExitCode> => {
  const out = createBuffer(world.out)
  const err = createBuffer(world.err)
  let exitCode: ExitCode = EXIT.ok
  const muster: Command = createProgram(
    actingIn(
      world,
      () => muster,
      (code) => {
        exitCode = code
      },
    ),
  )
  prepare(muster, out.add, err.add, world)
  try {
    if (words.length === 0) muster.outputHelp()
    else await muster.parseAsync([...words], { from: 'user' })
  } catch (fault) {
    exitCode = exitOf(fault)
    const isKnown = fault instanceof Stop || fault instanceof Unreachable
    if (isBrokenPipe(fault)) return EXIT.ok
    if (!isKnown && !(fault instanceof CommanderError)) throw fault
    if (isKnown) err.add(`muster: ${printable(said(fault))}\n`)
  }
  await out.flush()
  await err.flush()
  return exitCode
}
