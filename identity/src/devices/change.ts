// Changes operators make to one device, each within a turn: load, decide, write, record, spread the word.
// The rules are decide.ts; what a change looks like afterwards is read again by devices.ts.
import type { BodyOf, changeDevice, mergeDevice } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'
import type { By } from '../speakers.ts'
import { cleanText } from '../texts.ts'
import type { Turn } from '../turns.ts'
import { decideMerge, decideStep, type Step } from './decide.ts'
import { derivedNames } from './host-texts.ts'
import {
  closeCertificates,
  type DeviceRow,
  loadDevice,
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
  tenantId: string,
  deviceId: string,
  step: Step,
  reason: string | undefined,
): Changed<'not_found' | 'state_conflict'> => {
  const device = await loadDevice(turn.tx, tenantId, deviceId)
  if (device === undefined) return refuse('not_found')
  const decided = decideStep(device.status, step)
  if (!decided.ok) return decided
  const { status, action } = decided.value
  const statusReason = clean(reason)
  await updateDevice(turn.tx, device.device_no, { status, status_reason: statusReason }, turn.nowMs)
  if (status === 'revoked') await closeCertificates(turn.tx, device.device_no, turn.nowMs)
  if (status === 'active') await reopenCertificates(turn.tx, device.device_no)
  const details = { from: device.status, ...(statusReason === null ? {} : { reason: statusReason }) }
  turn.record({ by, tenantId, action, target: { type: 'device', id: deviceId }, details })
  turn.changed('device', device.device_no)
  return ok(undefined)
}

export const mergeRow = async (
  turn: Turn,
  by: By,
  tenantId: string,
  deviceId: string,
  { intoId, reason }: BodyOf<typeof mergeDevice>,
): Changed<'not_found' | 'state_conflict'> => {
  const device = await loadDevice(turn.tx, tenantId, deviceId)
  const into = await loadDevice(turn.tx, tenantId, cleanText(intoId))
  if (device === undefined) return refuse('not_found')
  if (into === undefined) return refuse('not_found', 'There is no device to merge into by that id.')
  const decided = decideMerge(
    { deviceId: device.device_id, status: device.status },
    { deviceId: into.device_id, status: into.status },
  )
  if (!decided.ok) return decided
  const statusReason = clean(reason)
  const merged = { status: 'merged', status_reason: statusReason, merged_into_no: into.device_no } as const
  await repointMerged(turn.tx, device.device_no, into.device_no)
  await updateDevice(turn.tx, device.device_no, merged, turn.nowMs)
  await closeCertificates(turn.tx, device.device_no, turn.nowMs)
  const details = {
    intoId: into.device_id,
    from: device.status,
    ...(statusReason === null ? {} : { reason: statusReason }),
  }
  turn.record({ by, tenantId, action: 'device.merged', target: { type: 'device', id: deviceId }, details })
  turn.changed('device', device.device_no, into.device_no)
  return ok(undefined)
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
  tenantId: string,
  deviceId: string,
  version: number,
  body: BodyOf<typeof changeDevice>,
): Changed<'not_found' | 'version_stale'> => {
  const device = await loadDevice(turn.tx, tenantId, deviceId)
  if (device === undefined) return refuse('not_found')
  if (device.version !== version) return refuse('version_stale', `It is at version ${device.version}.`)
  await updateDevice(turn.tx, device.device_no, labelsOf(device, body), turn.nowMs)
  if (body.tags !== undefined) await replaceTags(turn.tx, device, body.tags)
  // Names of what changed, and tags because policies follow them; notes and owners may be personal.
  const details = { changed: Object.keys(body).toSorted(), ...(body.tags === undefined ? {} : { tags: body.tags }) }
  turn.record({ by, tenantId, action: 'device.changed', target: { type: 'device', id: deviceId }, details })
  turn.changed('device', device.device_no)
  return ok(undefined)
}
