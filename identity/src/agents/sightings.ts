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

/** What is known of one agent, and what of it is in no row yet. */
interface Noted extends Sighting {
  readonly agentNo: number
  lastSeenMs: number
  clockSkewSeconds: number | null
  said: SaidOfAgent
  isWritten: boolean
}

type Pending = Readonly<Noted>

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

/** Nearly every heartbeat says nothing new of its machine. */
const tellsOfMachine = ({ hostname, osFamily, osVersion, agentVersion, capabilities }: SaidOfAgent): boolean =>
  hostname !== undefined ||
  osFamily !== undefined ||
  osVersion !== undefined ||
  agentVersion !== undefined ||
  capabilities !== undefined

export interface SightingsNeeds {
  readonly takeTurn: TakeTurn
  readonly clock: Clock
  readonly log: Log
}

export const createSightings = ({ takeTurn, clock, log }: SightingsNeeds): Sightings => {
  const seen = new Map<number, Noted>()
  let unwritten: Noted[] = []

  const meet = (agentNo: number, lastSeenMs: number): Noted => {
    const noted = { agentNo, lastSeenMs, clockSkewSeconds: null, said: {}, isWritten: true }
    seen.set(agentNo, noted)
    return noted
  }
  const keep = (noted: Noted): void => {
    if (noted.isWritten) unwritten.push(noted)
    noted.isWritten = false
  }
  /** Takes what is in no row yet; what is said from now on comes after it. */
  const takePending = (): readonly Pending[] => {
    const pending = unwritten.map((noted): Pending => ({ ...noted }))
    for (const noted of unwritten) Object.assign(noted, { said: {}, isWritten: true })
    unwritten = []
    return pending.toSorted((left, right) => left.agentNo - right.agentNo)
  }
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
    const pending = takePending()
    try {
      for (let at = 0; at < pending.length; at += batchSize)
        await write(new Map(pending.slice(at, at + batchSize).map((one) => [one.agentNo, one])))
    } catch (error) {
      for (const { agentNo, lastSeenMs, said } of pending) {
        const noted = seen.get(agentNo) ?? meet(agentNo, lastSeenMs)
        noted.said = { ...said, ...noted.said }
        keep(noted)
      }
      log.warn('sightings of agents not written yet', { err: error, 'items.count': unwritten.length })
    }
  }
  return {
    of: (agentNo) => seen.get(agentNo),
    note(agent, atMs, said = {}) {
      const isSilentSince = (lastMs: number): boolean => clock.nowMs() - lastMs > longSilenceMs
      const known = seen.get(agent.agentNo)
      // Its row is asked only where it was not heard here lately.
      const isBack = isSilentSince(known?.lastSeenMs ?? 0) && isSilentSince(agent.lastSeenMs ?? agent.enrolledMs)
      const noted = known ?? meet(agent.agentNo, atMs)
      noted.lastSeenMs = Math.max(noted.lastSeenMs, atMs)
      if (said.clockSkewSeconds !== undefined) noted.clockSkewSeconds = said.clockSkewSeconds
      if (tellsOfMachine(said)) noted.said = { ...noted.said, ...said }
      keep(noted)
      return isBack ? write(new Map([[agent.agentNo, { ...noted }]])) : undefined
    },
    flush,
  }
}
