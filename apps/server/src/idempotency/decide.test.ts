// Proof of what a repeated key means, and that a kept reply opens with its own key only.
// The whole way through a server is in fleet.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decideIdempotency, keepMs, type Remembered } from './decide.ts'
import { openReply, sealReply } from './seal.ts'

const nowMs = 10 * keepMs
const reply = new Uint8Array([1])
const remembered = (more: Partial<Remembered>): Remembered => ({
  requestDigest: 'a',
  sealedReply: reply,
  createdMs: nowMs - 1,
  ...more,
})

const cases: readonly { name: string; held: Remembered | undefined; want: string }[] = [
  { name: 'a new key runs', held: undefined, want: 'run' },
  { name: 'the same request is answered again', held: remembered({}), want: 'replay' },
  { name: 'another request is a conflict', held: remembered({ requestDigest: 'b' }), want: 'conflict' },
  { name: 'an unfinished request is a conflict', held: remembered({ sealedReply: null }), want: 'conflict' },
  { name: 'a key from a day ago runs again', held: remembered({ createdMs: nowMs - keepMs }), want: 'run' },
]

for (const { name, held, want } of cases) test(name, () => assert.equal(decideIdempotency(held, 'a', nowMs).kind, want))

test('a sealed reply opens with its own key and with no other', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), fc.string(), (key, other, text) => {
      const sealed = sealReply(key, text)
      assert.equal(openReply(key, sealed), text)
      if (other !== key) assert.throws(() => openReply(other, sealed))
    }),
    { numRuns: 30 },
  )
})

test('a sealed reply that was changed does not open', () => {
  const sealed = sealReply('key', 'met_secret')
  assert.ok(!sealed.includes('met_secret'))
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1
  assert.throws(() => openReply('key', sealed))
})
