// What one transaction of heartbeats will store: rows of the log, descriptions, presences, timeline, events.
// Deciding what goes in is heartbeat.ts; the statements are in store.ts.
import type { Announcement, Tx } from '@muster/storage'
import { type HeartbeatTurn, storeRuns } from '../asset/store.ts'
import { announcementOf, createEvent } from '../events/event.ts'
import type { Bound, Description } from './decide.ts'
import {
  type DescriptionRow,
  type LoggedHeartbeat,
  loadDiscovered,
  type PresenceRow,
  storeDescriptions,
  storeHeartbeats,
  storePresences,
} from './store.ts'
import type { Tail } from './tail.ts'

/** A heartbeat that was taken, as far as its consequences need it. */
export interface Taken {
  readonly bound: Bound
  readonly deviceNo: number
  readonly receivedMs: number
  readonly requestId: string
  readonly beginsRun: boolean
}

interface Followed {
  readonly call: Taken
  readonly tail: Tail
  readonly heartbeatKey: string
  readonly isFirst: boolean
  readonly changed: readonly string[]
}

export interface Range {
  readonly tenantId: string
  readonly fromNo: number
  readonly throughNo: number
}

export interface Numbers {
  /** The last number given to a heartbeat, and to a description. */
  lastNo: number
  lastDescriptionNo: number
}

export interface Staged {
  /** Answers the number it gets. */
  log(call: Taken, sample: Buffer): number
  describe(call: Taken, description: Description, digest: string, face: string): number
  present(call: Taken, descriptionNo: number): void
  /** Called before the heartbeat joins its tail. */
  follow(followed: Followed): void
  /** Of each tenant, from its first heartbeat to its last; others may lie between. */
  ranges(): readonly Range[]
  readonly rows: Rows
}

interface Rows {
  readonly heartbeats: readonly LoggedHeartbeat[]
  readonly descriptions: readonly DescriptionRow[]
  readonly presences: ReadonlyMap<number, PresenceRow>
  readonly turns: readonly Turn[]
}

interface Turn extends HeartbeatTurn {
  readonly heartbeatKey: string
  readonly requestId: string
  readonly bound: Bound
}

export const createStaged = (numbers: Numbers): Staged => {
  const heartbeats: LoggedHeartbeat[] = []
  const descriptions: DescriptionRow[] = []
  const presences = new Map<number, PresenceRow>()
  const turns: Turn[] = []
  const ranges = new Map<string, { tenantId: string; fromNo: number; throughNo: number }>()
  return {
    rows: { heartbeats, descriptions, presences, turns },
    log({ deviceNo, receivedMs, requestId, bound: { tenantId } }, sample) {
      const no = ++numbers.lastNo
      heartbeats.push({ no, deviceNo, receivedMs, sample, requestId })
      const range = ranges.get(tenantId)
      if (range === undefined) ranges.set(tenantId, { tenantId, fromNo: no, throughNo: no })
      else range.throughNo = no
      return no
    },
    describe({ deviceNo, receivedMs: describedMs, bound: { tenantId } }, description, digest, face) {
      const descriptionNo = ++numbers.lastDescriptionNo
      descriptions.push({ descriptionNo, tenantId, deviceNo, describedMs, description, digest, face })
      return descriptionNo
    },
    present({ bound, deviceNo, receivedMs }, descriptionNo) {
      presences.set(deviceNo, { ...bound, deviceNo, descriptionNo, firstMs: receivedMs })
    },
    follow({ call, tail, heartbeatKey, isFirst, changed }) {
      if (!isFirst && !call.beginsRun && changed.length === 0) return
      turns.push({
        ...call,
        heartbeatKey,
        changed,
        isFirst,
        heartbeatsBefore: (tail.packed?.total ?? 0) + tail.nos.length,
        lastBeforeMs: tail.lastSeenMs,
      })
    },
    ranges: () => [...ranges.values()],
  }
}

const identityOf = ({ agentId, siteId, collectorId, assetId }: Bound) => ({
  agent_id: agentId,
  site_id: siteId,
  collector_id: collectorId,
  asset_id: assetId,
})

const eventOf = (turn: Turn, type: 'asset.discovered' | 'asset.updated'): Announcement => {
  const { bound, heartbeatKey, receivedMs: atMs, requestId, changed } = turn
  const { tenantId, agentId } = bound
  const facts = { tenantId, agentId, heartbeatKey, atMs, requestId, causationId: null }
  const payload = identityOf(bound)
  const event =
    type === 'asset.discovered'
      ? createEvent({ ...facts, type, payload })
      : createEvent({ ...facts, type, payload: { ...payload, changed: [...changed] } })
  return announcementOf(event, bound.assetId, atMs)
}

/** An asset is discovered once, whichever of its agents spoke first. */
const eventsOf = async (tx: Tx, turns: readonly Turn[]): Promise<readonly Announcement[]> => {
  const events: Announcement[] = []
  const discovered = new Set<string>()
  for (const turn of turns) {
    const { tenantId, assetId } = turn.bound
    if (turn.changed.length > 0) events.push(eventOf(turn, 'asset.updated'))
    if (turn.isFirst && !discovered.has(assetId) && !(await loadDiscovered(tx, tenantId, assetId)))
      events.push(eventOf(turn, 'asset.discovered'))
    discovered.add(assetId)
  }
  return events
}

/** Stores everything; answers the events that follow from it, but for those the log itself stands for. */
export const storeStaged = async (tx: Tx, { rows }: Staged): Promise<readonly Announcement[]> => {
  const events = await eventsOf(tx, rows.turns)
  await storeHeartbeats(tx, rows.heartbeats)
  await storeDescriptions(tx, rows.descriptions)
  await storePresences(tx, [...rows.presences.values()])
  await storeRuns(tx, rows.turns)
  return events
}
