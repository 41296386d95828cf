// Letting go of raw events, dead letters, closed intervals and resolved findings that were kept long enough
// (fleet-product 13).
// How long, for whom, and what is on hold is the operators' say; when it is done is the server's.
import { type Storage, type Tx, walkInBatches } from '@muster/storage'
import { type RawBuilder, sql } from 'kysely'
import { dropFilters } from '../events/store.ts'
import { type NamedRow, noteLeaving } from '../sweep/store.ts'
import { sweepNames } from '../sweep/sweep.ts'
import { holdMark, TALLIES, type Tallied } from '../tally/store.ts'
import { findFirstKept } from './store.ts'

/** Rows older than their moment go; a moment of 0 keeps everything. */
export interface ObserveCutoffs {
  readonly eventsBeforeMs: number
  readonly deadLettersBeforeMs: number
  /** Intervals that closed before this moment; open ones stay. */
  readonly intervalsBeforeMs: number
  /** Findings that were resolved before this moment; open ones stay. */
  readonly findingsBeforeMs: number
}

export interface PurgePlan {
  readonly tenants: ReadonlyMap<string, ObserveCutoffs>
  /** For tenants that are not named. */
  readonly others: ObserveCutoffs
  /** Nothing of these devices goes. */
  readonly heldDeviceNos: readonly number[]
}

/** How many rows of what went. */
export interface ObservePurge {
  readonly events: number
  readonly deadLetters: number
  readonly intervals: number
  readonly findings: number
}

export type OnGone = (tenantId: string, purged: keyof ObservePurge, count: number) => void

export interface PurgeOrder {
  readonly plan: PurgePlan
  /** Asked in every transaction that deletes; throws when the plan is no longer what operators want. */
  readonly guard: (tx: Tx) => Promise<void>
  /** Ends the purge after the batch at hand. */
  readonly signal: AbortSignal
}

interface Aging {
  readonly cutoff: keyof ObserveCutoffs
  readonly purged: keyof ObservePurge
  readonly table: string
  readonly key: string
  readonly moment: string
  readonly tallied?: Tallied
  /** What follows for the devices whose rows went. */
  readonly afterwards?: (tx: Tx, deviceNos: readonly number[]) => Promise<void>
  /** Its rows use interned names, which may go when nobody else does. */
  readonly areNamed?: true
  /** The moment says nothing about where in the table a row lies, so the walk goes over all of it. */
  readonly isAnywhere?: true
}

const agings: readonly Aging[] = [
  {
    cutoff: 'eventsBeforeMs',
    purged: 'events',
    table: TALLIES.event.table,
    key: TALLIES.event.key,
    moment: 'received_ms',
    tallied: 'event',
    afterwards: dropFilters,
  },
  {
    cutoff: 'deadLettersBeforeMs',
    purged: 'deadLetters',
    table: TALLIES.deadLetter.table,
    key: TALLIES.deadLetter.key,
    moment: 'received_ms',
    tallied: 'deadLetter',
  },
  {
    cutoff: 'intervalsBeforeMs',
    purged: 'intervals',
    table: 'observe_past',
    key: 'past_no',
    moment: 'to_ms',
    areNamed: true,
  },
  {
    cutoff: 'findingsBeforeMs',
    purged: 'findings',
    table: 'observe_finding',
    key: 'finding_no',
    // Empty while a finding is open.
    moment: 'resolved_ms',
    isAnywhere: true,
  },
]

/** The condition under which a row goes. */
const goes = ({ cutoff, moment }: Aging, { tenants, others, heldDeviceNos }: PurgePlan): RawBuilder<unknown> => {
  const named = [...tenants].map(([tenantId, cutoffs]) => sql`when ${tenantId} then ${sql.lit(cutoffs[cutoff])}`)
  const before =
    named.length === 0
      ? sql`${sql.lit(others[cutoff])}`
      : sql`case tenant_id ${sql.join(named, sql` `)} else ${sql.lit(others[cutoff])} end`
  const held = sql.join(heldDeviceNos.map((no) => sql.lit(no)))
  return heldDeviceNos.length === 0
    ? sql`${sql.ref(moment)} < ${before}`
    : sql`${sql.ref(moment)} < ${before} and device_no not in (${held})`
}

interface GoneRow extends NamedRow {
  readonly tenant_id: string
  readonly device_no: number
  readonly no: number
  readonly count: number
}

const purgeTable = async (
  storage: Pick<Storage, 'db' | 'write'>,
  aging: Aging,
  { plan, guard, signal }: PurgeOrder,
  onGone: (tenantId: string, count: number) => void,
): Promise<void> => {
  const { table, key, cutoff, tallied, afterwards, areNamed, isAnywhere } = aging
  const numbers = areNamed === true ? sql`, path_no, label_no, content_no` : sql``
  const count = tallied === undefined ? sql.lit(1) : TALLIES[tallied].count
  const latestMs = Math.max(plan.others[cutoff], ...[...plan.tenants.values()].map((cutoffs) => cutoffs[cutoff]))
  const where = goes(aging, plan)
  const each = async (tx: Tx, keys: readonly unknown[]): Promise<readonly GoneRow[]> => {
    await guard(tx)
    const takeOff = tallied === undefined ? undefined : await holdMark(tx, tallied)
    const { rows } = await sql<GoneRow>`delete from ${sql.table(table)} where ${sql.ref(key)} in (${sql.join(keys)})
      and ${where} returning tenant_id, device_no, ${sql.ref(key)} as no, ${count} as count${numbers}`.execute(tx)
    if (areNamed === true) await noteLeaving(tx, rows)
    await takeOff?.(rows.map(({ tenant_id, no, count }) => ({ tenantId: tenant_id, no, count })))
    await afterwards?.(tx, [...new Set(rows.map(({ device_no }) => device_no))])
    return rows
  }
  const done = (rows: readonly GoneRow[]): void => {
    for (const [tenantId, gone] of Map.groupBy(rows, ({ tenant_id }) => tenant_id))
      onGone(
        tenantId,
        gone.reduce((sum, { count }) => sum + count, 0),
      )
  }
  const before = isAnywhere === true ? Number.MAX_SAFE_INTEGER : await findFirstKept(storage.db, aging, latestMs)
  await walkInBatches(storage, { table, key, where, before, signal, each, done })
}

/**
 * In small transactions, whole tables at a time whatever tenant a row belongs to; answers what went of each tenant. Told
 * of through `onGone` as it goes, so that a purge that is cut short is known too.
 */
export const purgeObserved = async (
  storage: Pick<Storage, 'db' | 'quick' | 'write'>,
  order: PurgeOrder,
  onGone: OnGone,
): Promise<void> => {
  for (const aging of agings)
    await purgeTable(storage, aging, order, (tenantId, count) => onGone(tenantId, aging.purged, count))
  await sweepNames(storage, order.signal)
}
