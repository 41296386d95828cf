// Work that repeats: never twice at the same time, and never holding the process open.
// What each beat does, and what it does about faults, is the caller's.

export interface Beats {
  /** Runs `work` this long after its last run ended, until stopped. `work` does not throw. */
  every(intervalMs: number, work: () => Promise<void>): void
  /** Stops, and waits for work under way. */
  stop(): Promise<void>
}

export const createBeats = (): Beats => {
  const timers = new Set<NodeJS.Timeout>()
  const running = new Set<Promise<void>>()
  let stopped = false

  const wait = (intervalMs: number, work: () => Promise<void>): void => {
    if (stopped) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      const run = work().finally(() => {
        running.delete(run)
        wait(intervalMs, work)
      })
      running.add(run)
    }, intervalMs)
    timer.unref()
    timers.add(timer)
  }
  return {
    every: wait,
    async stop() {
      stopped = true
      for (const timer of timers) clearTimeout(timer)
      await Promise.all(running)
    },
  }
}
