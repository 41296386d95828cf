// Hostile bytes in the place of a device's public key: enrolment certifies exactly the key it was given, or refuses.
// Which spellings of a key are taken is tested in identity.
import assert from 'node:assert/strict'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { after, before } from 'node:test'
import { createEnrollmentToken } from '@muster/contract'
import { call } from '@muster/http/client'
import { startTestServer, type TestServer, value } from '@muster/server/testing'
import { bentFrom, fuzz, readCorpus, replay } from './fuzz.ts'

let server: TestServer
let token: string

before(async () => {
  server = await startTestServer()
  const body = { label: 'fuzz', maxUses: 10_000, allowReenroll: true }
  token = (await value(call(server.owner, createEnrollmentToken, { body }))).token
})
after(() => server.close())

const facts = { hostname: 'h', osVersion: 'o', hardwareModel: 'm', sensorVersion: 'koban-agent' }

const enroll = async (publicKey: string): Promise<X509Certificate | null> => {
  const enrolled = await server.rooms.identity.enroll({
    body: { token, publicKey, ...facts },
    ip: '127.0.0.1',
    requestId: 'req_fuzz',
  })
  if (enrolled.ok) return new X509Certificate(Buffer.from(enrolled.value.clientCertificate, 'base64'))
  assert.equal(enrolled.refusal.code, 'public_key_unacceptable')
  return null
}

/** A certificate is for a P-256 key, and for the one whose point stands in the bytes. */
const check = async (bytes: Buffer): Promise<void> => {
  const certificate = await enroll(bytes.toString('base64'))
  if (certificate === null) return
  const { asymmetricKeyDetails } = certificate.publicKey
  assert.equal(asymmetricKeyDetails?.namedCurve, 'prime256v1')
  const again = certificate.publicKey.export({ type: 'spki', format: 'der' })
  const repeated = await enroll(again.toString('base64'))
  assert.ok(repeated?.publicKey.equals(createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' }))))
}

replay('keys', check)
fuzz('keys', 'the corpus, bent', bentFrom(readCorpus('keys')), check)

const checkText = async (bytes: Buffer): Promise<void> => void (await enroll(bytes.toString('latin1')))
const texts = readCorpus('keys').map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes.toString('base64')) }))
fuzz('keys', 'base64 that is bent', bentFrom(texts), checkText)
