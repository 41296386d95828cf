// Renewing this device's certificate while the present one still counts (ARCHITECTURE 2).
// Whether it is due is decide.ts; a device whose certificate has ended has to enrol again.
import { X509Certificate } from 'node:crypto'
import { type Clock, type Log, ok, type Result } from '@muster/kernel'
import type { DeviceKey } from '../../../folder/device-key.ts'
import type { SensorServer } from '../sync/sensor-server.ts'
import { isRenewalDue, renewalDelayMs } from './decide.ts'
import { leafOf } from './enroll.ts'
import { type Enrollment, writeEnrollment } from './enrollment.ts'

export interface RenewalNeeds {
  readonly dataDir: string
  readonly key: DeviceKey
  readonly clock: Clock
  readonly log: Log
}

/** Trades the certificate for the next one, which is on the disk before this returns; throws when nobody can be asked. */
const renewOnce = async (
  { dataDir, key }: RenewalNeeds,
  enrollment: Enrollment,
  sensors: SensorServer,
): Promise<Result<Enrollment>> => {
  const { tenantId, deviceId } = enrollment
  const publicKey = Buffer.from(key.publicPem).toString('base64')
  const called = await sensors.renew({ tenantId, deviceId, publicKey })
  if (!called.ok) return called
  const { clientCertificate, certificateExpiresAt } = called.value
  const renewed = {
    ...enrollment,
    clientCertificate: leafOf(clientCertificate, key).toString(),
    certificateExpiresAt,
  }
  writeEnrollment(dataDir, renewed)
  return ok(renewed)
}

export const createRenewal = (needs: RenewalNeeds) => {
  const { clock, log } = needs
  let issued: { readonly pem: string; readonly atMs: number } | null = null
  let failures = 0
  let notBeforeMs = 0

  const issuedMs = ({ clientCertificate: pem }: Enrollment): number => {
    if (issued?.pem !== pem) issued = { pem, atMs: new X509Certificate(pem).validFromDate.getTime() }
    return issued.atMs
  }

  const failed = (isRouteUnknown: boolean): null => {
    failures += 1
    notBeforeMs = performance.now() + renewalDelayMs(failures, isRouteUnknown)
    return null
  }

  return {
    /** The enrolment with its next certificate, or null when that was not due or did not work; throws nothing. */
    async renewIfDue(enrollment: Enrollment, sensors: SensorServer, isAsked: boolean): Promise<Enrollment | null> {
      const expiresMs = Date.parse(enrollment.certificateExpiresAt)
      const facts = { issuedMs: issuedMs(enrollment), expiresMs, nowMs: clock.nowMs(), isAsked }
      if (!isRenewalDue(facts) || performance.now() < notBeforeMs) return null
      try {
        const renewed = await renewOnce(needs, enrollment, sensors)
        if (renewed.ok) {
          failures = 0
          log.info('certificate renewed', { 'certificate.expires': renewed.value.certificateExpiresAt })
          return renewed.value
        }
        const { code } = renewed.refusal
        log.warn('certificate not renewed', { 'error.code': code })
        return failed(code === 'not_found' || code === 'method_not_allowed')
      } catch (err) {
        log.warn('certificate not renewed', { err })
        return failed(false)
      }
    },
  }
}

export type Renewal = ReturnType<typeof createRenewal>
