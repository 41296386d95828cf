// A fixed number of connections, handed out first come first served.
// A connection that breaks is mended by its slot; the pool never shrinks.
import { StoreError } from '../faults.ts'
import { createSlot, type Slot, type SlotSettings } from './slot.ts'

export interface Pool {
  /** Rejects with a busy fault when none becomes free in time. */
  acquire(): Promise<Slot>
  release(slot: Slot): void
  /** How many wait for a connection or use one. */
  waiting(): number
  close(): Promise<void>
}

interface Waiter {
  take(slot: Slot): void
}

export const createPool = (size: number, settings: SlotSettings, acquireMs: number): Pool => {
  const slots = Array.from({ length: size }, () => createSlot(settings))
  const free = [...slots]
  const queue: Waiter[] = []

  const wait = (): Promise<Slot> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(waiter), 1)
        reject(new StoreError(`postgres: no connection became free within ${acquireMs} ms`, 'busy'))
      }, acquireMs)
      const waiter: Waiter = {
        take(slot) {
          clearTimeout(timer)
          resolve(slot)
        },
      }
      queue.push(waiter)
    })
  return {
    async acquire() {
      return free.pop() ?? wait()
    },
    release(slot) {
      const next = queue.shift()
      if (next === undefined) free.push(slot)
      else next.take(slot)
    },
    waiting: () => size - free.length + queue.length,
    async close() {
      await Promise.all(slots.map((slot) => slot.close()))
    },
  }
}
