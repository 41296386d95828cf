// The same change to many devices, some at a time, so that nobody waits long for the writer; each has its own verdict.
// Whoever repeats a request that was cut off gets the rest done. What is done to one device alone is ../change.ts.
import type { DeviceVerdict } from '@muster/contract'
import type { Bounds } from '../../bounds.ts'
import type { By } from '../../speakers.ts'
import { cleanText } from '../../texts.ts'
import type { TakeTurn, Turn } from '../../turns.ts'
import type { stepRow } from '../change.ts'
import { decideTags, done, refused, type TagChange, type TagDeed, unchanged } from './decide.ts'
import { deleteTags, insertTags, loadDevicesById, loadTags, noteChanged } from './store.ts'

export interface BulkChanges {
  /** One verdict for each device that is named, in that order; twice named is once meant. */
  tag(by: By, bounds: Bounds, deviceIds: readonly string[], deed: TagDeed): Promise<readonly DeviceVerdict[]>
  revoke(
    by: By,
    bounds: Bounds,
    deviceIds: readonly string[],
    reason: string | undefined,
  ): Promise<readonly DeviceVerdict[]>
}

export interface BulkNeeds {
  readonly takeTurn: TakeTurn
  /** A step in the life of one device, with what follows from it. */
  readonly step: typeof stepRow
}

/** Devices in one transaction: some ten milliseconds. */
const taggedAtOnce = 200
const revokedAtOnce = 25

type Work = (turn: Turn, deviceIds: readonly string[]) => Promise<readonly DeviceVerdict[]>

const inTurns = async (
  takeTurn: TakeTurn,
  named: readonly string[],
  atOnce: number,
  work: Work,
): Promise<readonly DeviceVerdict[]> => {
  const deviceIds = [...new Set(named.map(cleanText))]
  const verdicts: DeviceVerdict[] = []
  for (let start = 0; start < deviceIds.length; start += atOnce)
    verdicts.push(...(await takeTurn((turn) => work(turn, deviceIds.slice(start, start + atOnce)))))
  return verdicts
}

interface Tagged {
  readonly deviceId: string
  readonly deviceNo: number
  readonly change: TagChange
}

const writeTags = async (turn: Turn, by: By, { tenantId }: Bounds, tagged: readonly Tagged[]): Promise<void> => {
  const rowsOf = (pick: (change: TagChange) => readonly string[]) =>
    tagged.flatMap(({ deviceNo, change }) =>
      pick(change).map((tag) => ({ device_no: deviceNo, tenant_id: tenantId, tag })),
    )
  const deviceNos = tagged.map(({ deviceNo }) => deviceNo)
  await insertTags(
    turn.tx,
    rowsOf(({ added }) => added),
  )
  await deleteTags(
    turn.tx,
    rowsOf(({ removed }) => removed),
  )
  await noteChanged(turn.tx, deviceNos, turn.nowMs)
  for (const { deviceId, change } of tagged) {
    const details = { changed: ['tags'], tags: change.tags }
    turn.record({ by, tenantId, action: 'device.changed', target: { type: 'device', id: deviceId }, details })
  }
  turn.changed('device', ...deviceNos)
}

const tagSome =
  (by: By, bounds: Bounds, deed: TagDeed): Work =>
  async (turn, deviceIds) => {
    const devices = await loadDevicesById(turn.tx, bounds, deviceIds)
    const tags = await loadTags(
      turn.tx,
      [...devices.values()].map((row) => row.device_no),
    )
    const tagged: Tagged[] = []
    const verdicts = deviceIds.map((deviceId) => {
      const device = devices.get(deviceId)
      if (device === undefined) return refused(deviceId, 'not_found')
      const decided = decideTags(tags.get(device.device_no) ?? [], deed)
      if (!decided.ok) return refused(deviceId, decided.refusal.code, decided.refusal.detail)
      const { added, removed } = decided.value
      if (added.length + removed.length === 0) return unchanged(deviceId)
      tagged.push({ deviceId, deviceNo: device.device_no, change: decided.value })
      return done(deviceId)
    })
    await writeTags(turn, by, bounds, tagged)
    return verdicts
  }

const revokeSome =
  (step: BulkNeeds['step'], by: By, bounds: Bounds, reason: string | undefined): Work =>
  async (turn, deviceIds) => {
    const devices = await loadDevicesById(turn.tx, bounds, deviceIds)
    const verdicts: DeviceVerdict[] = []
    for (const deviceId of deviceIds) {
      if (devices.get(deviceId)?.status === 'revoked') {
        verdicts.push(unchanged(deviceId))
        continue
      }
      const stepped = await step(turn, by, bounds, deviceId, 'revoke', reason)
      verdicts.push(stepped.ok ? done(deviceId) : refused(deviceId, stepped.refusal.code, stepped.refusal.detail))
    }
    return verdicts
  }

export const createBulkChanges = ({ takeTurn, step }: BulkNeeds): BulkChanges => ({
  tag: (by, bounds, deviceIds, deed) => inTurns(takeTurn, deviceIds, taggedAtOnce, tagSome(by, bounds, deed)),
  revoke: (by, bounds, deviceIds, reason) =>
    inTurns(takeTurn, deviceIds, revokedAtOnce, revokeSome(step, by, bounds, reason)),
})
