// Load that does not wait for the server: requests are due at moments of their own, whether or not replies came.
// A latency counts from the moment a request was due, so a server that stalls cannot hide it.
import { setTimeout as wait } from 'node:timers/promises'
import type { Dice } from '../events/dice.ts'
import type { Traffic } from './closed-loop.ts'
import type { Connection } from './connection.ts'

export interface Arrivals {
  readonly perSecond: number
  readonly warmUpSeconds: number
  readonly seconds: number
  readonly dice: Dice
}

export interface Arrived {
  /** Of each request that was due after the warm-up. */
  readonly latenciesMs: readonly number[]
  readonly seconds: number
  /** How many were due while every connection was waiting for a reply. */
  readonly heldBack: number
}

/** Requests come at random, at that rate on average, and take the connection that has been free the longest. */
export const runOpenLoop = async (
  connections: readonly Connection[],
  traffic: Traffic,
  { perSecond, warmUpSeconds, seconds, dice }: Arrivals,
): Promise<Arrived> => {
  const latenciesMs: number[] = []
  const free = [...connections.keys()]
  const due: number[] = []
  let heldBack = 0
  let underWay = 0
  let fault: unknown
  const startMs = performance.now()
  const countFromMs = startMs + warmUpSeconds * 1000
  const endMs = countFromMs + seconds * 1000

  const send = (index: number, dueMs: number): void => {
    const request = traffic.next(index)
    if (request === undefined) throw new Error('the load ran out of requests')
    underWay += 1
    connections[index]?.exchange(request, (reply) => {
      underWay -= 1
      try {
        if (reply === undefined) throw new Error('the server closed a connection under load')
        traffic.check(index, reply)
        if (dueMs >= countFromMs) latenciesMs.push(performance.now() - dueMs)
        const waiting = due.shift()
        if (waiting === undefined) free.push(index)
        else send(index, waiting)
      } catch (cause) {
        fault ??= cause
      }
    })
  }
  const arrive = (dueMs: number): void => {
    const index = free.shift()
    if (index !== undefined) return send(index, dueMs)
    heldBack += 1
    due.push(dueMs)
  }
  let nextMs = startMs
  while (nextMs < endMs && fault === undefined) {
    const nowMs = performance.now()
    while (nextMs <= nowMs && nextMs < endMs) {
      arrive(nextMs)
      nextMs += (-Math.log(1 - dice.roll()) * 1000) / perSecond
    }
    await wait(1)
  }
  while ((underWay > 0 || due.length > 0) && fault === undefined) await wait(1)
  if (fault !== undefined) throw new Error('a connection under load failed', { cause: fault })
  return { latenciesMs, seconds, heldBack }
}
