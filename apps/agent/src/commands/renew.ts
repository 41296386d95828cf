// `muster-agent renew`: the next certificate now, and with --new-key a new key for this device, without waiting for the
// present one to near its end. A running agent renews by itself; the exchange is lanes/observe/enroll/renew.ts.
import { rmSync } from 'node:fs'
import { openDataFolder } from '../folder/data-folder.ts'
import { loadNextKey, loadOrMakeNextKey, nextKeyFile } from '../folder/device-key.ts'
import { type Enrollment, readEnrollment } from '../lanes/observe/enroll/enrollment.ts'
import { type Renewed, renewOnce } from '../lanes/observe/enroll/renew.ts'
import { settledKey } from '../lanes/observe/enroll/settled-key.ts'
import { connectSensorServer } from '../lanes/observe/sync/sensor-server.ts'
import { PlainFault, reasonOf } from '../plain-fault.ts'
import { type CommandContext, mustBeGood } from './context.ts'

const expired = ({ certificateExpiresAt }: Enrollment): PlainFault =>
  new PlainFault(
    `the certificate expired ${certificateExpiresAt}, and one that has expired cannot be renewed; ` +
      'run: muster-agent reset, then enrol again with a new token',
    3,
  )

const refusalOf = (enrollment: Enrollment, { code, detail }: { code: string; detail?: string }): PlainFault =>
  code === 'certificate_expired' ? expired(enrollment) : new PlainFault(`the server refuses: ${detail ?? code}`, 3)

const memberOf = ({ configuration: { dataDir, server } }: CommandContext): Enrollment => {
  const enrollment = readEnrollment(dataDir)
  if (enrollment === null || server === null)
    throw new PlainFault('this device is not enrolled; run: muster-agent enroll', 2)
  if (enrollment.server !== server)
    throw new PlainFault('this device is enrolled with another server; run: muster-agent reset', 2)
  return enrollment
}

const ask = async ({ configuration, arguments: { newKey } }: CommandContext, member: Enrollment): Promise<Renewed> => {
  const { dataDir, access } = configuration
  const { privatePem } = settledKey(dataDir)
  const isNew = newKey && loadNextKey(dataDir) === null
  if (newKey) loadOrMakeNextKey(dataDir)
  const identity = { certificatePem: member.clientCertificate, keyPem: privatePem }
  const sensors = connectSensorServer({ server: member.server, access, identity })
  try {
    const renewed = await renewOnce(dataDir, member, sensors).catch((cause: unknown) => {
      throw new PlainFault(`the server could not be asked: ${reasonOf(cause)}`, 1, { cause })
    })
    if (renewed.ok) return renewed.value
    // A server that refuses has not taken the key; one that only did not answer may have.
    if (isNew) rmSync(nextKeyFile(dataDir))
    throw refusalOf(member, renewed.refusal)
  } finally {
    sensors.close()
  }
}

export const renew = async (context: CommandContext): Promise<void> => {
  mustBeGood(context)
  const member = memberOf(context)
  if (Date.parse(member.certificateExpiresAt) <= Date.now()) throw expired(member)
  const folder = openDataFolder(context.configuration.dataDir)
  try {
    const { enrollment } = await ask(context, member)
    const what = enrollment.publicKeySha256 === member.publicKeySha256 ? 'renewed' : 'renewed with a new key'
    context.print(`${what}; the certificate expires ${enrollment.certificateExpiresAt}\n`)
  } finally {
    folder.close()
  }
}
