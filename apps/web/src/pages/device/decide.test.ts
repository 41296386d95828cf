// What addresses say about a device's page, and that the slider and the address agree.
// That the inventory follows is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { lastStep, momentAt, readDeviceView, stepOf } from './decide.ts'

const cases: readonly (readonly [name: string, words: Record<string, unknown>, want: object])[] = [
  ['nothing', {}, {}],
  ['a tab', { tab: 'inventory' }, { tab: 'inventory' }],
  ['a tab that is none', { tab: 'x', asOf: 'yesterday' }, {}],
  ['a moment in any zone', { asOf: '2026-06-02T14:00:00+02:00' }, { asOf: '2026-06-02T12:00:00.000Z' }],
  ['filters', { surface: ' homebrew ', name: 'xz' }, { surface: 'homebrew', name: 'xz' }],
]
for (const [name, words, want] of cases) test(name, () => assert.deepEqual(readDeviceView(words), want))

test('a step of the slider leads back to itself, and the last one is now', () => {
  const span = { fromMs: 0, nowMs: 10_000_000_000 }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: lastStep - 1 }), (step) =>
      assert.equal(stepOf(momentAt(step, span), span), step),
    ),
  )
  assert.equal(momentAt(lastStep, span), undefined)
  assert.equal(stepOf(undefined, span), lastStep)
})

test('a moment outside of the span is at its end', () => {
  const span = { fromMs: 1000, nowMs: 2000 }
  assert.equal(stepOf(new Date(0).toISOString(), span), 0)
  assert.equal(stepOf(new Date(9000).toISOString(), span), lastStep)
})
