// The request as others read it: its signature, its key, and nothing else in it.
// What a server does with it is proved in identity.
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import * as x509 from '@peculiar/x509'
import { makeCsr } from './csr.ts'

test('a library reads the request: it proves possession of the key in it, and asks for nothing', async () => {
  for (let round = 0; round < 40; round += 1) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const read = new x509.Pkcs10CertificateRequest(makeCsr(privateKey))
    assert.equal(await read.verify(), true)
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
    assert.deepEqual(Buffer.from(read.publicKey.rawData), spki)
    assert.deepEqual([read.subject, read.extensions.length, read.attributes.length], ['CN=muster-agent', 0, 0])
  }
})
