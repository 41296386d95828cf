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
  body: fc.oneof(
    fc.uint8Array({ maxLength: 200, max: 127 }),
    fc.string({ unit: 'binary' }).map((text) => Uint8Array.from(Buffer.from(text))),
    fc.uint8Array({ maxLength: 200 }),
  ),
})

const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

test('a batch is read as it was told, across a clone, and owns its bytes', () => {
  fc.assert(
    fc.property(fc.array(told, { maxLength: 20 }), fc.nat(), fc.boolean(), (sent, nowMs, isTick) => {
      const batch = toBatch(sent, nowMs, isTick)
      assert.equal(batch.bodies.buffer.byteLength, batch.bodies.length)
      const heard = structuredClone(batch, { transfer: [batch.bodies.buffer] })
      assert.deepEqual([heard.nowMs, heard.isTick], [nowMs, isTick])
      assert.deepEqual(
        fromBatch(heard),
        // What the generator makes has no prototype.
        structuredClone(sent).map(({ call, body }) => ({ call, text: textOf(body) })),
      )
    }),
  )
})
