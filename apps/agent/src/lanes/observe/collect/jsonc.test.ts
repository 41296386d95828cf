// Comments and trailing commas go, strings stay, and no text takes longer than its length.
// What files are read this way is tested with their readers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readJson, readJsonc, withoutComments } from './jsonc.ts'

const cases: readonly (readonly [text: string, want: unknown])[] = [
  ['{"a":1,}', { a: 1 }],
  ['[1,2, /* last */ ]', [1, 2]],
  ['[1, // one\n 2, // two\n]', [1, 2]],
  ['{"url":"https://x//y","c":"/* no */","e":"\\"//"}', { url: 'https://x//y', c: '/* no */', e: '"//' }],
  ['\ufeff// first\n{"a":[],}', { a: [] }],
  ['1/**/', 1],
  ['{"a":",}"}', { a: ',}' }],
  ['["a\\\\", "b",]', ['a\\', 'b']],
]
for (const [text, want] of cases)
  test(`${JSON.stringify(text)} is read`, () => assert.deepEqual(readJsonc(text), { ok: true, value: want }))

for (const text of ['', '{', '[1,,]', '{"a" 1}', '/* open', '"open', '/', '[,]x', "{'a':1}"])
  test(`${JSON.stringify(text)} is not`, () => assert.deepEqual(readJsonc(text), { ok: false }))

test('strict reading forgives a byte order mark only', () => {
  assert.deepEqual(readJson('\ufeff[1]'), { ok: true, value: [1] })
  assert.deepEqual(readJson('[1,]'), { ok: false })
})

test('JSON without comments is left as it is, byte for byte', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat({ max: 4 }), (text, indent) => {
      const spaced = JSON.stringify(JSON.parse(text), null, indent)
      assert.equal(withoutComments(spaced), spaced)
    }),
  )
})

test('whatever is put between the parts of a JSON text, its value stays', () => {
  const between = fc.constantFrom('', ' ', '\n', '/* , ] } " */', '// " , ]\n', '/**/', '/*/ */')
  fc.assert(
    fc.property(fc.json(), fc.infiniteStream(between), (text, blanks) => {
      const parts = JSON.stringify(JSON.parse(text)).match(/"(?:\\.|[^"\\])*"|[[\]{},:]|[^[\]{},:"]+/g) ?? []
      const isLast = (at: number): boolean => /^[\]}]$/.test(parts[at] ?? '') && !/^[[{]$/.test(parts[at - 1] ?? '')
      const sprinkled = parts.map((part, at) => `${isLast(at) ? ',' : ''}${blanks.next().value}${part}`).join('')
      assert.deepEqual(readJsonc(sprinkled), { ok: true, value: JSON.parse(text) })
    }),
  )
})

test('openings without an end do not make it slow', () => {
  for (const piece of ['/*', '"\\', ',', '//', ', /', '{"a":']) assert.equal(readJsonc(piece.repeat(200_000)).ok, false)
})
