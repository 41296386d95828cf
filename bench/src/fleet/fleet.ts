// An invented fleet, enrolled for real: each device has its own key, and the certificate the server gave it for that.
// How fast that went is the enrolment case's business.
import { generateKeyPairSync } from 'node:crypto'
import { createEnrollmentToken } from '@muster/contract'
import { call } from '@muster/http/client'
import type { Server } from '../harness/server.ts'
import { makePapers, openConnection, type Papers } from '../wire/connection.ts'
import { inTurns } from '../wire/in-turns.ts'
import { postRequest } from '../wire/request.ts'

export interface Device {
  readonly tenantId: string
  readonly deviceId: string
  readonly papers: Papers
}

export const enrollPath = '/api/sensor/v1/enroll'
const maxUses = 10_000
const requestsAtOnce = 48

export const issueToken = async (server: Server, uses = maxUses): Promise<string> => {
  const body = { label: 'bench', maxUses: uses, expiresInSeconds: 86_400 }
  const called = await call(server.api, createEnrollmentToken, { body })
  if (!called.ok) throw new Error(`issue an enrolment token: ${called.refusal.code}`)
  return called.value.token
}

export interface Applicant {
  readonly keyPem: string
  readonly request: Buffer
}

/** A machine that is about to enroll: its key, and the request it will send. */
export const inventApplicant = (token: string, no: number): Applicant => {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const body = JSON.stringify({
    token,
    publicKey: Buffer.from(keys.publicKey.export({ type: 'spki', format: 'pem' })).toString('base64'),
    hostname: `Ada's MacBook Pro ${no}`,
    osVersion: 'Version 15.5 (Build 24F74)',
    hardwareModel: 'arm64',
    sensorVersion: 'koban-agent',
  })
  return {
    keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    request: postRequest(enrollPath, body),
  }
}

interface EnrollReply {
  readonly tenantId: string
  readonly deviceId: string
  readonly clientCertificate: string
}

/** One enrolment: a connection of its own, as the protocol has it (sensor-protocol 3.4). */
export const enroll = async (server: Server, stranger: Papers, request: Buffer): Promise<EnrollReply> => {
  const connection = await openConnection(server, stranger)
  const reply = await new Promise<EnrollReply>((resolve, reject) => {
    connection.exchange(request, (heard) => {
      if (heard?.status === 200) resolve(JSON.parse(heard.body.toString()) as EnrollReply)
      else reject(new Error(`enrolment answered ${heard?.status ?? 'nothing'}: ${heard?.body.toString() ?? ''}`))
    })
  })
  connection.close()
  return reply
}

const enrollOne = async (server: Server, stranger: Papers, token: string, no: number): Promise<Device> => {
  const { keyPem, request } = inventApplicant(token, no)
  const { tenantId, deviceId, clientCertificate } = await enroll(server, stranger, request)
  const certPem = Buffer.from(clientCertificate, 'base64').toString()
  return { tenantId, deviceId, papers: makePapers(server.ca, { certPem, keyPem }) }
}

/** Enrols that many devices, ten thousand on each token. */
export const enrollFleet = async (server: Server, count: number): Promise<readonly Device[]> => {
  const devices: Device[] = []
  const stranger = makePapers(server.ca)
  for (let first = 0; first < count; first += maxUses) {
    const token = await issueToken(server)
    await inTurns(Math.min(maxUses, count - first), requestsAtOnce, async (no) => {
      devices[first + no] = await enrollOne(server, stranger, token, first + no)
    })
  }
  return devices
}
