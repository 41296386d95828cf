// What a presented credential means: which device is speaking, or why nobody is (sensor-protocol 3.5).
// Facts come from the TLS layer and the directory; nothing is looked up here.
import type { DeviceStatus } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'

/** What the TLS layer says about the certificate a peer showed; `authorized` is its chain, its dates and its purpose. */
export interface Peer {
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint256Hex: string
  readonly authorized: boolean
  readonly authorizationError?: string | undefined
}

export interface CertificateFacts<Device extends { readonly status: DeviceStatus }> {
  readonly device: Device
  readonly expiresMs: number
  readonly revoked: boolean
}

export type CertificateRefusal =
  | 'certificate_missing'
  | 'certificate_untrusted'
  | 'certificate_expired'
  | 'device_not_active'

const expiredError = 'CERT_HAS_EXPIRED'

/**
 * A device must both be trusted by TLS and be known by this very certificate: a chain proves who signed, only our own
 * record proves that it still counts. Connections stay open for days, so the end date is checked on each request.
 */
export const decideCertificate = <Device extends { readonly status: DeviceStatus }>(
  peer: Peer | null,
  known: CertificateFacts<Device> | undefined,
  nowMs: number,
): Result<Device, CertificateRefusal> => {
  if (peer === null) return refuse('certificate_missing')
  if (known === undefined) return refuse('certificate_untrusted')
  if (!peer.authorized && peer.authorizationError !== expiredError) return refuse('certificate_untrusted')
  if (known.device.status !== 'active') return refuse('device_not_active')
  if (known.revoked) return refuse('certificate_untrusted')
  if (known.expiresMs <= nowMs || !peer.authorized) return refuse('certificate_expired')
  return ok(known.device)
}

/** Groups of a device: explicit ones, and those whose tag it carries. Ascending, each once. */
export const groupNosOf = (
  explicit: readonly number[],
  tags: readonly string[],
  groupsByTag: ReadonlyMap<string, readonly number[]> | undefined,
): readonly number[] => {
  const byTag = groupsByTag === undefined ? [] : tags.flatMap((tag) => groupsByTag.get(tag) ?? [])
  if (byTag.length === 0) return explicit
  return [...new Set([...explicit, ...byTag])].toSorted((left, right) => left - right)
}
