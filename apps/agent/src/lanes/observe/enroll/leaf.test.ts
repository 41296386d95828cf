// What a server may send as a certificate (sensor-agent 12.3). The device's own key is folder/device-key.test.ts.
// When to enrol and to renew is decide.test.ts; the conversation itself is tested in the lane.
import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { before, test } from 'node:test'
import { makeAuthority, makeLeaf, type TestLeaf } from '@muster/http/testing'
import { Secret } from '@muster/kernel'
import type { DeviceKey } from '../../../folder/device-key.ts'
import { leafOf } from './enroll.ts'

let leaf: TestLeaf
let authorityPem = ''
let key: DeviceKey
before(async () => {
  const authority = await makeAuthority()
  authorityPem = authority.certPem
  leaf = await makeLeaf(authority, { name: 'dev_1' })
  const privateKey = createPrivateKey(leaf.keyPem)
  key = { privateKey, privatePem: new Secret(leaf.keyPem), publicPem: '', publicKeySha256: '' }
})

const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64')

const forms: { name: string; bytes: () => string | Uint8Array }[] = [
  { name: 'PEM', bytes: () => leaf.certPem },
  {
    name: 'PEM with Windows line ends and words before it',
    bytes: () => `a leaf\r\n${leaf.certPem.replaceAll('\n', '\r\n')}`,
  },
  {
    name: 'PEM on one long line',
    bytes: () => leaf.certPem.replaceAll(/(?<=[A-Za-z0-9+/=])\n(?=[A-Za-z0-9+/=])/g, ''),
  },
  { name: 'PEM followed by its authority', bytes: () => `${leaf.certPem}\n${authorityPem}\n` },
  { name: 'DER', bytes: () => leaf.certDer },
]
for (const { name, bytes } of forms)
  test(`a certificate is taken as ${name}`, () =>
    assert.deepEqual(leafOf(base64(bytes()), key).raw, Buffer.from(leaf.certDer)))

test('what is no certificate, and one for another key, is refused', () => {
  assert.throws(() => leafOf(base64('garbage'), key))
  assert.throws(() => leafOf(base64(authorityPem), key), /another key/)
  assert.equal(new X509Certificate(authorityPem).ca, true)
})
