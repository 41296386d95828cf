// Proof that a reply is found again by whoever sent the key, for a day, and can be read by nobody else.
// The whole way through a server is in fleet.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeClock } from '@muster/kernel'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import * as fc from 'fast-check'
import { serverMigrations } from '../migrations.ts'
import { createReplyMemory } from './reply-memory.ts'
import { openReply, sealReply } from './seal.ts'

const reply = { requestDigest: 'd', status: 201, body: '{"token":"met_secret"}' }

eachEngine((engine) => {
  test('a reply is found by its owner and key for a day, and then purged', async () => {
    const clock = createFakeClock()
    const storage = await openTestStorage(engine, [serverMigrations])
    try {
      const memory = createReplyMemory(storage, clock)
      await memory.remember('opt_1', 'key', reply)
      assert.deepEqual(await memory.find('opt_1', 'key'), reply)
      assert.equal(await memory.find('opt_2', 'key'), undefined)
      assert.equal(await memory.find('opt_1', 'other'), undefined)
      assert.equal(await memory.purge(), 0)
      clock.advance(24 * 3600 * 1000)
      assert.equal(await memory.find('opt_1', 'key'), undefined)
      assert.equal(await memory.purge(), 1)
    } finally {
      await storage.close()
    }
  })
})

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

test('a sealed reply shows nothing, and does not open once it was changed', () => {
  const sealed = sealReply('key', reply.body)
  assert.ok(!sealed.includes('met_secret'))
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1
  assert.throws(() => openReply('key', sealed))
})
