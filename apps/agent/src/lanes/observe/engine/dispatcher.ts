// Hands signals on one at a time; those that come meanwhile become one, and no surface is lost (sensor-agent 14.2).
// What a signal means is watch/decide.ts; what is done about it is the engine's business.
import { mergeSignals, type Signal } from '../watch/decide.ts'

export interface Dispatcher {
  dispatch(signal: Signal): void
}

export const createDispatcher = (handle: (signal: Signal) => Promise<void>): Dispatcher => {
  let pending: Signal | null = null
  let isHandling = false

  const drain = async (): Promise<void> => {
    isHandling = true
    while (pending !== null) {
      const next: Signal = pending
      pending = null
      await handle(next)
    }
    isHandling = false
  }

  return {
    dispatch(signal) {
      pending = pending === null ? signal : mergeSignals(pending, signal)
      if (!isHandling) void drain()
    },
  }
}
