// Who may come in: one verdict per request of a group, in order, each seeing what those before it did.
// Ids are handed in and nothing is stored here (sensor-protocol 4.4, fleet-product 4 and 5.1).
import type { DeviceStatus, Plane } from '@muster/contract'
import { tokenStatus } from '../tokens/decide.ts'

/** A lost response can be asked for again this long without another use of the token. */
export const repeatWindowMs = 10 * 60_000

export interface TokenFacts {
  readonly tokenNo: number
  readonly tenantId: string
  readonly maxUses: number
  readonly useCount: number
  readonly expiresMs: number
  readonly revokedMs: number | null
  readonly allowReenroll: boolean
  readonly planes: readonly Plane[]
}

export interface EnrolledDevice {
  readonly deviceId: string
  readonly status: DeviceStatus
  /** Its data is being deleted; what it would report now could go with it. */
  readonly isDeleting: boolean
}

export interface EnrollFacts {
  readonly nowMs: number
  /** By digest of the raw value. */
  readonly tokens: ReadonlyMap<string, TokenFacts>
  /** By `deviceKey`. */
  readonly devices: ReadonlyMap<string, EnrolledDevice>
  /** When a token last let a key in, by `useKey`. */
  readonly usedMs: ReadonlyMap<string, number>
}

export interface EnrollRequest {
  readonly tokenDigest: string
  readonly keyFingerprint: string
  /** The id this device gets if it is new. */
  readonly freshDeviceId: string
  /** Which wire it comes over; one key on two of them within the window is one use. */
  readonly plane: Plane
  /** Its use was counted when it first asked, and it may come back whatever became of the token but a revocation. */
  readonly isCompletion?: boolean
}

export const REFUSAL_REASONS = [
  'token_unknown',
  'token_revoked',
  'token_expired',
  'token_exhausted',
  'token_plane',
  'device_revoked',
  'device_retired',
  'device_merged',
  'device_data_deleting',
] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

export interface Admission {
  readonly outcome: 'admitted'
  readonly token: TokenFacts
  readonly deviceId: string
  readonly isNew: boolean
  /** A revoked or retired device comes back, because the token allows it. */
  readonly reactivates: boolean
  /** The same key with the same token again, within the window: no further use. */
  readonly isRepeat: boolean
}

export interface EnrollRefusal {
  readonly outcome: 'refused'
  readonly reason: RefusalReason
  readonly token: TokenFacts | undefined
}

export const deviceKey = (tenantId: string, keyFingerprint: string): string => `${tenantId}/${keyFingerprint}`
export const useKey = (tokenNo: number, keyFingerprint: string): string => `${tokenNo}/${keyFingerprint}`

const reasonOfToken = (token: TokenFacts, isRepeat: boolean, nowMs: number): RefusalReason | undefined => {
  const status = tokenStatus(token, nowMs)
  if (status === 'active' || (status === 'exhausted' && isRepeat)) return undefined
  return `token_${status}`
}

/** Merged stays merged: its history already reads as another device's. */
const reasonOfDevice = (device: EnrolledDevice | undefined, token: TokenFacts): RefusalReason | undefined => {
  if (device === undefined || device.status === 'active') return undefined
  if (device.status !== 'merged' && token.allowReenroll) return device.isDeleting ? 'device_data_deleting' : undefined
  return `device_${device.status}`
}

export const decideEnrollments = (
  facts: EnrollFacts,
  requests: readonly EnrollRequest[],
): readonly (Admission | EnrollRefusal)[] => {
  const tokens = new Map(facts.tokens)
  const devices = new Map(facts.devices)
  const usedMs = new Map(facts.usedMs)
  return requests.map(({ tokenDigest, keyFingerprint, freshDeviceId, plane, isCompletion = false }) => {
    const token = tokens.get(tokenDigest)
    if (token === undefined) return { outcome: 'refused', reason: 'token_unknown', token }
    const use = useKey(token.tokenNo, keyFingerprint)
    const isRepeat = isCompletion || facts.nowMs - (usedMs.get(use) ?? Number.NEGATIVE_INFINITY) < repeatWindowMs
    const known = devices.get(deviceKey(token.tenantId, keyFingerprint))
    const ofToken = isCompletion && token.revokedMs === null ? undefined : reasonOfToken(token, isRepeat, facts.nowMs)
    const ofPlane = token.planes.includes(plane) ? undefined : 'token_plane'
    const reason = ofToken ?? ofPlane ?? reasonOfDevice(known, token)
    if (reason !== undefined) return { outcome: 'refused', reason, token }

    const deviceId = known?.deviceId ?? freshDeviceId
    devices.set(deviceKey(token.tenantId, keyFingerprint), { deviceId, status: 'active', isDeleting: false })
    if (!isRepeat) {
      tokens.set(tokenDigest, { ...token, useCount: token.useCount + 1 })
      usedMs.set(use, facts.nowMs)
    }
    const reactivates = known !== undefined && known.status !== 'active'
    return { outcome: 'admitted', token, deviceId, isNew: known === undefined, reactivates, isRepeat }
  })
}
