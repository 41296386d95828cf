// What a device remembers of its enrolment: who it is, to whom, with which certificate (sensor-agent 12.1).
// The private key is folder/device-key.ts; obtaining all this is enroll.ts.
import { join } from 'node:path'
import * as z from 'zod'
import type { NamedDevice } from '../../../configuration/configuration.ts'
import { readIfThere, writeWhole } from '../../../folder/private-file.ts'
import { PlainFault } from '../../../plain-fault.ts'

const Enrollment = z.object({
  server: z.string(),
  tenantId: z.string(),
  deviceId: z.string(),
  /** PEM of the leaf. */
  clientCertificate: z.string(),
  certificateExpiresAt: z.string(),
  publicKeySha256: z.string(),
  enrolledAt: z.string(),
  /** A copy of the database's counter, so that a lost database does not make the numbers start again. */
  nextLocalSequence: z.int().positive(),
})
export type Enrollment = z.infer<typeof Enrollment>

/** In a server's development mode: this device is who its owner says it is, and there is nothing to keep on the disk. */
export const namedEnrollment = (server: string, named: NamedDevice, publicKeySha256: string): Enrollment => ({
  ...named,
  server,
  publicKeySha256,
  clientCertificate: '',
  certificateExpiresAt: '',
  enrolledAt: '',
  nextLocalSequence: 1,
})

/** A device that was only named fetches no policy, renews nothing, and is not reset (sensor-protocol 4.2). */
export const isNamed = ({ clientCertificate }: Enrollment): boolean => clientCertificate === ''

export const enrollmentFile = (dataDir: string): string => join(dataDir, 'enrollment.json')

export const readEnrollment = (dataDir: string): Enrollment | null => {
  const path = enrollmentFile(dataDir)
  const text = readIfThere(path)
  if (text === null) return null
  try {
    return Enrollment.parse(JSON.parse(text))
  } catch (cause) {
    throw new PlainFault(`${path}: is damaged; run: muster-agent reset, then enrol again`, 1, { cause })
  }
}

export const writeEnrollment = (dataDir: string, enrollment: Enrollment): void =>
  writeWhole(enrollmentFile(dataDir), `${JSON.stringify(enrollment, null, 2)}\n`)
