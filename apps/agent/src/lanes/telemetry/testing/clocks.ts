// Clocks that a test moves: every wait is over at once, and remembered.
// What is waited for, and why, is the lane's.
import { setImmediate as soon } from 'node:timers/promises'
import type { Time } from '../time.ts'

export interface TestTime extends Time {
  /** Every wait so far, in milliseconds. */
  readonly waits: number[]
  /** The machine sleeps so long during the next wait: only the wall clock goes on. */
  sleepMs: number
  jitter: number
}

export const createTestTime = (): TestTime => {
  let wallMs = Date.now()
  let monotonicMs = 1_000
  const time: TestTime = {
    waits: [],
    sleepMs: 0,
    jitter: 0.5,
    nowMs: () => wallMs,
    monotonicMs: () => monotonicMs,
    random: () => time.jitter,
    pause: async (ms, signal) => {
      await soon()
      if (signal.aborted) return
      time.waits.push(ms)
      wallMs += ms + time.sleepMs
      monotonicMs += ms
      time.sleepMs = 0
    },
  }
  return time
}
