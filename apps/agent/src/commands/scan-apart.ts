// The agent as its own child, for one large scan or some: no command for people, and none that the help knows.
// What it does is lanes/observe/apart; starting it is run.ts.
import { fork } from 'node:child_process'
import type { LogSettings } from '../configuration/configuration.ts'
import { ERRAND_WORD } from '../lanes/observe/apart/errand.ts'
import type { StartProcess } from '../lanes/observe/apart/scan-apart.ts'
import { serveErrands } from '../lanes/observe/apart/scan-process.ts'
import { openJournal } from '../program/agent-log.ts'
import { growSlowly } from '../program/frugal.ts'

/** This very program on the same Node; what it logs is logged by both alike. */
export const startScanProcess = async (log: LogSettings): ReturnType<StartProcess> =>
  fork(process.argv[1] ?? '', [ERRAND_WORD, JSON.stringify(log)], {
    // For what it does, speed is worth more than memory that it gives back anyway.
    execArgv: ['--max-semi-space-size=1'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })

export const scanApart = (): void => {
  growSlowly()
  serveErrands(openJournal(JSON.parse(process.argv[3] ?? '') as LogSettings).log)
}
