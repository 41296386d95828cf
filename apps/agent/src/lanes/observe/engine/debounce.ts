// Waits for quiet after changes, for each surface by itself, and never forever (sensor-agent 14.3).
// What happens then is the engine's business.
import { decideQuietMs } from '../watch/decide.ts'

export interface Debounce {
  signal(surface: string): void
  cancel(): void
}

interface Waiting {
  readonly firstMs: number
  timer: NodeJS.Timeout
}

export const createDebounce = (debounceMs: () => number, onQuiet: (surface: string) => void): Debounce => {
  const waiting = new Map<string, Waiting>()
  return {
    signal(surface) {
      const nowMs = performance.now()
      const held = waiting.get(surface)
      clearTimeout(held?.timer)
      const firstMs = held?.firstMs ?? nowMs
      const quiet = (): void => {
        waiting.delete(surface)
        onQuiet(surface)
      }
      waiting.set(surface, { firstMs, timer: setTimeout(quiet, decideQuietMs(firstMs, nowMs, debounceMs())) })
    },
    cancel() {
      for (const { timer } of waiting.values()) clearTimeout(timer)
      waiting.clear()
    },
  }
}
