// What is left of text from outside, whatever it is.
// That both databases take it is tested in enroll/.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { derivedNames } from './devices/host-texts.ts'
import { cleanText, hostText } from './texts.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 600 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 600 }).map((units) => String.fromCharCode(...units)),
)

test('stored text is well formed, has no NUL, and is as long as it may be', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const stored = hostText(text)
      assert.ok(stored.isWellFormed() && !stored.includes('\0') && stored.length <= 512)
      assert.equal(hostText(stored), stored)
    }),
  )
})

test('clean text is left alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      fc.pre(!text.includes('\0'))
      assert.equal(cleanText(text), text)
    }),
  )
})

test('names for sorting fit an index entry, whatever the host is called', () => {
  fc.assert(
    fc.property(anyText, (hostname) => {
      const texts = { hostname: hostText(hostname), osVersion: '', hardwareModel: '', sensorVersion: '' }
      const { sort_name, host_key } = derivedNames(texts, null)
      assert.ok(sort_name.isWellFormed() && Buffer.byteLength(sort_name) <= 256)
      assert.match(host_key, /^[0-9a-f]{32}$/)
    }),
  )
})
