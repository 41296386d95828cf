// Proof of what a handed-over certificate is worth: its spellings, who may hand it over, and every way it can be wrong.
// A whole server behind a real proxy is in tests/wire.
import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import { createFakeClock } from '@muster/kernel'
import { makeAuthority, makeLeaf, makeServerLeaf, type TestAuthority, type TestLeaf } from '../../testing.ts'
import { createHandOver, type HandOver } from './hand-over.ts'

const minuteMs = 60_000

suite('a certificate that was handed over', () => {
  let authority: TestAuthority
  let leaf: TestLeaf
  const clock = createFakeClock(Date.now())
  let handOver: HandOver

  before(async () => {
    authority = await makeAuthority('devices')
    leaf = await makeLeaf(authority, { name: 'dev_1' })
    handOver = createHandOver({ proxies: ['10.1.0.0/16', '127.0.0.2', 'fd00::/8'], header: 'client-cert', clock })
    handOver.setAuthorities([(await makeAuthority('devices')).certPem, authority.certPem])
  })

  const from = (ip: string) => ({ ip, peer: null })
  const read = (text: string | undefined, ip = '127.0.0.2') =>
    handOver.peerOf(from(ip), text === undefined ? {} : { 'client-cert': text })
  const faultOf = (text: string): string | undefined => {
    const peer = read(text)
    assert.ok(peer.ok && peer.value !== null)
    assert.equal(peer.value.authorized, peer.value.authorizationError === undefined)
    return peer.value.authorizationError
  }
  const base64 = (one: TestLeaf): string => Buffer.from(one.certDer).toString('base64')

  test('is read in every spelling proxies have', () => {
    const spellings = [
      `:${base64(leaf)}:`,
      base64(leaf),
      encodeURIComponent(leaf.certPem),
      leaf.certPem.replaceAll('\n', ' '),
      leaf.certPem.replaceAll('\n', '\t'),
    ]
    for (const spelling of spellings) {
      const peer = read(spelling)
      assert.ok(peer.ok)
      assert.deepEqual(
        [peer.value?.fingerprint256Hex, peer.value?.authorized, peer.value?.authorizationError],
        [leaf.fingerprint256Hex, true, undefined],
      )
    }
  })

  test('is taken from named proxies, whatever the spelling of their address, and from nobody else', () => {
    for (const ip of ['127.0.0.2', '10.1.200.3', '::ffff:10.1.0.1', 'fd00::17'])
      assert.equal(read(base64(leaf), ip).ok, true)
    for (const ip of ['127.0.0.1', '10.2.0.1', '::ffff:10.2.0.1', '::1', '', 'unix']) {
      const refused = read(base64(leaf), ip)
      assert.equal(!refused.ok && refused.refusal.code, 'certificate_untrusted')
    }
  })

  test('is none where the proxy saw none, and that of the connection where nothing is said', () => {
    for (const text of ['', '(null)']) assert.deepEqual(read(text), { ok: true, value: null })
    assert.deepEqual(read(undefined), { ok: true, value: null })
    const peer = { fingerprint256Hex: 'f', authorized: true, authorizationError: undefined }
    assert.deepEqual(handOver.peerOf({ ip: '127.0.0.1', peer }, {}), { ok: true, value: peer })
  })

  test('is refused when it is not exactly one certificate', () => {
    const two = `${base64(leaf)}, ${base64(leaf)}`
    const odd = [
      'AAAA',
      'no certificate',
      two,
      '%',
      '%E0%A4%A',
      ':::',
      `${leaf.certPem}${leaf.certPem}`,
      'A'.repeat(9000),
    ]
    for (const text of odd) {
      const refused = read(text)
      assert.equal(!refused.ok && refused.refusal.code, 'certificate_untrusted', text)
    }
  })

  test('is held against the authorities, the dates and the purpose, as a handshake would', async () => {
    const issue = (order: Partial<Parameters<typeof makeLeaf>[1]>) => makeLeaf(authority, { name: 'dev_1', ...order })
    const past = { notBeforeMs: clock.nowMs() - 2 * minuteMs, notAfterMs: clock.nowMs() - minuteMs }
    const cases: readonly (readonly [TestLeaf, string])[] = [
      [await makeLeaf(await makeAuthority('devices'), { name: 'dev_1' }), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      [await issue(past), 'CERT_HAS_EXPIRED'],
      [await issue({ notBeforeMs: clock.nowMs() + minuteMs }), 'CERT_NOT_YET_VALID'],
      [await makeServerLeaf(authority), 'INVALID_PURPOSE'],
      [await issue({ usage: 'none' }), 'INVALID_PURPOSE'],
    ]
    for (const [one, fault] of cases) assert.equal(faultOf(base64(one)), fault)
  })

  test('is judged anew when the authorities change, and when its time is over', async () => {
    const short = await makeLeaf(authority, { name: 'dev_1', notAfterMs: clock.nowMs() + 10 * minuteMs })
    assert.equal(faultOf(base64(short)), undefined)
    clock.advance(11 * minuteMs)
    assert.equal(faultOf(base64(short)), 'CERT_HAS_EXPIRED')
    assert.equal(faultOf(base64(leaf)), undefined)
    handOver.setAuthorities([])
    assert.equal(faultOf(base64(leaf)), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    handOver.setAuthorities([authority.certPem])
    assert.equal(faultOf(base64(leaf)), undefined)
  })

  test('comes from where the nearest proxy says, if it is one of ours', () => {
    const ipOf = (ip: string, forwarded?: string): string =>
      handOver.ipOf(from(ip), forwarded === undefined ? {} : { 'x-forwarded-for': forwarded })
    assert.equal(ipOf('127.0.0.2', '203.0.113.9, 198.51.100.7'), '198.51.100.7')
    assert.equal(ipOf('127.0.0.2', 'unknown'), '127.0.0.2')
    assert.equal(ipOf('127.0.0.2'), '127.0.0.2')
    assert.equal(ipOf('127.0.0.1', '203.0.113.9'), '127.0.0.1')
  })
})
