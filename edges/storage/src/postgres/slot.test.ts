// Proves what becomes of a connection that breaks: it is replaced, and nothing of it is left.
// What transactions make of it is transaction.test.ts.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { StoreError } from '../faults.ts'
import { createSlot } from './slot.ts'

/** A server that throws its first caller out at once and then lets everybody in, without ever saying anything. */
const startUnkind = async (t: TestContext) => {
  const callers: Socket[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined) // who is thrown out may still be speaking
    if (callers.push(socket) === 1) socket.resetAndDestroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of callers) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `postgres://muster@127.0.0.1:${port}/fleet`, callers }
}

/** Longer than the library waits before it tries for a second time. */
const secondTryMs = 300

test('who was replaced does not come back for what still waited in it', async (t) => {
  const { url, callers } = await startUnkind(t)
  const slot = createSlot({ url, readOnly: false, statementMs: 60_000 })
  const asked = ['begin', 'select 1', 'commit'].map((text) => slot.query(text, []))
  for (const outcome of await Promise.allSettled(asked)) {
    assert.ok(outcome.status === 'rejected' && outcome.reason instanceof StoreError)
    assert.equal(outcome.reason.reason, 'busy')
  }
  assert.equal(slot.generation(), 1)
  await wait(secondTryMs)
  assert.equal(callers.length, 1)
  await slot.close()
})
