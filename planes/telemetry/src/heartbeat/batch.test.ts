// Proof that heartbeats arrive in the unit as they were told, whatever their bodies and names are.
// What becomes of them there is heartbeat.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { fromBatch, type ToldHeartbeat, toBatch } from './batch.ts'

const told: fc.Arbitrary<ToldHeartbeat> = fc.record({
  call: fc.record({
    bound: fc.record({
      agentId: fc.string(),
      tenantId: fc.string(),
      siteId: fc.string({ unit: 'binary' }),
      collectorId: fc.string(),
      assetId: fc.string(),
    }),
    deviceNo: fc.nat(),
    receivedMs: fc.nat(2 ** 45),
    requestId: fc.string(),
    idempotencyKey: fc.option(fc.string(), { nil: null }),
    isLenient: fc.boolean(),
    beginsRun: fc.boolean(),
  }),
  body: fc.uint8Array({ maxLength: 200 }),
})

test('a batch is read as it was told, across a clone, and owns its bytes', () => {
  fc.assert(
    fc.property(fc.array(told, { maxLength: 20 }), fc.nat(), fc.boolean(), (sent, nowMs, isTick) => {
      const batch = toBatch(sent, nowMs, isTick)
      assert.equal(batch.bodies.buffer.byteLength, batch.bodies.length)
      const heard = structuredClone(batch, { transfer: [batch.bodies.buffer] })
      assert.deepEqual([heard.nowMs, heard.isTick], [nowMs, isTick])
      assert.deepEqual(
        fromBatch(heard).map(({ call, body }) => ({ call, body: Uint8Array.from(body) })),
        // What the generator makes has no prototype.
        structuredClone(sent),
      )
    }),
  )
})
