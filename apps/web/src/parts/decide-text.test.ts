// Proof that no character of a device's text goes unseen, and that nothing else of it is changed.
// How stretches look on the page is said.tsx.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { codeName, cutText, plainText, stretchesOf } from './decide-text.ts'

const cases: readonly (readonly [said: string, shown: string])[] = [
  ['', ''],
  ['axios', 'axios'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['invoice\u202Efdp.exe', 'invoice[U+202E]fdp.exe'],
  ['\u0000\u001b[31m', '[U+0000][U+001B][31m'],
  ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
  ['a\rb', 'a[U+000D]b'],
  ['zero\u200bwidth', 'zero[U+200B]width'],
  ['tag\u{e0041}ged', 'tag[U+E0041]ged'],
  ['שלום', 'שלום'],
  ['half \ud800 a character', 'half \ufffd a character'],
]
for (const [said, shown] of cases) test(JSON.stringify(said), () => assert.equal(plainText(said), shown))

test('put together again, the stretches are the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const again = stretchesOf(text).map((one) => ('text' in one ? one.text : String.fromCodePoint(one.code)))
      assert.equal(again.join(''), text.toWellFormed())
    }),
  )
})

test('a code has at least four digits', () => assert.equal(codeName(7), 'U+0007'))

test('a cut text is short and never ends in half a character', () => {
  assert.deepEqual(cutText('abc', 3), { text: 'abc', isCut: false })
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 20 }), (text) => {
      const cut = cutText(text, 10)
      assert.ok(cut.isCut && cut.text.length <= 10 && cut.text.isWellFormed())
    }),
  )
})
