// One enrolment: the token and the public key go to the server, an identity comes back and is kept.
// Whether and when to try is decide.ts; taking the token out of the file is configuration/spend-token.ts.
import { X509Certificate } from 'node:crypto'
import { type Clock, ok, type Result, refuse, type Secret, toIso } from '@muster/kernel'
import type { DeviceKey } from '../../../folder/device-key.ts'
import type { HostDescription } from '../host.ts'
import type { SensorServer } from '../sync/sensor-server.ts'
import { type Enrollment, readEnrollment, writeEnrollment } from './enrollment.ts'

export interface EnrollNeeds {
  readonly dataDir: string
  readonly server: string
  readonly key: DeviceKey
  readonly host: HostDescription
  readonly clock: Clock
}

/** The leaf as PEM, whether it came as PEM, as a chain or as DER (sensor-protocol 3.3). */
export const leafOf = (base64: string, key: DeviceKey): X509Certificate => {
  const leaf = new X509Certificate(Buffer.from(base64, 'base64'))
  if (!leaf.checkPrivateKey(key.privateKey)) throw new Error('the server sent a certificate for another key')
  return leaf
}

/** Trades the token for an identity, which is on the disk before this returns; throws when the server cannot be asked. */
export const enrollOnce = async (
  { dataDir, server, key, host, clock }: EnrollNeeds,
  token: Secret,
  sensors: SensorServer,
): Promise<Result<Enrollment>> => {
  const called = await sensors.enroll({
    token: token.reveal(),
    publicKey: Buffer.from(key.publicPem).toString('base64'),
    ...host,
  })
  if (!called.ok) return refuse(called.refusal.code, called.refusal.detail)
  const { tenantId, deviceId, clientCertificate, certificateExpiresAt } = called.value
  const enrollment: Enrollment = {
    server,
    tenantId,
    deviceId,
    clientCertificate: leafOf(clientCertificate, key).toString(),
    certificateExpiresAt,
    publicKeySha256: key.publicKeySha256,
    enrolledAt: toIso(clock.nowMs()),
    nextLocalSequence: 1,
  }
  writeEnrollment(dataDir, enrollment)
  return ok(enrollment)
}

/** Copies this device's counter from the database into the file, if it moved on. */
export const rememberSequence = (dataDir: string, deviceId: string, nextLocalSequence: number): void => {
  const enrollment = readEnrollment(dataDir)
  if (enrollment?.deviceId === deviceId && enrollment.nextLocalSequence < nextLocalSequence)
    writeEnrollment(dataDir, { ...enrollment, nextLocalSequence })
}
