// The directory: every device and its certificates in memory, asked on every request, fresh within a second.
// What the facts mean for a request is decide.ts; reading changed rows is store.ts.
import type { Result } from '@muster/kernel'
import type { KnownDevice } from '../speakers.ts'

export interface KnownCertificate {
  readonly device: KnownDevice
  readonly expiresMs: number
  readonly revoked: boolean
}

export interface Directory {
  /** By SHA-256 of the certificate, lower-case hex without colons. */
  byFingerprint(fingerprint: string): KnownCertificate | undefined
  byId(deviceId: string): KnownDevice | undefined
  byNo(deviceNo: number): KnownDevice | undefined
  /** Reads what changed since the last look; calls at the same time share one look. */
  refresh(): Promise<void>
  readonly size: number
}

/** What the TLS layer says about the certificate a peer showed; `authorized` is its chain, its dates and its purpose. */
export interface Peer {
  readonly fingerprint256Hex: string
  readonly authorized: boolean
  readonly authorizationError?: string | undefined
}

export type DeviceRefusal =
  | 'certificate_missing'
  | 'certificate_untrusted'
  | 'certificate_expired'
  | 'device_not_active'
  | 'credential_missing'
  | 'credential_invalid'

/** In token mode the sensor token names no device; the body's ids do, and the handler asks `directory.byId`. */
export type DeviceSpeaker = KnownDevice | 'anyone-with-the-sensor-token'

export type IdentifyDevice = (
  peer: Peer | null,
  headers: Readonly<Record<string, string | string[] | undefined>>,
) => Result<DeviceSpeaker, DeviceRefusal> | Promise<Result<DeviceSpeaker, DeviceRefusal>>
