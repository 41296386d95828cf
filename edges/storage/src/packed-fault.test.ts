// Proves that an error which crosses a thread is still the error its receiver decides by.
// Which faults there are is in faults.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDuplicate, isStoreBusy, StoreError } from './faults.ts'
import { packFault, unpackFault } from './packed-fault.ts'

const cross = (error: unknown): Error => unpackFault(structuredClone(packFault(error)))

test('name, message, code and cause arrive', () => {
  const sent = Object.assign(new TypeError('outer', { cause: new RangeError('inner') }), { code: 'E_OUTER' })
  const { name, message, cause, stack } = cross(sent)
  assert.deepEqual([name, message, stack], ['TypeError', 'outer', sent.stack])
  assert.equal((cross(sent) as Error & { code: string }).code, 'E_OUTER')
  assert.ok(cause instanceof Error && cause.name === 'RangeError' && cause.message === 'inner')
})

test('a reason is still a reason, also as the cause of something else', () => {
  const busy = new StoreError('disk full', 'busy')
  assert.ok(isStoreBusy(cross(busy)))
  assert.ok(isStoreBusy(cross(new Error('store the batch', { cause: busy }))))
  assert.ok(!isDuplicate(cross(busy)))
  assert.ok(isDuplicate(cross(new StoreError('there already', 'duplicate'))))
  assert.ok(!isStoreBusy(cross(new Error('something else'))))
})

test('what is thrown but no error becomes one', () => assert.equal(cross('a text').message, 'a text'))
