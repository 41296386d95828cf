// Devices as operators handle them: list, read, describe, and the steps of their life (fleet-product 5).
// What a device may do on the wire is directory/; what was found on it belongs to the observe plane.
import {
  type BodyOf,
  type changeDevice,
  type deleteDeviceData,
  ID_PREFIX,
  type Liveness,
  type mergeDevice,
  type revokeDevice,
} from '@muster/contract'
import { type Clock, newId, ok, type Result, refuse } from '@muster/kernel'
import type { Kysely } from 'kysely'
import { endAgentOfDevice } from '../agents/turns.ts'
import { type Bounds, wholeTenant } from '../bounds.ts'
import type { Directory } from '../directory/directory.ts'
import type { Groups } from '../groups/groups.ts'
import type { Settings } from '../settings/settings.ts'
import { type By, bySystem } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import type { HostTexts } from '../texts.ts'
import type { TakeTurn } from '../turns.ts'
import { type BulkChanges, createBulkChanges } from './bulk/bulk.ts'
import { changeRow, deleteDataRow, finishDataDeletion, mergeRow, stepRow } from './change.ts'
import type { Contacts } from './contacts.ts'
import { countDevices, countLiveness, type DeviceCounts } from './counts.ts'
import { STEPS, type Step } from './decide.ts'
import { loadDetails } from './details.ts'
import { createFind, type Narrow } from './find.ts'
import type { DeviceQuery } from './list.ts'
import { type DeviceRecord, toRecord } from './record.ts'
import { callRoll, type RollEntry, type RollQuery } from './roll.ts'
import { type DeviceRow, loadDevice, loadDevices, loadFormers, loadHostTexts, loadOwnerNos } from './store.ts'

/** A device that is revoked takes its agent with it, for good; one that is retired may bring it back. */
const stepDevice: typeof stepRow = async (turn, by, bounds, deviceId, step, reason) => {
  const stepped = await stepRow(turn, by, bounds, deviceId, step, reason)
  if (stepped.ok && step === 'revoke') await endAgentOfDevice(turn, by, bounds.tenantId, deviceId, reason)
  return stepped
}

export interface DevicePage {
  readonly items: readonly DeviceRecord[]
  readonly nextCursor: string | null
}

export interface DeviceIdPage {
  readonly ids: readonly string[]
  readonly nextCursor: string | null
}

/** What a host said of itself from then on. */
export interface HostText extends HostTexts {
  readonly seenMs: number
}

type TakeStep = (
  by: By,
  bounds: Bounds,
  deviceId: string,
  body: BodyOf<typeof revokeDevice>,
) => Promise<Result<DeviceRecord, 'not_found' | 'state_conflict'>>

export interface Devices extends Readonly<Record<Step, TakeStep>> {
  list(bounds: Bounds, query: DeviceQuery, narrow?: Narrow): Promise<Result<DevicePage, 'request_malformed'>>
  /** The same page by its ids alone, for what is done to many. */
  listIds(bounds: Bounds, query: DeviceQuery, narrow?: Narrow): Promise<Result<DeviceIdPage, 'request_malformed'>>
  readonly many: BulkChanges
  read(bounds: Bounds, deviceId: string): Promise<Result<DeviceRecord, 'not_found'>>
  /**
   * Those of these devices that belong to the tenant, by device number; one that was merged is answered with the device
   * under which it is read now.
   */
  readMany(bounds: Bounds, deviceNos: readonly number[]): Promise<ReadonlyMap<number, DeviceRecord>>
  /** Every device of the tenant that is neither retired nor merged, or these ones, by ascending number. */
  roll(bounds: Bounds, query: RollQuery): Promise<readonly RollEntry[]>
  /** Who may change more than tags is the caller's to ask. */
  change(
    by: By,
    bounds: Bounds,
    deviceId: string,
    version: number,
    body: BodyOf<typeof changeDevice>,
  ): Promise<Result<DeviceRecord, 'not_found' | 'version_stale'>>
  merge(
    by: By,
    bounds: Bounds,
    deviceId: string,
    body: BodyOf<typeof mergeDevice>,
  ): Promise<Result<DeviceRecord, 'not_found' | 'state_conflict'>>
  /** Asks for its data to go; `onLives` hears of it, and what is read under it goes with it. */
  deleteData(
    by: By,
    bounds: Bounds,
    deviceId: string,
    body: BodyOf<typeof deleteDeviceData>,
  ): Promise<Result<DeviceRecord, 'not_found' | 'state_conflict' | 'request_malformed'>>
  /** The rooms that kept its data have deleted it; so many of each kind. */
  finishDataDeletion(tenantId: string, deviceId: string, counts: Readonly<Record<string, number>>): Promise<void>
  counts(bounds: Bounds): Promise<DeviceCounts>
  /** Every number whose history is seen, merged devices among them; undefined for a whole tenant, where that is all. */
  historyNos(bounds: Bounds): readonly number[] | undefined
  /** Over all tenants, for the metrics of the installation. */
  livenessCounts(): Promise<Readonly<Record<Liveness, number>>>
  /** What the host said of itself over time, also before it was merged, newest first. */
  hostHistory(bounds: Bounds, deviceId: string): Promise<Result<readonly HostText[], 'not_found'>>
}

export interface DevicesNeeds {
  readonly db: Kysely<IdentityTables>
  readonly directory: Directory
  readonly contacts: Contacts
  readonly groups: Groups
  readonly settings: Settings
  readonly takeTurn: TakeTurn
  readonly clock: Clock
}

export const createDevices = (needs: DevicesNeeds): Devices => {
  const { db, directory, contacts, settings, takeTurn, clock } = needs
  const { livenessOf } = settings
  const lastContactMs = (deviceNo: number): number | undefined => {
    const device = directory.byNo(deviceNo)
    return device && contacts.lastMs(device)
  }
  /** What was heard lately is perhaps not written yet. */
  const heardOf = (row: DeviceRow): DeviceRow => ({
    ...row,
    last_contact_ms: Math.max(lastContactMs(row.device_no) ?? 0, row.last_contact_ms ?? 0) || null,
  })
  const present = async (bounds: Bounds, rows: readonly DeviceRow[]): Promise<DeviceRecord[]> => {
    const detailsOf = await loadDetails(db, bounds, rows)
    return rows.map((row) => toRecord(heardOf(row), detailsOf(row), livenessOf(bounds.tenantId), clock.nowMs()))
  }
  const presentOne = async (bounds: Bounds, row: DeviceRow | undefined): Promise<Result<DeviceRecord, 'not_found'>> =>
    row === undefined ? refuse('not_found') : ok((await present(bounds, [row]))[0] as DeviceRecord)
  const read = async (bounds: Bounds, deviceId: string) => presentOne(bounds, await loadDevice(db, bounds, deviceId))
  /** Reads again what a change left behind, also when it took the device out of sight. */
  const readAfter = async <Code extends string>(
    bounds: Bounds,
    deviceId: string,
    changed: Promise<Result<unknown, Code>>,
  ): Promise<Result<DeviceRecord, Code | 'not_found'>> => {
    const result = await changed
    if (!result.ok) return result
    return presentOne(bounds, await loadDevice(db, wholeTenant(bounds.tenantId), deviceId))
  }
  const find = createFind(needs)
  const step =
    (name: Step): TakeStep =>
    (by, bounds, deviceId, { reason }) =>
      readAfter(
        bounds,
        deviceId,
        takeTurn((turn) => stepDevice(turn, by, bounds, deviceId, name, reason)),
      )
  const steps = Object.fromEntries(STEPS.map((name) => [name, step(name)])) as Record<Step, TakeStep>

  return {
    ...steps,
    async list(bounds, query, narrow) {
      const page = await find(bounds, query, narrow)
      if (!page.ok) return page
      return ok({ items: await present(bounds, page.value.rows), nextCursor: page.value.nextCursor })
    },
    async listIds(bounds, query, narrow) {
      const page = await find(bounds, query, narrow)
      if (!page.ok) return page
      return ok({ ids: page.value.rows.map((row) => row.device_id), nextCursor: page.value.nextCursor })
    },
    many: createBulkChanges({ takeTurn, step: stepDevice }),
    read,
    async readMany(bounds, deviceNos) {
      const ownerNos = await loadOwnerNos(db, bounds.tenantId, deviceNos)
      const records = await present(bounds, await loadDevices(db, bounds, [...new Set(ownerNos.values())]))
      const byNo = new Map(records.map((record) => [record.deviceNo, record]))
      return new Map(
        deviceNos.flatMap((deviceNo) => {
          const record = byNo.get(ownerNos.get(deviceNo) ?? 0)
          return record === undefined ? [] : [[deviceNo, record]]
        }),
      )
    },
    roll: (bounds, query) => callRoll(needs, bounds, query),
    change: (by, bounds, deviceId, version, body) =>
      readAfter(
        bounds,
        deviceId,
        takeTurn((turn) => changeRow(turn, by, bounds, deviceId, version, body)),
      ),
    merge: (by, bounds, deviceId, body) =>
      readAfter(
        bounds,
        deviceId,
        takeTurn((turn) => mergeRow(turn, by, bounds, deviceId, body, lastContactMs)),
      ),
    deleteData: (by, bounds, deviceId, body) =>
      readAfter(
        bounds,
        deviceId,
        takeTurn((turn) => deleteDataRow(turn, by, bounds, deviceId, body)),
      ),
    finishDataDeletion: (tenantId, deviceId, counts) =>
      takeTurn((turn) => finishDataDeletion(turn, bySystem(newId(ID_PREFIX.request)), tenantId, deviceId, counts)),
    counts: (bounds) => countDevices(db, bounds, directory.within(bounds), contacts, livenessOf, clock.nowMs()),
    historyNos: (bounds) =>
      bounds.groupNos === null ? undefined : directory.within(bounds).map(({ deviceNo }) => deviceNo),
    livenessCounts: async () => countLiveness(directory.all(), contacts, livenessOf, clock.nowMs()),
    async hostHistory(bounds, deviceId) {
      const device = await loadDevice(db, bounds, deviceId)
      if (device === undefined) return refuse('not_found')
      const formers = await loadFormers(db, [device.device_no])
      const rows = await loadHostTexts(db, [device.device_no, ...formers.map((former) => former.device_no)])
      return ok(
        rows.map((row) => ({
          seenMs: row.seen_ms,
          hostname: row.hostname,
          osVersion: row.os_version,
          hardwareModel: row.hardware_model,
          sensorVersion: row.sensor_version,
        })),
      )
    },
  }
}
