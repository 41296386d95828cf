// What every command gets: the world, a printer, and on request the server it was told to talk to.
// Which server that is, is decided in connect/.
import type { Connection } from './connect/decide.ts'
import type { Talk } from './connect/talk.ts'
import type { Printer } from './show/print.ts'
import type { ExitCode } from './stop.ts'
import type { World } from './world.ts'

export interface GlobalFlags {
  readonly url?: string
  readonly token?: string
  readonly context?: string
  readonly ca?: string
  readonly json?: boolean
  readonly color: boolean
  readonly timeout: number
}

/** A run without a server. */
export interface Desk {
  readonly world: World
  readonly flags: GlobalFlags
  readonly print: Printer
}

/** A run with one. */
export interface Session extends Desk {
  readonly connection: Connection
  readonly talk: Talk
}

/** What commander calls: the command's arguments, its flags, the command itself. */
export type Action = (...given: unknown[]) => Promise<void>

export type Ending = Promise<ExitCode | void>

/** Turns handlers into actions; a handler may answer the exit code of its run, and nothing means success. */
export interface Acting {
  offline<Args extends readonly unknown[]>(handler: (desk: Desk, ...args: Args) => Ending): Action
  online<Args extends readonly unknown[]>(handler: (session: Session, ...args: Args) => Ending): Action
}
