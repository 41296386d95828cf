// A telemetry platform for tests: real TLS, its own little memory, and levers for everything that a server may answer.
// The product's own server is proved in its rooms; here only the agent is.
import 'reflect-metadata'
import { mkdtempSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { makeAuthority, makeServerLeaf, type TestAuthority } from '@muster/http/testing'
import { sha256Hex } from '@muster/kernel'
import * as x509 from '@peculiar/x509'

export const scratchFolder = (): string => mkdtempSync(join(tmpdir(), 'muster-agent-telemetry-'))

export interface Said {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface HeardSentence {
  readonly path: string
  readonly authorization: string | undefined
  readonly body: Record<string, unknown>
  /** Name in the certificate that was shown, or null. */
  readonly certificate: string | null
}

export const refusal = (status: number, code: string, headers: Record<string, string> = {}): Said => ({
  status,
  headers,
  body: { error: { code, message: 'No.', request_id: 'req_1' } },
})

export interface Levers {
  /** Said instead of what would be, one for each sentence of that kind. */
  readonly exchange: Said[]
  readonly heartbeat: Said[]
  readonly rotate: Said[]
  /** Added to every accepted heartbeat. */
  readonly accepted: Record<string, unknown>
  certificateDays: number
  /** Certificates are said to be from so many days ago. */
  certificateAgeDays: number
  /** Nothing is answered any more. */
  isSilent: boolean
}

/** Digest of the key that a certificate request proves possession of. */
export const keyIn = (csrPem: string): string =>
  sha256Hex(new Uint8Array(new x509.Pkcs10CertificateRequest(csrPem).publicKey.rawData))

const leafFor = async (authority: TestAuthority, { certificateDays, certificateAgeDays }: Levers, csrPem: string) => {
  const request = new x509.Pkcs10CertificateRequest(csrPem)
  if (!(await request.verify())) throw new Error('the request does not prove possession of its key')
  const day = 86_400_000
  return x509.X509CertificateGenerator.create({
    serialNumber: Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex'),
    subject: 'CN=agt_1',
    issuer: authority.certificate.subject,
    notBefore: new Date(Date.now() - certificateAgeDays * day - 300_000),
    notAfter: new Date(Date.now() + (certificateDays - certificateAgeDays) * day),
    signingKey: authority.keys.privateKey,
    publicKey: request.publicKey,
    signingAlgorithm: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
  })
}

const certificateFields = async (authority: TestAuthority, levers: Levers, csrPem: unknown) => {
  const leaf = await leafFor(authority, levers, String(csrPem))
  return {
    certificate_pem: leaf.toString('pem'),
    certificate_chain_pem: authority.certPem,
    certificate_serial_number: leaf.serialNumber,
    certificate_fingerprint_sha256: '0'.repeat(64),
    certificate_expires_at: leaf.notAfter.toISOString(),
  }
}

export const firstToken = 'first-service-account-token'

const enrolled = async (authority: TestAuthority, levers: Levers, body: Record<string, unknown>): Promise<Said> => ({
  status: 201,
  body: {
    status: 'enrolled',
    agent_id: 'agt_1',
    tenant_id: 'default',
    site_id: 'site_default',
    collector_id: 'col_1',
    asset_id: 'ast_1',
    service_account_token: firstToken,
    service_account_token_expires_at: '2027-01-01T00:00:00.000Z',
    ...(await certificateFields(authority, levers, body['csr_pem'])),
    heartbeat_interval_seconds: 60,
    server_time: new Date().toISOString(),
  },
})

const accepted = ({ accepted: more }: Levers): Said => ({
  status: 202,
  body: {
    status: 'accepted',
    agent_id: 'agt_1',
    asset_id: 'ast_1',
    duplicate: false,
    received_at: new Date().toISOString(),
    next_heartbeat_seconds: 60,
    warnings: [],
    ...more,
  },
})

const bodyOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  let text = ''
  for await (const piece of request) text += piece
  return JSON.parse(text) as Record<string, unknown>
}

interface Heard {
  readonly exchanges: HeardSentence[]
  readonly heartbeats: HeardSentence[]
  readonly rotations: HeardSentence[]
  readonly others: HeardSentence[]
}

const kinds = [
  [/\/agent-enrollment\/exchange$/, 'exchanges'],
  [/\/telemetry\/heartbeat$/, 'heartbeats'],
  [/\/certificate\/rotate$/, 'rotations'],
] as const

const answerTo = (
  kind: keyof Heard,
  authority: TestAuthority,
  levers: Levers,
  body: Record<string, unknown>,
): Said | Promise<Said> => {
  if (kind === 'exchanges') return levers.exchange.shift() ?? enrolled(authority, levers, body)
  if (kind === 'heartbeats') return levers.heartbeat.shift() ?? accepted(levers)
  if (kind === 'others') return { status: 404 }
  const rotated = async (): Promise<Said> => ({
    status: 200,
    body: await certificateFields(authority, levers, body['csr_pem']),
  })
  return levers.rotate.shift() ?? rotated()
}

const say = (reply: ServerResponse, { status, body, headers = {} }: Said): void => {
  reply.writeHead(status, { 'content-type': 'application/json', ...headers })
  reply.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}))
}

export const startPlatform = async () => {
  let waiting = Promise.withResolvers<void>()
  const authority = await makeAuthority()
  const leaf = await makeServerLeaf(authority)
  const heard: Heard = { exchanges: [], heartbeats: [], rotations: [], others: [] }
  const levers: Levers = {
    exchange: [],
    heartbeat: [],
    rotate: [],
    accepted: {},
    certificateDays: 90,
    certificateAgeDays: 0,
    isSilent: false,
  }
  const listener = async (request: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const path = request.url ?? ''
    // No sentence of an agent, but somebody who looks whether a server is here.
    if (request.method === 'GET') return say(reply, { status: 404 })
    const kind = kinds.find(([form]) => form.test(path))?.[1] ?? 'others'
    const body = await bodyOf(request)
    const { subject } = (request.socket as TLSSocket).getPeerCertificate()
    const certificate = typeof subject?.CN === 'string' ? subject.CN : null
    heard[kind].push({ path, body, authorization: request.headers.authorization, certificate })
    setImmediate(() => waiting.resolve())
    if (!levers.isSilent) say(reply, await answerTo(kind, authority, levers, body))
  }
  const tls = { cert: leaf.certPem, key: leaf.keyPem, ca: authority.certPem, requestCert: true }
  const server = createServer({ ...tls, rejectUnauthorized: false }, (request, reply) => void listener(request, reply))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const caFile = join(scratchFolder(), 'ca.pem')
  writeFileSync(caFile, authority.certPem)
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caFile,
    levers,
    heard,
    /** Waits for a state, looking again after everything that is heard. */
    until: async (holds: () => boolean): Promise<void> => {
      while (!holds()) {
        await waiting.promise
        waiting = Promise.withResolvers()
      }
    },
    hangUp: (): void => {
      server.closeAllConnections()
      server.close()
    },
  }
}

export type TestPlatform = Awaited<ReturnType<typeof startPlatform>>
