// Changes operators make to one device, each within a turn: load, decide, write, record, spread the word.
// The rules are decide.ts; what a change looks like afterwards is read again by devices.ts.
import type { BodyOf, changeDevice, DeviceStatus, deleteDeviceData, mergeDevice, Told } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'
import { type Bounds, wholeTenant } from '../bounds.ts'
import type { By } from '../speakers.ts'
import { cleanText } from '../texts.ts'
import type { Turn } from '../turns.ts'
import { decideDataDeletion, decideMerge, decideStep, type Step } from './decide.ts'
import { derivedNames } from './host-texts.ts'
import {
  closeCertificates,
  type DeviceRow,
  loadDevice,
  loadFormers,
  reopenCertificates,
  replaceTags,
  repointMerged,
  updateDevice,
} from './store.ts'

type Changed<Code extends string> = Promise<Result<unknown, Code>>

const clean = (text: string | undefined): string | null => (text === undefined || text === '' ? null : cleanText(text))

export const stepRow = async (
  turn: Turn,
  by: By,
  bounds: Bounds,
  deviceId: string,
  step: Step,
  reason: string | undefined,
): Changed<'not_found' | 'state_conflict'> => {
  const device = await loadDevice(turn.tx, bounds, deviceId)
  if (device === undefined) return refuse('not_found')
  const decided = decideStep({ status: device.status, isDeleting: isDeleting(device) }, step)
  if (!decided.ok) return decided
  const { status, action } = decided.value
  const statusReason = clean(reason)
  const columns = { status, status_reason: statusReason, ...lifeColumns(status, turn.nowMs) }
  await updateDevice(turn.tx, device.device_no, columns, turn.nowMs)
  if (status === 'revoked') await closeCertificates(turn.tx, device.device_no, turn.nowMs)
  if (status === 'active') await reopenCertificates(turn.tx, device.device_no)
  if (status === 'retired') turn.live({ ...lifeOf(device), what: 'ended', throughMs: turn.nowMs })
  if (status === 'active' && hasEnded(device))
    turn.live({ ...lifeOf(device), what: 'begun_again', throughMs: turn.nowMs })
  const details = { from: device.status, ...(statusReason === null ? {} : { reason: statusReason }) }
  tell(turn, by, device, { topic: action, body: { deviceNo: device.device_no, ...details } }, details)
  return ok(undefined)
}

const lifeOf = (device: DeviceRow) => ({
  tenantId: device.tenant_id,
  deviceNo: device.device_no,
  deviceId: device.device_id,
})

const isDeleting = (device: DeviceRow): boolean => device.data_deletion_ms !== null && device.data_deleted_ms === null

/** What is known of it no longer says what is there. */
export const hasEnded = (device: Pick<DeviceRow, 'retired_ms' | 'data_deletion_ms'>): boolean =>
  device.retired_ms !== null || device.data_deletion_ms !== null

const lifeColumns = (status: DeviceStatus, nowMs: number) => {
  if (status === 'retired') return { retired_ms: nowMs, gone_dark_ms: null }
  return status === 'active'
    ? { retired_ms: null, data_deletion_ms: null, data_deleted_ms: null, gone_dark_ms: null }
    : { gone_dark_ms: null }
}

type WithoutKeys<T> = T extends Told ? Omit<T, 'tenantId' | 'key'> : never
type DeviceTold = WithoutKeys<Told>

/** For the history, for whoever reads the outbox, and for whoever holds the device in memory. */
const tell = (
  turn: Turn,
  by: By,
  { tenant_id: tenantId, device_id: deviceId, device_no: deviceNo }: DeviceRow,
  told: DeviceTold,
  details: Readonly<Record<string, unknown>>,
): void => {
  turn.record({ by, tenantId, action: told.topic, target: { type: 'device', id: deviceId }, details })
  turn.announce({ tenantId, key: deviceId, ...told })
  turn.changed('device', deviceNo)
}

export const mergeRow = async (
  turn: Turn,
  by: By,
  bounds: Bounds,
  deviceId: string,
  { intoId, reason }: BodyOf<typeof mergeDevice>,
  lastContactMs: (deviceNo: number) => number | undefined,
): Changed<'not_found' | 'state_conflict'> => {
  const device = await loadDevice(turn.tx, bounds, deviceId)
  const into = await loadDevice(turn.tx, bounds, cleanText(intoId))
  if (device === undefined) return refuse('not_found')
  if (into === undefined) return refuse('not_found', 'There is no device to merge into by that id.')
  const decided = decideMerge(
    { deviceId: device.device_id, status: device.status },
    { deviceId: into.device_id, status: into.status },
  )
  if (!decided.ok) return decided
  const statusReason = clean(reason)
  const merged = { status: 'merged', status_reason: statusReason, merged_into_no: into.device_no } as const
  const repointed = await repointMerged(turn.tx, device.device_no, into.device_no)
  await updateDevice(turn.tx, device.device_no, merged, turn.nowMs)
  await closeCertificates(turn.tx, device.device_no, turn.nowMs)
  const details = {
    intoId: into.device_id,
    from: device.status,
    ...(statusReason === null ? {} : { reason: statusReason }),
  }
  // It was last what it was when it was last heard; from then on the other speaks for the machine.
  const heardMs = lastContactMs(device.device_no) ?? device.last_contact_ms ?? device.enrolled_ms
  const throughMs = Math.min(heardMs, turn.nowMs)
  if (!hasEnded(device)) turn.live({ ...lifeOf(device), what: 'ended', throughMs })
  tell(turn, by, device, { topic: 'device.merged', body: { deviceNo: device.device_no, ...details } }, details)
  turn.changed('device', into.device_no, ...repointed)
  return ok(undefined)
}

/** Asks for the data of a device, and of those merged into it, to be deleted; what is left to do then is the planes'. */
export const deleteDataRow = async (
  turn: Turn,
  by: By,
  bounds: Bounds,
  deviceId: string,
  { confirm, reason }: BodyOf<typeof deleteDeviceData>,
): Changed<'not_found' | 'state_conflict' | 'request_malformed'> => {
  const device = await loadDevice(turn.tx, bounds, deviceId)
  if (device === undefined) return refuse('not_found')
  const { status, merged_into_id: mergedIntoId } = device
  const decided = decideDataDeletion({ deviceId, status, mergedIntoId }, cleanText(confirm))
  if (!decided.ok) return decided
  if (isDeleting(device)) return ok(undefined)
  const formers = await loadFormers(turn.tx, [device.device_no])
  const asked = { data_deletion_ms: turn.nowMs, data_deleted_ms: null }
  await updateDevice(turn.tx, device.device_no, asked, turn.nowMs)
  // The device itself comes last: when its data is gone, so is that of the others.
  for (const former of formers)
    turn.live({
      tenantId: bounds.tenantId,
      deviceNo: former.device_no,
      deviceId: former.device_id,
      what: 'data_deletion',
      throughMs: turn.nowMs,
    })
  turn.live({ ...lifeOf(device), what: 'data_deletion', throughMs: turn.nowMs })
  const statusReason = clean(reason)
  const details = {
    ...(statusReason === null ? {} : { reason: statusReason }),
    ...(formers.length === 0 ? {} : { formerIds: formers.map((former) => former.device_id) }),
  }
  const body = { deviceNo: device.device_no, ...details }
  tell(turn, by, device, { topic: 'device.data_deletion_requested', body }, details)
  return ok(undefined)
}

/** The data of a device, or of one that was merged into it, is gone. */
export const finishDataDeletion = async (
  turn: Turn,
  by: By,
  tenantId: string,
  deviceId: string,
  counts: Readonly<Record<string, number>>,
): Promise<void> => {
  const device = await loadDevice(turn.tx, wholeTenant(tenantId), deviceId)
  if (device === undefined) return
  tell(turn, by, device, { topic: 'device.data_deleted', body: { deviceNo: device.device_no, counts } }, counts)
  if (isDeleting(device))
    await updateDevice(turn.tx, device.device_no, { data_deleted_ms: turn.nowMs, scanned: 'not' }, turn.nowMs)
}

const labelsOf = (device: DeviceRow, body: BodyOf<typeof changeDevice>) => {
  const displayName = body.displayName === undefined ? device.display_name : clean(body.displayName ?? undefined)
  const texts = {
    hostname: device.hostname,
    osVersion: device.os_version,
    hardwareModel: device.hardware_model,
    sensorVersion: device.sensor_version,
  }
  return {
    display_name: displayName,
    owner: body.owner === undefined ? device.owner : clean(body.owner ?? undefined),
    notes: body.notes === undefined ? device.notes : clean(body.notes ?? undefined),
    ...derivedNames(texts, displayName),
  }
}

export const changeRow = async (
  turn: Turn,
  by: By,
  bounds: Bounds,
  deviceId: string,
  version: number,
  body: BodyOf<typeof changeDevice>,
): Changed<'not_found' | 'version_stale'> => {
  const device = await loadDevice(turn.tx, bounds, deviceId)
  if (device === undefined) return refuse('not_found')
  if (device.version !== version) return refuse('version_stale', `It is at version ${device.version}.`)
  await updateDevice(turn.tx, device.device_no, labelsOf(device, body), turn.nowMs)
  if (body.tags !== undefined) await replaceTags(turn.tx, device, body.tags)
  // Names of what changed, and tags because policies follow them; notes and owners may be personal.
  const details = { changed: Object.keys(body).toSorted(), ...(body.tags === undefined ? {} : { tags: body.tags }) }
  const { tenantId } = bounds
  turn.record({ by, tenantId, action: 'device.changed', target: { type: 'device', id: deviceId }, details })
  turn.changed('device', device.device_no)
  return ok(undefined)
}
