// How a device stays in: with a certificate that still counts it gets the next one (ARCHITECTURE 2).
// The rules are decide.ts; a device whose certificate has ended, or was revoked, has to enrol again.
import { createPublicKey, verify } from 'node:crypto'
import { type BodyOf, type ReplyOf, renewalStatement, type renew as renewRoute } from '@muster/contract'
import { type Clock, type Log, ok, type Result, refuse, toIso } from '@muster/kernel'
import type { Authority } from '../authority/authority.ts'
import { type IssuedCertificate, toPem } from '../authority/certificate.ts'
import { unlessUnavailable } from '../authority/unavailable.ts'
import type { DeviceSpeaker } from '../directory/identify.ts'
import { closeOldCertificates } from '../enroll/store.ts'
import { type DeviceKey, parseDeviceKey } from '../keys/public-key.ts'
import type { KnownDevice } from '../speakers.ts'
import type { TakeTurn, Turn } from '../turns.ts'
import { decideRenew, hourMs } from './decide.ts'
import { countIssuedSince, type Db, isKeyTaken, loadKey, writeCertificate, writeKey } from './store.ts'

export interface RenewCall {
  readonly speaker: DeviceSpeaker
  readonly body: BodyOf<typeof renewRoute>
  readonly ip: string
  readonly requestId: string
}

type Code =
  | 'public_key_unacceptable'
  | 'key_proof_invalid'
  | 'key_taken'
  | 'rate_limited'
  | 'identity_mismatch'
  | 'certificate_missing'
  | 'device_not_active'
  | 'authority_unavailable'

export type Renew = (call: RenewCall) => Promise<Result<ReplyOf<typeof renewRoute>, Code>>

export interface RenewNeeds {
  readonly db: Db
  readonly clock: Clock
  readonly takeTurn: TakeTurn
  readonly authority: Authority
  readonly log: Log
}

interface Asked {
  readonly device: KnownDevice
  readonly key: DeviceKey
}

const isProofGood = (proof: string | undefined, deviceId: string, key: DeviceKey): boolean | null => {
  if (proof === undefined) return null
  const publicKey = createPublicKey({ key: key.spki, format: 'der', type: 'spki' })
  const statement = Buffer.from(renewalStatement(deviceId, key.fingerprint))
  try {
    return verify('sha256', statement, publicKey, Buffer.from(proof, 'base64'))
  } catch {
    // Bytes that are no signature at all prove nothing either.
    return false
  }
}

const record = (turn: Turn, call: RenewCall, device: KnownDevice, issued: IssuedCertificate, isNewKey: boolean): void =>
  turn.record({
    by: { actor: { type: 'device', id: device.deviceId, ip: call.ip }, requestId: call.requestId },
    tenantId: device.tenantId,
    action: 'certificate.renewed',
    target: { type: 'certificate', id: issued.serial },
    details: {
      deviceId: device.deviceId,
      authorityId: issued.authorityId,
      fingerprint: issued.fingerprint,
      expiresAt: toIso(issued.notAfterMs),
      ...(isNewKey ? { keyChanged: true } : {}),
    },
  })

const judge = async (db: Db, call: RenewCall, { device, key }: Asked, nowMs: number) => {
  const { deviceNo, deviceId, tenantId } = device
  const currentKeyFingerprint = await loadKey(db, deviceNo)
  if (currentKeyFingerprint === undefined) return refuse('device_not_active')
  return decideRenew({
    currentKeyFingerprint,
    askedKeyFingerprint: key.fingerprint,
    isProofGood: isProofGood(call.body.proof, deviceId, key),
    isKeyTaken: await isKeyTaken(db, tenantId, key.fingerprint, deviceNo),
    issuedInLastHour: await countIssuedSince(db, deviceNo, nowMs - hourMs),
  })
}

/** Signing may take a while elsewhere, so it happens before the turn, and the turn judges once more. */
const renewOne = async (needs: RenewNeeds, call: RenewCall, asked: Asked): Promise<Result<IssuedCertificate, Code>> => {
  const { device, key } = asked
  const { tenantId, deviceId, deviceNo } = device
  const expected = await judge(needs.db, call, asked, needs.clock.nowMs())
  if (!expected.ok) return expected
  const issued = await needs.authority.issue({ tenantId, deviceId, spki: key.spki, renews: true })
  return needs.takeTurn(async (turn) => {
    const { tx, nowMs } = turn
    const decided = await judge(tx, call, asked, nowMs)
    if (!decided.ok) return decided
    if (decided.value === 'new_key') await writeKey(tx, deviceNo, key.fingerprint, nowMs)
    await writeCertificate(tx, device, issued, nowMs)
    await closeOldCertificates(tx, [deviceNo], nowMs)
    turn.changed('device', deviceNo)
    record(turn, call, device, issued, decided.value === 'new_key')
    return ok(issued)
  })
}

export const createRenew =
  (needs: RenewNeeds): Renew =>
  async (call) => {
    const { speaker, body } = call
    // The shared sensor token proves no key, and with it there is no certificate to renew.
    if (speaker === 'anyone-with-the-sensor-token') return refuse('certificate_missing')
    if (body.deviceId !== speaker.deviceId) return refuse('identity_mismatch')
    if (body.tenantId !== undefined && body.tenantId !== speaker.tenantId) return refuse('identity_mismatch')
    const key = parseDeviceKey(body.publicKey)
    if (!key.ok) return key
    const asked = { device: speaker, key: key.value }
    const issued = await unlessUnavailable(needs.log, () => renewOne(needs, call, asked))
    if (!issued.ok) return issued
    return ok({
      clientCertificate: Buffer.from(toPem(issued.value.der)).toString('base64'),
      certificateExpiresAt: toIso(issued.value.notAfterMs),
    })
  }
