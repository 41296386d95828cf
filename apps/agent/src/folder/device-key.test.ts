// The device's own key on a real disk, and how its public half goes out on the wire (sensor-protocol 3.1, 3.2).
// Certificates for it are enroll/leaf.test.ts.
import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { scratchFolder } from '../lanes/observe/testing/stores.ts'
import { deviceKeyFile, loadOrMakeKey } from './device-key.ts'

test('the public key goes out as PEM: armour first and last, lines of 64 columns, a P-256 key and nothing more', () => {
  const folder = scratchFolder()
  const { publicPem } = loadOrMakeKey(folder)
  const lines = publicPem.split('\n')
  assert.deepEqual([lines[0], lines.at(-1)], ['-----BEGIN PUBLIC KEY-----', '-----END PUBLIC KEY-----'])
  assert.deepEqual(
    lines.slice(1, -1).map(({ length }) => length),
    [64, 60],
  )
  const der = createPublicKey(publicPem).export({ type: 'spki', format: 'der' })
  assert.equal(der.subarray(0, 26).toString('hex'), '3059301306072a8648ce3d020106082a8648ce3d030107034200')
  assert.deepEqual([der.length, der[26]], [91, 4])
})

test('a key is made once, for its owner’s eyes, and one that is none is told and left alone', () => {
  const folder = scratchFolder()
  const first = loadOrMakeKey(folder)
  assert.equal(loadOrMakeKey(folder).publicPem, first.publicPem)
  assert.equal(statSync(deviceKeyFile(folder)).mode & 0o777, 0o600)
  writeFileSync(deviceKeyFile(folder), 'not a key')
  assert.throws(() => loadOrMakeKey(folder), /device-key\.pem: is not a private key/)
  assert.equal(readFileSync(deviceKeyFile(folder), 'utf8'), 'not a key')
})
