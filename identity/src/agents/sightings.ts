// When each agent was last heard, and what it then said of itself: in memory at once, in rows now and then.
// The heartbeats themselves are on disk elsewhere, and after a restart tell what a crash forgot here.
import type { Clock, Log } from '@muster/kernel'
import { cleanText, hostText } from '../texts.ts'
import type { TakeTurn } from '../turns.ts'
import type { KnownAgent, Sighting } from './known.ts'
import { type AgentRow, loadAgents, updateSightings } from './store.ts'

/** What an agent says of itself with a heartbeat; null or absent means that it did not say. */
export interface SaidOfAgent {
  readonly hostname?: string | null
  readonly osFamily?: string | null
  readonly osVersion?: string | null
  readonly agentVersion?: string | null
  readonly capabilities?: readonly string[] | undefined
  readonly clockSkewSeconds?: number | null
}

export interface Sightings {
  of(agentNo: number): Sighting | undefined
  /**
   * Notes that an agent was heard. Resolves once it is written when the agent had been silent for long: whoever locks out
   * silent agents must not cross its heartbeat (telemetry 9, rule 3).
   */
  note(agent: KnownAgent, atMs: number, said?: SaidOfAgent): void | Promise<void>
  /** Writes what was collected; what could not be written is kept for the next time. */
  flush(): Promise<void>
}

const longSilenceMs = 60 * 60_000
const batchSize = 1000

interface Pending extends Sighting {
  readonly said: SaidOfAgent
}

const merged = (before: Pending | undefined, atMs: number, said: SaidOfAgent): Pending => ({
  lastSeenMs: Math.max(before?.lastSeenMs ?? 0, atMs),
  clockSkewSeconds: said.clockSkewSeconds === undefined ? (before?.clockSkewSeconds ?? null) : said.clockSkewSeconds,
  said: { ...before?.said, ...said },
})

const columnsOf = (row: AgentRow, { said, lastSeenMs, clockSkewSeconds }: Pending) => ({
  agent_no: row.agent_no,
  last_seen_ms: Math.max(row.last_seen_ms ?? 0, lastSeenMs),
  clock_skew_s: clockSkewSeconds,
  hostname: hostText(said.hostname ?? row.hostname),
  os_family: hostText(said.osFamily ?? row.os_family),
  os_version: hostText(said.osVersion ?? row.os_version),
  agent_version: hostText(said.agentVersion ?? row.agent_version),
  capabilities: said.capabilities === undefined ? row.capabilities : JSON.stringify(said.capabilities.map(cleanText)),
})

export interface SightingsNeeds {
  readonly takeTurn: TakeTurn
  readonly clock: Clock
  readonly log: Log
}

export const createSightings = ({ takeTurn, clock, log }: SightingsNeeds): Sightings => {
  const seen = new Map<number, Sighting>()
  let unwritten = new Map<number, Pending>()

  const write = (batch: ReadonlyMap<number, Pending>): Promise<void> =>
    takeTurn(async (turn) => {
      const rows = await loadAgents(turn.tx, [...batch.keys()])
      await updateSightings(
        turn.tx,
        rows.map((row) => columnsOf(row, batch.get(row.agent_no) as Pending)),
      )
      turn.changed('agent', ...batch.keys())
    })
  const flush = async (): Promise<void> => {
    const pending = unwritten
    unwritten = new Map()
    const entries = [...pending].toSorted(([left], [right]) => left - right)
    try {
      for (let at = 0; at < entries.length; at += batchSize) await write(new Map(entries.slice(at, at + batchSize)))
    } catch (error) {
      for (const [agentNo, one] of pending)
        unwritten.set(agentNo, merged(one, unwritten.get(agentNo)?.lastSeenMs ?? 0, unwritten.get(agentNo)?.said ?? {}))
      log.warn('sightings of agents not written yet', { err: error, 'items.count': unwritten.size })
    }
  }
  return {
    of: (agentNo) => seen.get(agentNo),
    note(agent, atMs, said = {}) {
      const isBack = clock.nowMs() - (agent.lastSeenMs ?? agent.enrolledMs) > longSilenceMs
      const next = merged(unwritten.get(agent.agentNo), atMs, said)
      unwritten.set(agent.agentNo, next)
      const before = seen.get(agent.agentNo)
      seen.set(agent.agentNo, {
        lastSeenMs: Math.max(before?.lastSeenMs ?? 0, next.lastSeenMs),
        clockSkewSeconds: next.clockSkewSeconds,
      })
      return isBack ? write(new Map([[agent.agentNo, next]])) : undefined
    },
    flush,
  }
}
