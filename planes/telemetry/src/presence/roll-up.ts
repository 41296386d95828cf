// What becomes of packs with age: every finished day is rolled up once, and what is older than its term goes (telemetry 13.3).
// How samples become points is decide.ts.
import type { Clock, Log } from '@muster/kernel'
import { type Db, inBatches, type Storage, type Tx, walkInBatches } from '@muster/storage'
import { sql } from 'kysely'
import { purgeTimeline } from '../asset/age.ts'
import { loadNewestPackNo } from '../heartbeat/pack-store.ts'
import { measuresOf } from '../heartbeat/sample.ts'
import { loadMark, storeMark } from '../heartbeat/store.ts'
import { KEPT_MS, mergePoints, rollUp, STEP_MS, startOf } from './decide.ts'
import { type Hold, notHeld } from './holds.ts'
import { deleteOldDays, loadPacked, loadPresentNos, type RolledDay, type RollUpTable, storeRolled } from './store.ts'

export interface RollUpNeeds {
  readonly storage: Pick<Storage, 'db' | 'write'>
  readonly holds: (db: Db) => Promise<readonly Hold[]>
  readonly clock: Clock
  readonly log: Log
}

const dayMs = STEP_MS.day
/** By then everything of a day is in packs; see the age of tails. */
const settledAfterMs = STEP_MS.hour
const devicesAtOnce = 100

const rolledMark = 'rolled_through'
/** The number packs had reached when a day was rolled up: none behind it is of that day or before. */
const packsMark = (day: number): string => `packs_through_${day}`

const rollDevices = async ({ storage }: RollUpNeeds, deviceNos: readonly number[], day: number): Promise<void> => {
  const packed = await loadPacked(storage.db, deviceNos, { fromMs: day, beforeMs: day + dayMs })
  const hours = packed.map(({ deviceNo, tenantId, samples }): RolledDay => {
    return { deviceNo, tenantId, dayMs: day, points: rollUp(samples.map(measuresOf), 'hour') }
  })
  const rolled = hours.filter(({ points }) => points.length > 0)
  if (rolled.length === 0) return
  await storage.write(async (tx) => {
    await storeRolled(tx, 'telemetry_hours', rolled)
    const days = rolled.map((one) => ({ ...one, points: mergePoints(one.points, 'day') }))
    await storeRolled(tx, 'telemetry_day', days)
  })
}

const rollDay = async (needs: RollUpNeeds, day: number, signal: AbortSignal): Promise<void> => {
  const { db, write } = needs.storage
  let afterNo = 0
  while (!signal.aborted) {
    const deviceNos = await loadPresentNos(db, afterNo, devicesAtOnce)
    if (deviceNos.length === 0) break
    await rollDevices(needs, deviceNos, day)
    afterNo = deviceNos.at(-1) ?? afterNo
  }
  if (signal.aborted) return
  const packNo = await loadNewestPackNo(db)
  await write(async (tx) => {
    await storeMark(tx, packsMark(day), packNo)
    await storeMark(tx, rolledMark, day)
  })
}

/** Each day that is over and whose packs may still be there. */
const rollDays = async (needs: RollUpNeeds, signal: AbortSignal): Promise<void> => {
  const nowMs = needs.clock.nowMs()
  const oldest = startOf(nowMs - KEPT_MS.minute, 'day')
  const done = await loadMark(needs.storage.db, rolledMark)
  for (let day = Math.max(oldest, done + dayMs); day + dayMs + settledAfterMs <= nowMs && !signal.aborted; day += dayMs)
    await rollDay(needs, day, signal)
}

/** The newest pack of a device stays for ever: it holds the latest that is known of it. */
const notNewest = sql`exists (select 1 from telemetry_pack as newer
  where newer.device_no = telemetry_pack.device_no and newer.through_ms > telemetry_pack.through_ms)`

/** Holds are asked again within the transaction: once one is placed, nothing it covers goes. */
const deleteUnheld =
  ({ holds }: RollUpNeeds, table: string, key: string) =>
  async (tx: Tx, keys: readonly unknown[]): Promise<void> => {
    await tx
      .deleteFrom(table)
      .where(key, 'in', keys)
      .where(notHeld(await holds(tx)))
      .execute()
  }

const purgePacks = async (needs: RollUpNeeds, signal: AbortSignal): Promise<void> => {
  const { storage, clock, holds } = needs
  const cutoffMs = clock.nowMs() - KEPT_MS.minute
  const lastOldDay = startOf(cutoffMs, 'day') - dayMs
  const before = (await loadMark(storage.db, packsMark(lastOldDay))) + 1
  const where = sql`through_ms < ${cutoffMs} and ${notNewest} and ${notHeld(await holds(storage.db))}`
  const each = deleteUnheld(needs, 'telemetry_pack', 'pack_no')
  await walkInBatches(storage, { table: 'telemetry_pack', key: 'pack_no', where, before, signal, each })
}

/** Descriptions that no kept sample refers to, but for the present ones. */
const purgeDescriptions = async (needs: RollUpNeeds, signal: AbortSignal): Promise<void> => {
  const { storage, clock, holds } = needs
  await walkInBatches(storage, {
    table: 'telemetry_description',
    key: 'description_no',
    where: sql`${notHeld(await holds(storage.db))} and described_ms < ${clock.nowMs() - KEPT_MS.minute - dayMs}
      and exists (select 1 from telemetry_description as newer where newer.device_no = telemetry_description.device_no
        and newer.description_no > telemetry_description.description_no
        and newer.described_ms < ${clock.nowMs() - KEPT_MS.minute - dayMs})
      and not exists (select 1 from telemetry_presence as present
        where present.description_no = telemetry_description.description_no)`,
    before: Number.MAX_SAFE_INTEGER,
    signal,
    each: deleteUnheld(needs, 'telemetry_description', 'description_no'),
  })
}

const purgeRolled = async ({ storage, clock, holds }: RollUpNeeds, signal: AbortSignal): Promise<void> => {
  const terms: readonly (readonly [table: RollUpTable, keptMs: number])[] = [
    ['telemetry_hours', KEPT_MS.hour],
    ['telemetry_day', KEPT_MS.day],
  ]
  for (const [table, keptMs] of terms)
    await inBatches(storage, {
      signal,
      step: async (tx, size) => ({
        count: await deleteOldDays(tx, table, { beforeMs: clock.nowMs() - keptMs, holds: await holds(tx), size }),
      }),
    })
}

/** One look at everything that is due; whatever fails is tried again with the next. */
export const lookAfterAge = async (needs: RollUpNeeds, signal: AbortSignal): Promise<void> => {
  try {
    await rollDays(needs, signal)
    await purgePacks(needs, signal)
    await purgeDescriptions(needs, signal)
    await purgeRolled(needs, signal)
    await purgeTimeline(needs, needs.clock.nowMs(), signal)
  } catch (err) {
    needs.log.warn('heartbeats not rolled up', { err })
  }
}
