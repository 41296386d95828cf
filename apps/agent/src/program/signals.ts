// What somebody asks of the running program through the operating system: to stop, or to read its configuration again.
// What follows from either is commands/run.ts (telemetry 15.5).
import { constants } from 'node:os'

/** How long a stop may take before the process is ended where it stands (telemetry 15.5); every store survives that. */
const patienceMs = 4_500

/** At a terminal, and to Windows, a hang-up is the end; to whoever runs services it asks for another look at the files. */
const isHangUpTheEnd = (): boolean => process.platform === 'win32' || process.stderr.isTTY

/** Aborts on SIGINT, SIGTERM and, if asked for, the end of standard input. A second signal ends the process at once. */
export const stopSignal = (isEndedByStdin: boolean): AbortSignal => {
  const stop = new AbortController()
  const ask = (code: number): void => {
    if (stop.signal.aborted) process.exit(code)
    stop.abort()
    setTimeout(() => process.exit(0), patienceMs).unref()
  }
  const names = ['SIGINT', 'SIGTERM', ...(isHangUpTheEnd() ? (['SIGHUP'] as const) : [])] as const
  for (const name of names) process.on(name, () => ask(128 + constants.signals[name]))
  // Whoever waits for hang-ups comes and goes, and one in between must not end the process.
  process.on('SIGHUP', () => {})
  const endOfInput = (): void => ask(0)
  if (isEndedByStdin) process.stdin.once('end', endOfInput).once('error', endOfInput).resume()
  return stop.signal
}

/** Calls at every hang-up that is no end, until the function it returns is called. */
export const onHangUp = (reload: () => void): (() => void) => {
  if (isHangUpTheEnd()) return () => {}
  process.on('SIGHUP', reload)
  return () => void process.off('SIGHUP', reload)
}
