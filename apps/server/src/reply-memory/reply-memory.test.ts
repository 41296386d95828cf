// Proof that a reply is found again by whoever sent the key, for a day, and can be read by nobody else.
// The whole way through a server is in fleet.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Claim } from '@muster/http'
import { createFakeClock, silentLog } from '@muster/kernel'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import * as fc from 'fast-check'
import { rooms } from '../open-storage.ts'
import { createReplyMemory } from './reply-memory.ts'
import { openReply, sealReply } from './seal.ts'

const reply = { requestDigest: 'd', status: 201, body: '{"token":"met_secret"}' }
const request = { owner: 'opt_1', key: 'key', digest: 'd', requestId: 'req_1' }

const mine = (claim: Claim) => {
  if (claim.kind !== 'mine') throw new Error(`the key is ${claim.kind}`)
  return claim
}

eachEngine((engine) => {
  const openMemory = async () => {
    const clock = createFakeClock()
    const storage = await openTestStorage(engine, rooms)
    const open = (holder: string) => createReplyMemory({ storage, clock, log: silentLog, holder })
    const memory = await open('one')
    return { clock, storage, memory, open, [Symbol.asyncDispose]: () => storage.close() }
  }

  test('a reply is found by its owner and key for a day, and then purged', async () => {
    await using opened = await openMemory()
    const { memory, clock } = opened
    await mine(await memory.claim(request)).answer(reply)
    assert.deepEqual(await memory.claim(request), { kind: 'answered', reply })
    for (const other of [
      { ...request, owner: 'opt_2' },
      { ...request, key: 'other' },
    ])
      await mine(await memory.claim(other)).release()
    assert.equal(await memory.purge(), 0)
    clock.advance(24 * 3600 * 1000)
    await mine(await memory.claim(request)).release()
    assert.equal(await memory.purge(), 1)
  })

  test('a key has one holder, who may give it up, and whose death gives it up', async () => {
    await using opened = await openMemory()
    const { memory, clock } = opened
    const first = mine(await memory.claim(request))
    assert.deepEqual(await memory.claim(request), { kind: 'taken', isSameRequest: true })
    assert.deepEqual(await memory.claim({ ...request, digest: 'other' }), { kind: 'taken', isSameRequest: false })
    await first.release()
    mine(await memory.claim(request))
    clock.advance(30_000)
    const third = mine(await memory.claim(request))
    assert.equal((await memory.claim(request)).kind, 'taken')
    await third.answer(reply)
    assert.equal((await memory.claim(request)).kind, 'answered')
  })

  test('the key of a server that ended is free as soon as it is back, and not before for others', async () => {
    await using opened = await openMemory()
    const { memory, open } = opened
    await memory.claim(request)
    const other = await open('two')
    assert.equal((await other.claim(request)).kind, 'taken')
    const again = await open('one')
    mine(await again.claim(request))
    assert.equal((await memory.claim(request)).kind, 'taken')
  })

  test('what was carried out before its reply was lost is not carried out again', async () => {
    await using opened = await openMemory()
    const { memory, storage, open, clock } = opened
    const first = mine(await memory.claim(request))
    await storage.write((tx) => memory.noteEffects(tx, ['req_other', 'req_1']))
    const again = await open('one')
    assert.deepEqual(await again.claim(request), { kind: 'lost', isSameRequest: true })
    assert.deepEqual(await again.claim({ ...request, digest: 'other' }), { kind: 'lost', isSameRequest: false })
    await again.purge()
    assert.equal((await again.claim(request)).kind, 'lost')
    clock.advance(24 * 3600 * 1000)
    await again.purge()
    mine(await again.claim(request))
    await assert.doesNotReject(first.release())
  })

  test('a fault gives the key up unless something was carried out', async () => {
    await using opened = await openMemory()
    const { memory, storage } = opened
    await mine(await memory.claim(request)).abandon()
    const second = mine(await memory.claim(request))
    await storage.write((tx) => memory.noteEffects(tx, ['req_1']))
    await second.abandon()
    assert.equal((await memory.claim(request)).kind, 'lost')
  })

  test('of many who reach for a key at once, one gets it', async () => {
    await using opened = await openMemory()
    const claims = await Promise.all(Array.from({ length: 20 }, () => opened.memory.claim(request)))
    assert.equal(claims.filter(({ kind }) => kind === 'mine').length, 1)
    await mine(claims.find(({ kind }) => kind === 'mine') ?? assert.fail()).answer(reply)
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
