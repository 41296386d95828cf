// Programs that sign for the authority, real ones: good, missing, failing, silent, slow, talkative, and many at once.
// What is done with their answers is tested in identity; a whole server with one at the end.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, verify, X509Certificate } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createEnrollmentToken, enroll } from '@muster/contract'
import { call, createClient } from '@muster/http'
import { startTestServer, value } from '../testing/server.ts'
import { createSigningProgram } from './signing-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'muster-signer-'))
after(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
const write = (text: string, mode: number): string => {
  files += 1
  const path = join(folder, `file-${files}`)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}
const program = (...lines: readonly string[]): string =>
  write([`#!${process.execPath}`, ...lines, ''].join('\n'), 0o755)

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const keyFile = write(keys.privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600)
const signer = program(
  "const { readFileSync, writeSync } = require('node:fs')",
  "const { sign } = require('node:crypto')",
  `writeSync(1, sign('sha256', readFileSync(0), readFileSync(${JSON.stringify(keyFile)})))`,
)
const ask = (path: string, timeoutMs = 20_000) => createSigningProgram({ program: path, timeoutMs })

test('a program signs what it is given, many at the same time', async () => {
  const sign = ask(signer)
  const messages = Array.from({ length: 10 }, (_, index) => Buffer.alloc(1000 + index, index))
  const signatures = await Promise.all(messages.map(sign))
  for (const [index, message] of messages.entries())
    assert.ok(verify('sha256', message, keys.publicKey, signatures[index] as Buffer))
})

const faults: readonly [name: string, path: () => string, says: RegExp][] = [
  ['is not there', () => join(folder, 'none'), /none cannot be started: there is no such file/],
  ['may not be executed', () => write('x', 0o644), /cannot be started: this account may not execute it/],
  [
    'fails',
    () => program("console.error('the token is not plugged in')", 'process.exit(3)'),
    /ended with code 3: the token is not plugged in/,
  ],
  ['fails without a word', () => program('process.exit(4)'), /ended with code 4$/],
  ['answers nothing', () => program(''), /answered nothing/],
  ['babbles', () => program("process.stdout.write('x'.repeat(100_000))"), /answered more than a signature/],
]
for (const [name, path, says] of faults)
  test(`a program that ${name} is named`, async () => {
    await assert.rejects(ask(path())(Buffer.alloc(10)), says)
  })

test('a program that never answers is ended', async () => {
  await assert.rejects(ask(program('setInterval(() => {}, 1000)'), 500)(Buffer.alloc(10)), /not answer within 0.5 s/)
})

test('a program that failed does not stand in the way of the next', async () => {
  const sign = ask(program('process.exit(1)'))
  const asked = await Promise.allSettled(Array.from({ length: 9 }, () => sign(Buffer.alloc(10))))
  assert.ok(asked.every(({ status }) => status === 'rejected'))
})

test('the program is told nothing of ours', async () => {
  process.env['MUSTER_TEST_SECRET'] = 'a secret of this server'
  const ours = "Object.keys(process.env).filter((name) => name.startsWith('MUSTER_')).length"
  await assert.rejects(
    ask(program(`console.error(${ours}, 'secrets')`, 'process.exit(1)'))(Buffer.alloc(1)),
    /: 0 secrets/,
  )
  delete process.env['MUSTER_TEST_SECRET']
})

test('a server whose authority is in the hands of openssl enrols devices that its gateway accepts', async () => {
  const [key, root] = [join(folder, 'root.key'), join(folder, 'root.pem')]
  execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key])
  const made = ['-new', '-x509', '-key', key, '-sha256', '-days', '3650', '-subj', '/O=Keeper/CN=Fleet root']
  execFileSync('openssl', ['req', ...made, '-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-out', root])
  const path = write(`#!/bin/sh\nexec openssl dgst -sha256 -sign '${key}'\n`, 0o755)
  const server = await startTestServer({ argv: ['--ca-signer', path, '--ca-certificate', root] })
  try {
    const ca = server.rooms.identity.authority.trustedPems().join('')
    assert.equal(new X509Certificate(ca).subject, 'O=Keeper\nCN=Fleet root')
    const { token } = await value(call(server.owner, createEnrollmentToken, { body: { label: 'one machine' } }))
    const device = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const publicKey = device.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    const baseUrl = `https://localhost:${server.gateway?.port}`
    const stranger = createClient({ baseUrl, ca })
    const texts = { hostname: 'box', osVersion: '1', hardwareModel: 'm', sensorVersion: 'test/1' }
    const reply = await value(call(stranger, enroll, { body: { token, publicKey, ...texts } }))
    const leaf = Buffer.from(reply.clientCertificate, 'base64').toString()
    writeFileSync(join(folder, 'leaf.pem'), leaf)
    const verdict = execFileSync('openssl', [
      'verify',
      '-purpose',
      'sslclient',
      '-CAfile',
      root,
      join(folder, 'leaf.pem'),
    ])
    assert.match(verdict.toString(), /OK/)
    assert.match(readFileSync(root, 'utf8'), /BEGIN CERTIFICATE/)
    stranger.close()
  } finally {
    await server.close()
  }
})
