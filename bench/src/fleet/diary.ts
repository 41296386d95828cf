// A crowd that beats on kept connections, one each, and writes down what was acknowledged and how soon.
// When each beats is the pace's business, what is to be made of the diary the case's.
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Server } from '../harness/server.ts'
import { type Connection, openConnection } from '../wire/connection.ts'
import { accepted, type Crowd, heartbeatRequest } from './crowd.ts'
import { inventHeartbeat } from './heartbeats.ts'

export interface Diary {
  /** Ids of heartbeats that were answered 202. */
  readonly acknowledged: ReadonlySet<string>
  /** What each agent sent last that was acknowledged, to send it again. */
  readonly last: readonly (Buffer | undefined)[]
  /** From the moment each was due to the moment its answer was there. */
  readonly latenciesMs: readonly number[]
  readonly brokenConnections: number
  /** How often a heartbeat was due while the one before was not answered yet. */
  readonly heldBack: number
  readonly unanswered: number
}

export interface Beating {
  readonly diary: Diary
  /** The agent's turn: sends, and writes the answer down. */
  beat(who: number, dueMs: number): void
  hasFailed(): boolean
  /** From here on a broken connection is what was meant to happen. */
  expectEnd(): void
  /** Resolves when nothing is under way; rejects with the first answer that was not as it has to be. */
  settle(): Promise<void>
}

const pollMs = 20

class Beats implements Beating {
  readonly diary = {
    acknowledged: new Set<string>(),
    last: [] as (Buffer | undefined)[],
    latenciesMs: [] as number[],
    brokenConnections: 0,
    heldBack: 0,
    unanswered: 0,
  }
  readonly #server: Server
  readonly #crowd: Crowd
  readonly #connections: Connection[]
  readonly #busy = new Set<number>()
  #endExpected = false
  #fault: unknown

  constructor(server: Server, crowd: Crowd, connections: readonly Connection[]) {
    this.#server = server
    this.#crowd = crowd
    this.#connections = [...connections]
  }

  beat(who: number, dueMs: number): void {
    const agent = this.#crowd.agents[who]
    if (agent === undefined) throw new Error(`there is no agent ${who}`)
    if (this.#busy.has(who)) {
      this.diary.heldBack += 1
      return
    }
    const id = randomUUID()
    this.#busy.add(who)
    this.#send(who, { id, dueMs, bytes: heartbeatRequest(agent, inventHeartbeat(Date.now(), id)) })
  }

  #send(who: number, sent: Sent): void {
    this.#connections[who]?.exchange(sent.bytes, (reply) => {
      if (reply === undefined) return this.#broke(who, sent)
      this.#busy.delete(who)
      try {
        accepted(reply)
      } catch (cause) {
        this.#fault ??= cause
        return
      }
      this.diary.acknowledged.add(sent.id)
      this.diary.last[who] = sent.bytes
      this.diary.latenciesMs.push(performance.now() - sent.dueMs)
    })
  }

  #broke(who: number, sent: Sent): void {
    if (this.#endExpected) {
      this.#busy.delete(who)
      this.diary.unanswered += 1
      return
    }
    this.diary.brokenConnections += 1
    this.#reopen(who, sent).catch((cause: unknown) => {
      this.#busy.delete(who)
      this.#fault ??= cause
    })
  }

  /** An agent connects again and sends the same heartbeat; it is as late as that makes it. */
  async #reopen(who: number, sent: Sent): Promise<void> {
    const { joined } = this.#crowd
    const papers = joined[who % joined.length]?.papers
    if (papers === undefined) throw new Error('nobody joined')
    this.#connections[who] = await openConnection(this.#server, papers)
    this.#send(who, sent)
  }

  hasFailed(): boolean {
    return this.#fault !== undefined
  }

  expectEnd(): void {
    this.#endExpected = true
  }

  async settle(): Promise<void> {
    while (this.#busy.size > 0 && this.#fault === undefined) await wait(pollMs)
    if (this.#fault !== undefined) throw new Error('a heartbeat was not taken', { cause: this.#fault })
  }
}

interface Sent {
  readonly id: string
  readonly bytes: Buffer
  readonly dueMs: number
}

/** The connections are in the order of the agents, one each. */
export const createBeating = (server: Server, crowd: Crowd, connections: readonly Connection[]): Beating =>
  new Beats(server, crowd, connections)
