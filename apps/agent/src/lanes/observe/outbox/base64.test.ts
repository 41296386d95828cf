// The same spelling as Node's own, whatever was spelled before in the same memory.
// What is spelled so is store.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createBase64 } from './base64.ts'

test('bytes are spelled as Node spells them, longer and shorter ones in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (all) => {
      const base64Of = createBase64()
      const buffers = all.map((bytes) => Buffer.from(bytes))
      assert.deepEqual(
        buffers.map((bytes) => base64Of(bytes.toString('hex').toUpperCase())),
        buffers.map((bytes) => bytes.toString('base64')),
      )
    }),
  )
})
