// Proof that the hand-made client is as strict, and as flawed, as the published agent: what it does not decode, how it
// retries, what it acks. Tests that use it are worth only as much as this.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeBundle } from './sensor-bundle.ts'
import { createSensor, credentialOf, newKeyPair, routeUrl, wirePublicKey } from './sensor-client.ts'
import { itemEvent, npmItem } from './sensor-events.ts'
import { readJson, writeJson } from './sensor-json.ts'
import { createOutbox, defaultOutboxLimits } from './sensor-outbox.ts'
import { decodeReply, extraKeys } from './sensor-replies.ts'

const syncReply = {
  acceptedThroughLocalSequence: 0,
  acceptedEvents: [],
  rejectedEvents: [],
  serverTime: '2026-06-02T12:00:00.000Z',
  configGeneration: '',
  configUpdateAvailable: false,
  fullResnapshotRequested: false,
  retryAfterSeconds: 15,
  maxBatchBytes: 524_288,
  maxBatchEvents: 500,
}
const text = JSON.stringify(syncReply)

const undecodable: readonly (readonly [name: string, text: string])[] = [
  ['a missing key', JSON.stringify({ ...syncReply, serverTime: undefined })],
  ['null for a list', JSON.stringify({ ...syncReply, acceptedEvents: null })],
  ['a number in quotes', JSON.stringify({ ...syncReply, retryAfterSeconds: '15' })],
  ['a fraction', text.replace('"retryAfterSeconds":15', '"retryAfterSeconds":15.0')],
  ['an exponent', text.replace('"retryAfterSeconds":15', '"retryAfterSeconds":1e1')],
  ['a negative count', text.replace('"retryAfterSeconds":15', '"retryAfterSeconds":-1')],
  ['more than 32 bits', text.replace('"maxBatchBytes":524288', '"maxBatchBytes":4294967296')],
  ['one for true', text.replace('"configUpdateAvailable":false', '"configUpdateAvailable":0')],
  [
    'an accepted event without its flag',
    JSON.stringify({ ...syncReply, acceptedEvents: [{ eventId: 'e', localSequence: 1 }] }),
  ],
  [
    'a rejected event without a message',
    JSON.stringify({ ...syncReply, rejectedEvents: [{ eventId: 'e', localSequence: 1, code: 'c' }] }),
  ],
  ['no object', '[]'],
  ['no JSON', '{'],
  ['nothing', ''],
]
for (const [name, said] of undecodable)
  test(`a reply with ${name} is no reply`, () => {
    const { body, faults } = decodeReply('sync', said)
    assert.deepEqual([body, faults.length], [undefined, 1])
  })

test('a whole reply decodes, unknown keys pass, and tests can see them', () => {
  assert.deepEqual(decodeReply('sync', text).faults, [])
  const more = JSON.stringify({
    ...syncReply,
    more: 1,
    acceptedEvents: [{ eventId: 'e', localSequence: 1, duplicate: true, x: 1 }],
  })
  assert.deepEqual(decodeReply('sync', more).faults, [])
  assert.deepEqual(extraKeys('sync', more), ['sync.acceptedEvents[0].x', 'sync.more'])
})

const base64: readonly (readonly [said: string, decodes: boolean])[] = [
  ['', true],
  ['YQ==', true],
  ['YWI=', true],
  ['YQ', false],
  ['YQ==\n', false],
  ['YW Jj', false],
  ['_-8=', false],
]
for (const [said, decodes] of base64)
  test(`${JSON.stringify(said)} is ${decodes ? '' : 'not '}base64 to the agent`, () => {
    const reply = { tenantId: 't', deviceId: 'd', clientCertificate: said, certificateExpiresAt: '' }
    assert.equal(decodeReply('enroll', JSON.stringify(reply)).body !== undefined, decodes)
  })

test('JSON is written with escaped slashes, raw characters beyond ASCII, and nothing for what is absent', () => {
  assert.equal(writeJson({ path: '/a/ü💻', none: undefined }), String.raw`{"path":"\/a\/ü💻"}`)
  assert.deepEqual(readJson(writeJson({ b: [1, 'x/y', { c: null }] })), { b: [1, 'x/y', { c: null }] })
})

test('the public key is 177 bytes of PEM without a newline at its end', () => {
  const pem = Buffer.from(wirePublicKey(newKeyPair().publicKey), 'base64').toString()
  assert.equal(pem.length, 177)
  assert.match(pem, /^-----BEGIN PUBLIC KEY-----\n[^\n]{64}\n[^\n]{60}\n-----END PUBLIC KEY-----$/)
})

test('routes are appended to the path of the endpoint, and its query survives', () => {
  assert.equal(routeUrl('https://h/base/?x=1', 'sync').href, 'https://h/base/api/sensor/v1/sync?x=1')
  assert.equal(routeUrl('https://h', 'check-in').href, 'https://h/api/sensor/v1/check-in')
})

test('what is no certificate of its key is presented as nothing, silently', () => {
  const keys = newKeyPair()
  for (const certificate of [
    Buffer.alloc(0),
    Buffer.from('garbage'),
    Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
  ])
    assert.equal(
      credentialOf({ tenantId: 't', deviceId: 'd', certificate, certificateExpiresAt: '', generation: null }, keys),
      null,
    )
})

const event = () => itemEvent(npmItem('x', '1.0.0'))

test('a failed batch backs off from 15 seconds, doubling to half an hour', () => {
  const outbox = createOutbox({ ...defaultOutboxLimits })
  outbox.queue('d', event())
  const waits: number[] = []
  let nowMs = 0
  for (let times = 0; times < 9; times += 1) {
    const batch = outbox.takeBatch(nowMs)
    outbox.fail(batch, nowMs)
    waits.push(((batch[0]?.nextAttemptMs ?? 0) - nowMs) / 1000)
    nowMs = batch[0]?.nextAttemptMs ?? 0
  }
  assert.deepEqual(waits, [15, 30, 60, 120, 240, 480, 960, 1800, 1800])
})

test('a watermark acks what was never sent, and a rejection is for ever', () => {
  const outbox = createOutbox({ ...defaultOutboxLimits, maxBatchEvents: 2 })
  for (let times = 0; times < 4; times += 1) outbox.queue('d', event())
  const batch = outbox.takeBatch(0)
  const rejectedEvents = [{ eventId: 'e', localSequence: 2, code: 'rate_limited', message: '' }]
  outbox.apply(batch, 'd', { ...syncReply, acceptedThroughLocalSequence: 3, rejectedEvents }, 0)
  assert.deepEqual(
    outbox.rows().map(({ state }) => state),
    ['acked', 'poison', 'acked', 'pending'],
  )
  assert.equal(outbox.lastAcked('d'), 3)
})

test('a batch keeps its first event however large, and then to the limits', () => {
  const outbox = createOutbox({ ...defaultOutboxLimits, maxBatchBytes: 100 })
  for (let times = 0; times < 3; times += 1) outbox.queue('d', event())
  assert.equal(outbox.takeBatch(0).length, 1)
})

test('an agent that is not enrolled says nothing', async () => {
  const sensor = createSensor({ endpoint: 'https://localhost:1', ca: '' })
  await assert.rejects(sensor.checkIn(), /not enrolled/)
  assert.deepEqual(await sensor.launch(), { enrolled: null, configured: null })
})

const rule = { id: 'a', surface: 'homebrew', match: 'always', severity: 'info', title: 't', rationale: 'r' }
const refusedBundles: readonly (readonly [name: string, bundle: unknown])[] = [
  ['an unknown surface', { rules: [{ ...rule, surface: 'windowsRegistry' }] }],
  ['an unknown severity', { rules: [{ ...rule, severity: 'high' }] }],
  ['an unknown trigger', { rules: [{ ...rule, triggers: ['sometimes'] }] }],
  ['an unknown match', { rules: [{ ...rule, match: 'fieldIs' }] }],
  ['a match without its parameters', { rules: [{ ...rule, match: 'fieldContainsAny', field: 'name' }] }],
  ['a rule without a title', { rules: [{ ...rule, title: undefined }] }],
  ['text for a number', { watch: { maxDepth: '5' } }],
  ['null in a list of texts', { watch: { projectRoots: [null] } }],
  ['no object', []],
]
for (const [name, bundle] of refusedBundles)
  test(`a bundle with ${name} is refused as a whole`, () =>
    assert.equal(decodeBundle(JSON.stringify(bundle)), undefined))

test('a bundle may be empty, say more than is known, and repeat a rule', () => {
  assert.deepEqual(decodeBundle('{}'), { maxBatchEvents: 500, maxBatchBytes: 524_288, rules: [] })
  const bundle = { rules: [rule, { ...rule, colour: 'red' }], sync: { maxBatchEvents: 7 }, more: {} }
  assert.deepEqual(decodeBundle(JSON.stringify(bundle)), {
    maxBatchEvents: 7,
    maxBatchBytes: 524_288,
    rules: [
      ['a', 'homebrew'],
      ['a', 'homebrew'],
    ],
  })
})
