// The three routes of a known sensor: configuration, check-in, sync (sensor-protocol 5 to 7).
// Enrolment is identity's; deciding and storing events happens in the sync unit beside the database.
import { checkIn, config, sync } from '@muster/contract'
import { encodedJson, type Served, serve, serveBytes } from '@muster/http'
import { type DeviceSpeaker, type Directory, isRenewalDue, type KnownDevice } from '@muster/identity'
import { ok, type Result, refuse, toIso } from '@muster/kernel'
import type { SyncAnswer, SyncCall } from '../sync/sync.ts'
import type { BundleLookup } from './bundle.ts'
import { decideCheckIn, decideServed, decideSyncHints, type Hints, type SensorState } from './decide.ts'
import type { SensorStates } from './states.ts'

export interface SensorNeeds {
  readonly directory: Pick<Directory, 'byId'>
  readonly bundleFor: BundleLookup
  readonly states: SensorStates
  readonly syncUnit: (call: SyncCall, transfer: ArrayBuffer[]) => Promise<SyncAnswer>
  readonly touch: (
    deviceNo: number,
    atMs: number,
    said?: { readonly sensorVersion?: string; readonly osVersion?: string },
  ) => void
  readonly isStoreBusy: (error: unknown) => boolean
  readonly onRejected: (code: string, count: number) => void
}

/** Published defaults, for devices without a bundle (sensor-protocol 7.2, 14.2). */
const defaultLimits = { maxBatchBytes: 524_288, maxBatchEvents: 500 }
const retryAfterSeconds = 15

interface Ids {
  readonly tenantId?: string | undefined
  readonly deviceId: string
}

/** The ids of the body must be the speaker's; with the shared sensor token they are all there is. */
const speakerOf = (
  needs: SensorNeeds,
  speaker: DeviceSpeaker,
  { tenantId, deviceId }: Ids,
): Result<KnownDevice, 'identity_mismatch' | 'device_not_active'> => {
  const device = speaker === 'anyone-with-the-sensor-token' ? needs.directory.byId(deviceId) : speaker
  if (device === undefined || device.deviceId !== deviceId) return refuse('identity_mismatch')
  if (tenantId !== undefined && device.tenantId !== tenantId) return refuse('identity_mismatch')
  return device.status === 'active' ? ok(device) : refuse('device_not_active')
}

const assignedTo = (needs: SensorNeeds, device: KnownDevice): string | null =>
  needs.bundleFor(device)?.generation ?? null

const serveConfig = (needs: SensorNeeds): Served<DeviceSpeaker> =>
  serve<typeof config, DeviceSpeaker>(config, async ({ speaker, body, receivedMs }) => {
    const known = speakerOf(needs, speaker, body)
    if (!known.ok) return known
    const bundle = needs.bundleFor(known.value)
    const state = await needs.states.load(known.value)
    needs.states.set(known.value, decideServed(state, bundle?.generation ?? '', receivedMs))
    needs.touch(known.value.deviceNo, receivedMs)
    return ok({ generation: bundle?.generation ?? '', configJson: bundle?.base64 ?? '', signature: '' as const })
  })

const serveCheckIn = (needs: SensorNeeds): Served<DeviceSpeaker> =>
  serve<typeof checkIn, DeviceSpeaker>(checkIn, ({ speaker, body, receivedMs }) => {
    const known = speakerOf(needs, speaker, body)
    if (!known.ok) return known
    const answer = (state: SensorState) => {
      const said = {
        active: body.activeConfigGeneration,
        backlogEvents: body.health.syncBacklogEvents,
        backlogBytes: body.health.syncBacklogBytes,
      }
      const hinted = decideCheckIn(state, said, assignedTo(needs, known.value), receivedMs)
      needs.states.set(known.value, hinted.state)
      needs.touch(known.value.deviceNo, receivedMs, body)
      const isRenewalAsked = isRenewalDue(known.value, body.sensorVersion, receivedMs)
      return ok(encodedJson(checkInJson(hinted.hints, isRenewalAsked, receivedMs)))
    }
    const held = needs.states.peek(known.value.deviceNo)
    return held === undefined ? needs.states.load(known.value).then(answer) : answer(held)
  })

const checkInJson = (hints: Hints, isRenewalAsked: boolean, nowMs: number): string =>
  `{"serverTime":"${toIso(nowMs)}",${hintsJson(hints)},"certificateRenewalRequired":${isRenewalAsked}}`

const hintsJson = (hints: Hints): string =>
  `"configGeneration":${JSON.stringify(hints.configGeneration)},"configUpdateAvailable":${hints.configUpdateAvailable},"fullResnapshotRequested":${hints.fullResnapshotRequested}`

const serveSync = (needs: SensorNeeds): Served<DeviceSpeaker> =>
  serveBytes<typeof sync, DeviceSpeaker>(sync, async ({ speaker, body, receivedMs }) => {
    const known = syncSpeaker(needs, speaker, body)
    if (!known.ok) return known
    const device = known.value
    const answered = await decideBesideDatabase(needs, device, body, receivedMs)
    if (!answered.ok) return answered
    const { value: outcome } = answered
    const bundle = needs.bundleFor(device)
    const state = await needs.states.load(device)
    const hinted = decideSyncHints(state, outcome, bundle?.generation ?? null, receivedMs)
    needs.states.set(device, hinted.state)
    needs.touch(device.deviceNo, receivedMs, { sensorVersion: outcome.sensorVersion })
    for (const code of outcome.rejectedCodes) needs.onRejected(code, 1)
    const { maxBatchBytes, maxBatchEvents } = bundle ?? defaultLimits
    return ok(
      encodedJson(
        `{${outcome.verdictsJson},"serverTime":"${toIso(receivedMs)}",${hintsJson(hinted.hints)},"retryAfterSeconds":${retryAfterSeconds},"maxBatchBytes":${maxBatchBytes},"maxBatchEvents":${maxBatchEvents}}`,
      ),
    )
  })

/** In token mode only the body says who speaks, so it is read here too; that mode is for development. */
const syncSpeaker = (
  needs: SensorNeeds,
  speaker: DeviceSpeaker,
  body: Uint8Array,
): Result<KnownDevice, 'identity_mismatch' | 'device_not_active' | 'request_malformed'> => {
  if (speaker !== 'anyone-with-the-sensor-token') return ok(speaker)
  try {
    const ids = JSON.parse(Buffer.from(body).toString()) as Ids | null
    return typeof ids?.deviceId === 'string' ? speakerOf(needs, speaker, ids) : refuse('request_malformed')
  } catch {
    return refuse('request_malformed', 'The body is not JSON in UTF-8.')
  }
}

const decideBesideDatabase = async (
  needs: SensorNeeds,
  device: KnownDevice,
  body: Uint8Array<ArrayBuffer>,
  receivedMs: number,
): Promise<SyncAnswer> => {
  const { deviceNo, deviceId, formerDeviceIds, tenantId, enrolledMs } = device
  const speaker = { deviceNo, deviceId, formerDeviceIds, tenantId, enrolledMs }
  try {
    return await needs.syncUnit({ speaker, body, receivedMs }, [body.buffer])
  } catch (error) {
    if (needs.isStoreBusy(error)) return refuse('store_busy')
    throw error
  }
}

/** The sensor routes for the gateway; each is told who speaks by the listener. */
export const serveSensor = (needs: SensorNeeds): readonly Served<DeviceSpeaker>[] => [
  serveConfig(needs),
  serveCheckIn(needs),
  serveSync(needs),
]
