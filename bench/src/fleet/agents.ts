// Invented telemetry agents, let in for real: each has its own key, its own certificate and its own token.
// How many agents come of few is multiply.ts, what they say heartbeats.ts.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { request } from 'node:https'
import { createEnrollmentToken } from '@muster/contract'
import { call } from '@muster/http/client'
import { loopback, type Server } from '../harness/server.ts'
import { makePapers, type Papers } from '../wire/connection.ts'
import { inTurns } from '../wire/in-turns.ts'

export interface InventedAgent {
  readonly agentId: string
  readonly token: string
}

export interface JoinedAgent extends InventedAgent {
  readonly papers: Papers
}

const exchangePath = '/api/v1/agent-enrollment/exchange'
const requestsAtOnce = 12

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, ...(body.length < 128 ? [body.length] : [0x81, body.length])]), body])
}

const oid = (hex: string): Buffer => Buffer.from(hex, 'hex')
const subject = der(0x30, der(0x31, der(0x30, oid('0603550403'), der(0x0c, Buffer.from('oneprotect-agent')))))

/** A key, and the request for a certificate of it. */
const inventKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const info = der(0x30, oid('020100'), subject, publicKey.export({ type: 'spki', format: 'der' }), oid('a000'))
  const signature = der(0x03, Buffer.of(0), sign('sha256', info, privateKey))
  const lines = der(0x30, info, der(0x30, oid('06082a8648ce3d040302')), signature)
    .toString('base64')
    .replaceAll(/.{64}/g, '$&\n')
  return {
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    csrPem: `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`,
  }
}

interface EnrolledReply {
  readonly agent_id: string
  readonly service_account_token: string
  readonly certificate_pem: string
}

/** An address lets in ten agents a minute, so each comes from one of its own; all of them are this machine. */
const addressOf = (no: number): string => `127.1.${(no >> 8) & 0xff}.${no & 0xff}`

const exchangeOnce = (server: Server, no: number, body: string): Promise<EnrolledReply> =>
  new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      host: loopback,
      port: server.port,
      path: exchangePath,
      localAddress: addressOf(no),
      ca: server.ca,
      servername: 'localhost',
      agent: false,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    } as const
    const sent = request(options, (reply) => {
      const pieces: Buffer[] = []
      reply.on('data', (piece: Buffer) => pieces.push(piece))
      reply.on('end', () => {
        const text = Buffer.concat(pieces).toString()
        if (reply.statusCode === 201) resolve(JSON.parse(text) as EnrolledReply)
        else reject(new Error(`an agent was not let in: ${reply.statusCode} ${text}`))
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })

const letIn = async (server: Server, enrollmentToken: string, no: number): Promise<JoinedAgent> => {
  const { keyPem, csrPem } = inventKey()
  const body = JSON.stringify({
    enrollment_token: enrollmentToken,
    csr_pem: csrPem,
    nonce: randomBytes(32).toString('base64url'),
    hostname: `build-${no}`,
    os_family: 'linux',
    agent_version: '0.1.0',
    capabilities: ['token_renewal'],
  })
  const reply = await exchangeOnce(server, no, body)
  return {
    agentId: reply.agent_id,
    token: reply.service_account_token,
    papers: makePapers(server.ca, { certPem: reply.certificate_pem, keyPem }),
  }
}

/** Few: each costs a TLS handshake, two signatures and a transaction of its own. */
export const letInAgents = async (server: Server, count: number): Promise<readonly JoinedAgent[]> => {
  const body = { label: 'bench', maxUses: count, expiresInSeconds: 86_400, planes: ['telemetry' as const] }
  const issued = await call(server.api, createEnrollmentToken, { body })
  if (!issued.ok) throw new Error(`issue an enrolment token: ${issued.refusal.code}`)
  const { token } = issued.value
  const agents: JoinedAgent[] = []
  await inTurns(count, requestsAtOnce, async (no) => {
    agents[no] = await letIn(server, token, no)
  })
  return agents
}
