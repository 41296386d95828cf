// Looks whether this process can do its work, at most once in a while however often it is asked.
// The verdict is decide.ts.
import type { Clock } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { decideReadiness, type Readiness } from './decide.ts'
import { probeWrite } from './store.ts'

/** A probe is a commit; somebody who asks a thousand times a second must not wear out the disk. */
const probeEveryMs = 2000

export interface Health {
  readiness(): Promise<Readiness>
  setListener(name: string, isOpen: boolean): void
  setStopping(): void
}

export const createHealth = (storage: Storage, clock: Clock): Health => {
  const listeners: Record<string, boolean> = {}
  let isStopping = false
  let probe: { readonly atMs: number; readonly fault: Promise<string | null> } | undefined
  const databaseFault = (): Promise<string | null> => {
    const nowMs = clock.nowMs()
    if (probe === undefined || Math.abs(nowMs - probe.atMs) >= probeEveryMs) {
      probe = { atMs: nowMs, fault: probeWrite(storage, nowMs) }
    }
    return probe.fault
  }
  return {
    async readiness() {
      return decideReadiness({ isStopping, listeners, databaseFault: isStopping ? null : await databaseFault() })
    },
    setListener(name, isOpen) {
      listeners[name] = isOpen
    },
    setStopping() {
      isStopping = true
    },
  }
}
