// How often an agent may send, and how many of its heartbeats may be under way (telemetry 20).
// Who the agent is was decided before; what a refusal means to it is the wire's.

export interface Limits {
  /** Whether there is room for one more now; whoever is let in has to leave. */
  enter(agentId: string, nowMs: number): boolean
  leave(agentId: string): void
}

const perMs = 10_000
const burst = 5
const atOnce = 2
/** Agents that have been quiet for a burst's time have all their room again, so nothing of them need be kept. */
const forgottenAfterMs = perMs * burst
const sweptEveryMs = 60_000

interface Room {
  /** When all of the burst is there again. */
  fullMs: number
  underWay: number
}

export const createLimits = (): Limits => {
  const rooms = new Map<string, Room>()
  let sweptMs = 0
  const sweep = (nowMs: number): void => {
    if (nowMs - sweptMs < sweptEveryMs) return
    sweptMs = nowMs
    for (const [agentId, { fullMs, underWay }] of rooms) if (underWay === 0 && fullMs <= nowMs) rooms.delete(agentId)
  }
  return {
    enter(agentId, nowMs) {
      sweep(nowMs)
      const room = rooms.get(agentId) ?? { fullMs: nowMs, underWay: 0 }
      const fullMs = Math.max(room.fullMs, nowMs) + perMs
      if (room.underWay >= atOnce || fullMs - nowMs > forgottenAfterMs) return false
      rooms.set(agentId, { fullMs, underWay: room.underWay + 1 })
      return true
    },
    leave(agentId) {
      const room = rooms.get(agentId)
      if (room !== undefined) room.underWay -= 1
    },
  }
}
