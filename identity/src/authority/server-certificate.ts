// The certificate the gateway shows to devices: files an operator supplies, or one the fleet's authority issues.
// Listening with it is the http edge's; when one is due is decide.ts.
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, type Log, Secret, toIso } from '@muster/kernel'
import { createSharedRun } from '@muster/storage'
import { readPrivateFile, writePrivateFile } from '../private-file.ts'
import type { Authority } from './authority.ts'
import { issueServerLeaf, toPem } from './certificate.ts'
import { isServerCertificateDue, planValidity, serverCertificateDays } from './decide.ts'

/** Where the gateway's own certificate comes from. */
export type ServerCertificateSource =
  | { readonly kind: 'files'; readonly keyFile: string; readonly certificateFile: string }
  | { readonly kind: 'issued'; readonly hosts: readonly string[] }

export interface ServerCredentials {
  readonly key: Secret
  /** The leaf, and the chain after it if the operator's file has one. */
  readonly certificatePem: string
  readonly expiresMs: number
}

export interface ServerCertificate {
  current(): ServerCredentials
  /** Reads changed files, or issues anew when the end is near, names changed or the issuer was retired. */
  refresh(): Promise<void>
  /** Called after `current` changed; returns the function that stops it. */
  onChange(listener: () => void): () => void
}

export interface ServerCertificateNeeds {
  readonly authority: Authority
  readonly dataDir: string
  readonly clock: Clock
  readonly log: Log
}

const pair = (keyPem: string, certificatePem: string, from: string): ServerCredentials => {
  const certificate = new X509Certificate(certificatePem)
  if (!certificate.checkPrivateKey(createPrivateKey(keyPem)))
    throw new Error(`the certificate and the key in ${from} do not belong together`)
  return { key: new Secret(keyPem), certificatePem, expiresMs: certificate.validToDate.getTime() }
}

const readSupplied = async (keyFile: string, certificateFile: string): Promise<ServerCredentials> => {
  try {
    const [key, certificate] = await Promise.all([readFile(keyFile, 'utf8'), readFile(certificateFile, 'utf8')])
    return pair(key, certificate, `${certificateFile} and ${keyFile}`)
  } catch (cause) {
    throw new Error(`the gateway's certificate cannot be used: ${certificateFile}, ${keyFile}`, { cause })
  }
}

interface IssuedFile {
  readonly issuerId: string
  readonly hosts: readonly string[]
  readonly expiresMs: number
  readonly keyPem: string
  readonly certificatePem: string
}

const issue = async (needs: ServerCertificateNeeds, hosts: readonly string[]): Promise<IssuedFile> => {
  const issuer = needs.authority.serverIssuer()
  if (issuer === undefined)
    throw new Error('no key of a trusted authority is in the data folder to certify the gateway')
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = keys.publicKey.export({ type: 'spki', format: 'der' })
  const validity = planValidity(needs.clock.nowMs(), serverCertificateDays, issuer.expiresMs)
  const leaf = await issueServerLeaf(issuer, { hosts, spki, ...validity })
  return {
    issuerId: issuer.authorityId,
    hosts,
    expiresMs: leaf.notAfterMs,
    keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    certificatePem: toPem(leaf.der),
  }
}

const parseIssued = (path: string, text: string): IssuedFile => {
  try {
    return JSON.parse(text) as IssuedFile
  } catch (cause) {
    throw new Error(`${path} is damaged: remove it, and a new certificate is issued`, { cause })
  }
}

/** Kept in `ca/gateway.json`, so that a restart shows devices the same certificate. */
const obtain = async (needs: ServerCertificateNeeds, hosts: readonly string[]): Promise<ServerCredentials> => {
  const path = join(needs.dataDir, 'ca', 'gateway.json')
  const text = await readPrivateFile(path)
  const held = text === undefined ? undefined : parseIssued(path, text)
  const issuerId = needs.authority.serverIssuer()?.authorityId
  if (
    held !== undefined &&
    !isServerCertificateDue(held, { issuerId: issuerId ?? held.issuerId, hosts }, needs.clock.nowMs())
  )
    return pair(held.keyPem, held.certificatePem, path)
  const issued = await issue(needs, hosts)
  await writePrivateFile(path, JSON.stringify(issued))
  needs.log.info('gateway certificate issued', { 'certificate.expires': toIso(issued.expiresMs) })
  return pair(issued.keyPem, issued.certificatePem, path)
}

/** Throws when the operator's files cannot be used; later, a file gone bad keeps the certificate that was good. */
export const createServerCertificate = async (
  needs: ServerCertificateNeeds,
  source: ServerCertificateSource,
): Promise<ServerCertificate> => {
  const listeners = new Set<() => void>()
  const load = (): Promise<ServerCredentials> =>
    source.kind === 'files' ? readSupplied(source.keyFile, source.certificateFile) : obtain(needs, source.hosts)
  let current = await load()

  // A slow look must not end after a later one and put an older certificate back.
  const refresh = createSharedRun(async () => {
    try {
      const found = await load()
      if (found.certificatePem === current.certificatePem) return
      current = found
      for (const listener of listeners) listener()
    } catch (error) {
      needs.log.error('the gateway certificate was not renewed', { err: error })
    }
  })
  needs.authority.onChange(() => void refresh())
  return {
    current: () => current,
    refresh,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
