// What a device remembers of being an agent (telemetry 16.1): who it is, to whom, with which token and certificate.
// The private key is folder/device-key.ts; obtaining all this is join.
import { X509Certificate } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { FINGERPRINT_SOURCES, type FingerprintSource } from '@muster/contract/device'
import { Secret } from '@muster/kernel'
import * as z from 'zod'
import { makePrivate, readIfThere, writeWhole } from '../../folder/private-file.ts'
import { PlainFault } from '../../plain-fault.ts'

const StoredIdentity = z.object({
  server: z.string(),
  agentId: z.string(),
  tenantId: z.string().nullable(),
  serviceAccountToken: z.string(),
  serviceAccountTokenExpiresAt: z.string().nullable(),
  heartbeatIntervalSeconds: z.int().positive(),
  enrolledAt: z.string(),
})

export type Identity = Omit<z.infer<typeof StoredIdentity>, 'serviceAccountToken'> & {
  readonly serviceAccountToken: Secret
}

/** All that the lane keeps. */
export const laneFolder = (dataDir: string): string => join(dataDir, 'telemetry')

export const identityFile = (dataDir: string): string => join(laneFolder(dataDir), 'identity.json')
export const certificateFile = (dataDir: string): string => join(laneFolder(dataDir), 'agent.crt')
export const rejectionFile = (dataDir: string): string => join(laneFolder(dataDir), 'rejected.json')
export const lastBeatFile = (dataDir: string): string => join(laneFolder(dataDir), 'last-heartbeat.json')

/** Everything that makes this device an agent. */
export const identityFiles = (dataDir: string): readonly string[] =>
  [identityFile, certificateFile, rejectionFile, lastBeatFile].map((of) => of(dataDir))

/** Only its owner may look into it. */
export const makeLaneFolder = (dataDir: string): void =>
  void mkdirSync(laneFolder(dataDir), { recursive: true, mode: 0o700 })

/** Null when this device is no agent; a file that others could read is made private, or refused. */
export const readIdentity = (dataDir: string): Identity | null => {
  const path = identityFile(dataDir)
  const text = readIfThere(path)
  if (text === null) return null
  makePrivate(path)
  try {
    const { serviceAccountToken, ...rest } = StoredIdentity.parse(JSON.parse(text))
    return { ...rest, serviceAccountToken: new Secret(serviceAccountToken) }
  } catch (cause) {
    throw new PlainFault(`${path}: is damaged; run: muster-agent reset, then enrol again`, 1, { cause })
  }
}

export const writeIdentity = (dataDir: string, { serviceAccountToken, ...rest }: Identity): void =>
  writeWhole(
    identityFile(dataDir),
    `${JSON.stringify({ ...rest, serviceAccountToken: serviceAccountToken.reveal() }, null, 2)}\n`,
  )

const sourceFile = (dataDir: string): string => join(laneFolder(dataDir), 'fingerprint-source')

/** What this computer was told by when it first enrolled; it outlives an identity, as the key does. */
export const readFingerprintSource = (dataDir: string): FingerprintSource | null =>
  FINGERPRINT_SOURCES.find((source) => source === readIfThere(sourceFile(dataDir))?.trim()) ?? null

export const writeFingerprintSource = (dataDir: string, source: FingerprintSource): void => {
  makeLaneFolder(dataDir)
  writeWhole(sourceFile(dataDir), `${source}\n`)
}

export interface HeldCertificate {
  /** The leaf and, if the server sent them, what is above it. */
  readonly pem: string
  readonly issuedMs: number
  readonly expiresMs: number
  readonly leaf: X509Certificate
}

/** Null when the server gave none; the token alone then says who this device is. */
export const readCertificate = (dataDir: string): HeldCertificate | null => {
  const pem = readIfThere(certificateFile(dataDir))
  if (pem === null) return null
  const leaf = new X509Certificate(pem)
  return { pem, issuedMs: leaf.validFromDate.getTime(), expiresMs: leaf.validToDate.getTime(), leaf }
}

export const writeCertificate = (dataDir: string, pem: string): void => writeWhole(certificateFile(dataDir), pem)
