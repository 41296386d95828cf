// How often an agent may send, and how many of its heartbeats may be under way (telemetry 20).
// Who the agent is was decided before; what a refusal means to it is the wire's.

export interface Limits {
  /** Room for one more, which whoever is let in has to leave; undefined when there is none now. */
  enter(agentId: string, nowMs: number): Room | undefined
  leave(room: Room): void
}

const perMs = 10_000
const burst = 5
const atOnce = 2
/** Agents that have been quiet for a burst's time have all their room again, so nothing of them need be kept. */
const forgottenAfterMs = perMs * burst
const sweptEveryMs = 60_000

/** What an agent has left. */
export interface Room {
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
  const roomOf = (agentId: string, nowMs: number): Room => {
    const known = rooms.get(agentId)
    if (known !== undefined) return known
    const room = { fullMs: nowMs, underWay: 0 }
    rooms.set(agentId, room)
    return room
  }
  return {
    enter(agentId, nowMs) {
      sweep(nowMs)
      const room = roomOf(agentId, nowMs)
      const fullMs = Math.max(room.fullMs, nowMs) + perMs
      if (room.underWay >= atOnce || fullMs - nowMs > forgottenAfterMs) return undefined
      room.fullMs = fullMs
      room.underWay += 1
      return room
    },
    leave(room) {
      room.underWay -= 1
    },
  }
}
