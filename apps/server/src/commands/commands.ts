// Every command of the program: its words, what it takes, what it is for, and where its code lies.
// The code is loaded when the command is used, so that asking for help does not load a server.
import type { RunCommand } from './command.ts'

export interface Command {
  readonly help: string
  /** The names it takes, as shown in the help: `FOLDER`. */
  readonly names: readonly string[]
  readonly load: () => Promise<{ readonly run: RunCommand }>
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  serve: { help: 'run the server (the default)', names: [], load: () => import('./serve.ts') },
  migrate: { help: 'bring the database up to date and stop', names: [], load: () => import('./migrate.ts') },
  doctor: {
    help: 'look at folder, disk, database, certificates, ports and clock, and say what to put right',
    names: [],
    load: () => import('./doctor.ts'),
  },
  backup: {
    help: 'copy database, fleet CA and tokens into a new folder; the server may run',
    names: ['FOLDER'],
    load: () => import('./backup.ts'),
  },
  restore: {
    help: 'fill an empty data folder from a backup',
    names: ['FOLDER'],
    load: () => import('./restore.ts'),
  },
  'authority list': {
    help: 'the certificate authorities of the fleet',
    names: [],
    load: async () => ({ run: (await import('./authority.ts')).list }),
  },
  'authority rotate': {
    help: 'let a new authority issue; the former stays trusted; the server may run',
    names: [],
    load: async () => ({ run: (await import('./authority.ts')).rotate }),
  },
  'authority retire': {
    help: 'stop trusting a former authority',
    names: ['ID'],
    load: async () => ({ run: (await import('./authority.ts')).retire }),
  },
  'config check': {
    help: 'check the settings and print what they come to',
    names: [],
    load: () => import('./config-check.ts'),
  },
}
