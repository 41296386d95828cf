// Waiting that can be cut short: by a ring, or by the end.
// What is waited for, and for how long, is the lane's business.

export interface Bell {
  /** Ends the wait that is on, or the next one, once. */
  ring(): void
  /** Resolves after so long, or on a ring, or when stopped; never rejects. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export const createBell = (): Bell => {
  let isRung = false
  let wake = (): void => {}
  return {
    ring() {
      isRung = true
      wake()
    },
    async wait(ms, signal) {
      if (!isRung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const done = (): void => {
            clearTimeout(timer)
            signal.removeEventListener('abort', done)
            resolve()
          }
          const timer = setTimeout(done, ms)
          signal.addEventListener('abort', done, { once: true })
          wake = done
        })
      }
      wake = () => {}
      isRung = false
    },
  }
}
