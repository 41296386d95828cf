// Load without pauses: every connection sends its next request as soon as it has the reply to the last.
// It finds how much a server can take; what a request is, and whether a reply is right, is said by the caller.
import { setTimeout as wait } from 'node:timers/promises'
import type { Connection, Reply } from './connection.ts'

export interface Traffic {
  /** The next request of that connection; undefined when it has nothing left to say. */
  next(connection: number): Buffer | undefined
  /** Throws when the reply is not what it has to be. */
  check(connection: number, reply: Reply): void
}

export interface LoopPhases {
  readonly warmUpSeconds: number
  readonly seconds: number
  /** Called as the measured phase begins and as it ends. */
  readonly begins: () => void
  readonly ends: () => void
}

const turnMs = 5

/** The latency of each measured request, unordered; rejects with the first wrong reply or broken connection. */
export const runClosedLoop = async (
  connections: readonly Connection[],
  traffic: Traffic,
  phases: LoopPhases,
): Promise<readonly number[]> => {
  let phase: 'warm-up' | 'measured' | 'over' = 'warm-up'
  let latenciesMs: number[] = []
  let underWay = 0
  let exhausted = false
  let fault: unknown
  const send = (index: number): void => {
    const request = phase === 'over' ? undefined : traffic.next(index)
    if (request === undefined) {
      exhausted ||= phase !== 'over'
      return
    }
    const sentMs = performance.now()
    underWay += 1
    connections[index]?.exchange(request, (reply) => {
      underWay -= 1
      try {
        if (reply === undefined) throw new Error('the server closed a connection under load')
        traffic.check(index, reply)
      } catch (cause) {
        fault ??= cause
        return
      }
      if (phase === 'measured') latenciesMs.push(performance.now() - sentMs)
      send(index)
    })
  }
  const pass = async (seconds: number): Promise<void> => {
    const untilMs = performance.now() + seconds * 1000
    while (performance.now() < untilMs && !exhausted && fault === undefined) await wait(turnMs)
  }
  for (const index of connections.keys()) send(index)
  await pass(phases.warmUpSeconds)
  phases.begins()
  phase = 'measured'
  await pass(phases.seconds)
  const measured = latenciesMs
  latenciesMs = []
  phases.ends()
  phase = 'over'
  while (underWay > 0 && fault === undefined) await wait(turnMs)
  if (fault !== undefined) throw new Error('a connection under load failed', { cause: fault })
  if (measured.length === 0) throw new Error('the load ran out before anything was measured')
  return measured
}
