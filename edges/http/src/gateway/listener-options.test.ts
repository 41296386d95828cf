// Proof that the gateway shows its certificate with the issuer, whichever of both it was given.
// What devices make of it, and it of theirs, is trust.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeAuthority, makeServerLeaf } from '../testing.ts'
import { secureContextOptions } from './listener-options.ts'

const [authority, namesake, other] = await Promise.all([makeAuthority(), makeAuthority(), makeAuthority('another')])
const leaf = await makeServerLeaf(authority)

const certificatesIn = (pem: unknown): readonly string[] =>
  String(pem)
    .split(/(?<=-----END CERTIFICATE-----)\s*/)
    .filter((text) => text !== '')
const shown = (cert: string, ca: readonly string[]): readonly string[] =>
  certificatesIn(secureContextOptions({ cert, key: leaf.keyPem, ca }).cert)

const leafPem = leaf.certPem.trim()
const issuerPem = authority.certPem.trim()

test('a certificate that comes alone is shown with the authority that issued it', () => {
  assert.deepEqual(shown(leaf.certPem, [other.certPem, namesake.certPem, authority.certPem]), [leafPem, issuerPem])
})
test('a certificate of nobody known is shown alone', () => {
  assert.deepEqual(shown(leaf.certPem, [other.certPem, namesake.certPem]), [leafPem])
  assert.deepEqual(shown(leaf.certPem, []), [leafPem])
})
test('a chain is shown as it was given', () => {
  const chain = `${leafPem}\n${other.certPem}`
  assert.deepEqual(shown(chain, [authority.certPem]), [leafPem, other.certPem.trim()])
})
