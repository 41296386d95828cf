// Has large scans made in a process of their own: what they need in memory goes when it ends, and a reader that some
// file brings down takes nothing else with it. One surface at a time, so that only one is in memory.
// Which scans are large is the collectors' to say; starting a process is the program's.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { damage } from '../database/open.ts'
import { trouble } from '../database/trouble.ts'
import type { Errand, Outcome } from './errand.ts'

/** Starts the process that runs scan-process.ts, with a channel to it that carries whole objects. */
export type StartProcess = () => Promise<ChildProcess>

type Done = Extract<Outcome, { readonly is: 'done' }>

export interface ScanApart {
  /** Rejects when the process ends without an outcome, when the database is damaged, and with the signal's reason. */
  scan(errand: Errand, signal: AbortSignal): Promise<Done>
}

/** Beyond what a scan may take, for its commit; whoever is not done by then hangs. */
const graceMs = 120_000

const patienceFor = ({ settings }: Errand): AbortSignal =>
  AbortSignal.timeout(settings.watch.maxScanWallClockSeconds * 1000 + graceMs)

const runErrand = async (child: ChildProcess, errand: Errand, signal: AbortSignal): Promise<Done> => {
  const settled = new AbortController()
  const until = AbortSignal.any([signal, settled.signal, patienceFor(errand)])
  try {
    // A process that is gone already says so by its end.
    child.send(errand, () => {})
    const ended = once(child, 'exit', { signal: until }).then(([code, killed]) => {
      throw new Error(`the process of the scan ended with ${killed ?? code}`)
    })
    const answered = once(child, 'message', { signal: until })
    ended.catch(() => {})
    answered.catch(() => {})
    const [outcome] = (await Promise.race([answered, ended])) as [Outcome]
    if (outcome.is === 'damaged') throw damage(outcome.message)
    if (outcome.is === 'troubled') throw trouble(outcome.message)
    return outcome
  } finally {
    settled.abort()
  }
}

/** Whatever it is doing: a scan that is cut off has not happened. */
const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** `onErrand` is called as each begins: what this process need not hold now lies beside what that one is about to. */
export const createScanApart = (start: StartProcess, onErrand = () => {}): ScanApart => {
  let child: ChildProcess | null = null
  let waiting = 0
  let turns: Promise<unknown> = Promise.resolve()

  const inTurn = async (errand: Errand, signal: AbortSignal): Promise<Done> => {
    let isDone = false
    try {
      signal.throwIfAborted()
      child ??= await start()
      onErrand()
      const outcome = await runErrand(child, errand, signal)
      isDone = true
      return outcome
    } finally {
      waiting -= 1
      if (child !== null && (waiting === 0 || !isDone)) {
        await end(child)
        child = null
      }
    }
  }

  return {
    scan(errand, signal) {
      waiting += 1
      const done = turns.then(() => inTurn(errand, signal))
      turns = done.catch(() => {})
      return done
    },
  }
}
