// Waiting that notices when the machine slept, and ends at once when the lane does.
// How long to wait is pace.ts.
import { createBell } from '../../program/bell.ts'
import { hasSlept } from './pace.ts'

export interface Time {
  /** Wall clock: jumps when somebody sets it, and when the machine wakes. */
  nowMs(): number
  /** Goes forward only, and on some systems not while the machine sleeps. */
  monotonicMs(): number
  /** Resolves after so long or when the signal comes; never rejects. */
  pause(ms: number, signal: AbortSignal): Promise<void>
  random(): number
}

export const systemTime: Time = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  pause: (ms, signal) => createBell().wait(ms, signal),
  random: Math.random,
}

/** Timers do not run out while a machine sleeps, so no wait is longer than this without a look at the clocks. */
const sliceMs = 10_000
const wakeSpreadMs = 10_000

/** Waits until `dueMs` on the monotonic clock; a machine that slept meanwhile is let go soon after it woke. */
export const waitUntil = async (
  time: Time,
  dueMs: number,
  intervalSeconds: number,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const [wallMs, monotonicMs] = [time.nowMs(), time.monotonicMs()]
    const askedMs = Math.min(dueMs - monotonicMs, sliceMs)
    if (askedMs <= 0) return
    await time.pause(askedMs, signal)
    const passed = { askedMs, wallMs: time.nowMs() - wallMs, monotonicMs: time.monotonicMs() - monotonicMs }
    if (!hasSlept(passed, intervalSeconds)) continue
    await time.pause(time.random() * wakeSpreadMs, signal)
    return
  }
}
