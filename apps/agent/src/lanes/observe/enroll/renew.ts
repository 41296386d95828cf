// Renewing this device's certificate while the present one still counts, and changing its key with it (ARCHITECTURE 2).
// Whether it is due is decide.ts; a device whose certificate has ended has to enrol again.
import { sign, X509Certificate } from 'node:crypto'
import { renewalStatement } from '@muster/contract/device'
import { type Clock, type Log, ok, type Result } from '@muster/kernel'
import { adoptNextKey, type DeviceKey, loadNextKey } from '../../../folder/device-key.ts'
import type { SensorServer } from '../sync/sensor-server.ts'
import { isRenewalDue, renewalDelayMs, renewalRestMs } from './decide.ts'
import { leafOf } from './enroll.ts'
import { type Enrollment, readEnrollment, writeEnrollment } from './enrollment.ts'
import { settledKey } from './settled-key.ts'

export interface RenewalNeeds {
  readonly dataDir: string
  readonly clock: Clock
  readonly log: Log
}

export interface Renewed {
  readonly enrollment: Enrollment
  /** The key the certificate is for: the one before, or the one that followed it. */
  readonly key: DeviceKey
}

/** Holding the present certificate proves nothing about a new key: it signs for itself. */
const proofOf = ({ privateKey, publicKeySha256 }: DeviceKey, deviceId: string): string =>
  sign('sha256', Buffer.from(renewalStatement(deviceId, publicKeySha256)), privateKey).toString('base64')

/**
 * Trades the certificate for the next one, which is on the disk before this returns; throws when nobody can be asked.
 * A key that is to follow is asked for in its place: the server may have taken it in an answer that was lost.
 */
export const renewOnce = async (
  dataDir: string,
  enrollment: Enrollment,
  sensors: Pick<SensorServer, 'renew'>,
): Promise<Result<Renewed>> => {
  const { tenantId, deviceId } = enrollment
  const next = loadNextKey(dataDir)
  const key = next ?? settledKey(dataDir)
  const publicKey = Buffer.from(key.publicPem).toString('base64')
  const proof = next === null ? {} : { proof: proofOf(next, deviceId) }
  const called = await sensors.renew({ tenantId, deviceId, publicKey, ...proof })
  if (!called.ok) return called
  const { clientCertificate, certificateExpiresAt } = called.value
  const renewed = {
    ...enrollment,
    // Numbers may have been used since the caller read his copy.
    nextLocalSequence: readEnrollment(dataDir)?.nextLocalSequence ?? enrollment.nextLocalSequence,
    clientCertificate: leafOf(clientCertificate, key).toString(),
    certificateExpiresAt,
    publicKeySha256: key.publicKeySha256,
  }
  writeEnrollment(dataDir, renewed)
  if (next !== null) adoptNextKey(dataDir)
  return ok({ enrollment: renewed, key })
}

export const createRenewal = (needs: RenewalNeeds) => {
  const { dataDir, clock, log } = needs
  let issued: { readonly pem: string; readonly atMs: number } | null = null
  let failures = 0
  let notBeforeMs = 0
  let renewedMs = Number.NEGATIVE_INFINITY

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
    async renewIfDue(enrollment: Enrollment, sensors: SensorServer, isAsked: boolean): Promise<Renewed | null> {
      const expiresMs = Date.parse(enrollment.certificateExpiresAt)
      const facts = { issuedMs: issuedMs(enrollment), expiresMs, nowMs: clock.nowMs(), isAsked }
      if (!isRenewalDue(facts) || performance.now() < notBeforeMs) return null
      if (!isAsked && performance.now() - renewedMs < renewalRestMs) return null
      try {
        const renewed = await renewOnce(dataDir, enrollment, sensors)
        if (renewed.ok) {
          failures = 0
          renewedMs = performance.now()
          log.info('certificate renewed', { 'certificate.expires': renewed.value.enrollment.certificateExpiresAt })
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
