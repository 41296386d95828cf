// What a repeated key means, in every order of arrival.
// That the API asks is tested in api.test.ts; where replies are kept is the app's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ok, refuse } from '@muster/kernel'
import { createReplyMemory } from './api.fixture.ts'
import { createIdempotency } from './idempotency.ts'

const request = { owner: 'opt_1', key: 'k', digest: 'd', requestId: 'req_1' }
const reply = ok({ status: 201, body: '{}' })

const counted = () => {
  let runs = 0
  return { work: async () => (runs++, reply), runs: () => runs }
}

test('a key answered before gives the same reply without running again', async () => {
  const once = createIdempotency(createReplyMemory())
  const { work, runs } = counted()
  assert.deepEqual(await once.once(request, work), reply)
  const again = await once.once(request, work)
  assert.equal(again.ok && again.value.body, '{}')
  assert.equal(runs(), 1)
})

test('a key that is being answered runs once, however many ask', async () => {
  const once = createIdempotency(createReplyMemory())
  const { work, runs } = counted()
  const replies = await Promise.all(Array.from({ length: 20 }, () => once.once(request, work)))
  assert.ok(replies.every((one) => one.ok))
  assert.equal(runs(), 1)
})

test('the same key with another request is a conflict, during and after', async () => {
  const once = createIdempotency(createReplyMemory())
  const { work } = counted()
  const first = once.once(request, work)
  const other = { ...request, digest: 'other' }
  assert.deepEqual(await once.once(other, work), refuse('idempotency_conflict'))
  await first
  assert.deepEqual(await once.once(other, work), refuse('idempotency_conflict'))
})

test('two servers with one memory run the work once, and give the same reply', async () => {
  const memory = createReplyMemory()
  const [one, other] = [createIdempotency(memory), createIdempotency(memory)]
  const going = Promise.withResolvers<void>()
  const { work, runs } = counted()
  const slow = async () => {
    await going.promise
    return work()
  }
  const first = one.once(request, slow)
  const second = other.once(request, slow)
  assert.deepEqual(await other.once({ ...request, digest: 'other' }, work), refuse('idempotency_conflict'))
  going.resolve()
  const replies = await Promise.all([first, second])
  assert.deepEqual(
    replies.map((answered) => answered.ok && answered.value.body),
    ['{}', '{}'],
  )
  assert.equal(runs(), 1)
})

test('a server that waited for one that was refused runs the work itself', async () => {
  const memory = createReplyMemory()
  const [one, other] = [createIdempotency(memory), createIdempotency(memory)]
  const going = Promise.withResolvers<void>()
  const refused = one.once(request, async () => {
    await going.promise
    return refuse('name_taken')
  })
  const second = other.once(request, async () => reply)
  going.resolve()
  assert.deepEqual(await refused, refuse('name_taken'))
  assert.deepEqual(await second, reply)
})

test('keys of two operators are two keys', async () => {
  const once = createIdempotency(createReplyMemory())
  const { work, runs } = counted()
  await once.once(request, work)
  await once.once({ ...request, owner: 'opt_2' }, work)
  assert.equal(runs(), 2)
})

test('a refusal and a fault are not remembered: nothing happened, so it may be tried again', async () => {
  const once = createIdempotency(createReplyMemory())
  assert.deepEqual(await once.once(request, async () => refuse('name_taken')), refuse('name_taken'))
  await assert.rejects(
    once.once(request, async () => {
      throw new Error('broke')
    }),
    /broke/,
  )
  assert.deepEqual(await once.once(request, async () => reply), reply)
})

test('what was carried out, and whose reply was lost, is refused and not run again', async () => {
  const once = createIdempotency({ claim: async ({ digest }) => ({ kind: 'lost', isSameRequest: digest === 'd' }) })
  const { work, runs } = counted()
  assert.deepEqual(await once.once(request, work), refuse('reply_lost'))
  assert.deepEqual(await once.once({ ...request, digest: 'other' }, work), refuse('idempotency_conflict'))
  assert.equal(runs(), 0)
})
