// An asset's timeline as people read it: heartbeats that follow each other are one entry with a count (telemetry 13.3).
// Rows come from store.ts, what is going on now from presence/.
import type { AssetTimelineEntry } from '@muster/contract'
import { toIso } from '@muster/kernel'
import type { z } from 'zod'
import type { TimelineRow } from './store.ts'

/** How the timeline calls heartbeats that follow each other. */
export const runKind = 'heartbeat_accepted'

export type Entry = z.infer<typeof AssetTimelineEntry>

/** How many heartbeats a device ever sent, and when the last came: the end of a run that still goes on. */
export interface SoFar {
  readonly total: number
  readonly lastMs: number
}

const heartbeats = (row: TimelineRow, end: SoFar): readonly Entry[] => {
  const count = end.total - (row.heartbeatsBefore ?? 0)
  if (count < 1) return []
  return [
    {
      kind: runKind,
      text: count === 1 ? 'A heartbeat was accepted.' : `${count} heartbeats were accepted.`,
      agent_id: row.agentId,
      first_at: toIso(row.atMs),
      last_at: toIso(Math.max(row.atMs, end.lastMs)),
      count,
    },
  ]
}

const moment = (row: TimelineRow, kind: string, text: string): Entry => ({
  kind,
  text,
  agent_id: row.agentId,
  first_at: toIso(row.atMs),
  last_at: toIso(row.atMs),
  count: 1,
})

const changes = (row: TimelineRow): readonly Entry[] =>
  row.detail === '' ? [] : [moment(row, 'asset_updated', `Changed: ${row.detail.split(' ').join(', ')}.`)]

/** Where the run that begins with this row ends: before the next one of the same device, or now. */
const endOf = (rows: readonly TimelineRow[], index: number, now: ReadonlyMap<number, SoFar>): SoFar => {
  const row = rows[index] as TimelineRow
  const next = rows.find((one, at) => at > index && one.kind === runKind && one.deviceNo === row.deviceNo)
  return next === undefined
    ? (now.get(row.deviceNo ?? 0) ?? { total: (row.heartbeatsBefore ?? 0) + 1, lastMs: row.atMs })
    : { total: next.heartbeatsBefore ?? 0, lastMs: next.lastBeforeMs ?? row.atMs }
}

/** Newest first; `now` tells of each device of the asset how far it is. */
export const presentTimeline = (rows: readonly TimelineRow[], now: ReadonlyMap<number, SoFar>): readonly Entry[] =>
  rows
    .flatMap((row, index): readonly Entry[] =>
      row.kind === runKind
        ? [...changes(row), ...heartbeats(row, endOf(rows, index, now))]
        : [moment(row, row.kind, row.detail)],
    )
    .toReversed()
