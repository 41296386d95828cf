// Proof that what is printed is aligned, fits, and cannot be bent by what a device calls itself.
// Which columns a command shows is tested with the commands.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import * as fc from 'fast-check'
import { createPaint, wantsColour } from './paint.ts'
import { type Column, renderFacts, renderTable } from './table.ts'
import { jsonText, printable } from './text.ts'
import { momentText, relativeText } from './time.ts'
import { cutTo, widthOf } from './width.ts'

const plain = { paint: createPaint(false), width: Infinity }

const hostile: readonly { name: string; text: string; want: string }[] = [
  { name: 'colour and cursor sequences', text: '\u001b[31mred\u001b[2Jgone', want: 'redgone' },
  { name: 'a hyperlink', text: '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007', want: 'click' },
  { name: 'an eight-bit control sequence', text: 'a\u009b31mb', want: 'ab' },
  { name: 'a title change left open', text: '\u001b]0;owned', want: ';owned' },
  { name: 'bidirectional overrides', text: 'cod\u202eexe.txt\u2066', want: 'codexe.txt' },
  { name: 'line breaks', text: 'a\r\nb\u2028c\td', want: 'a b c d' },
  { name: 'zero-width and tag characters', text: 'a\u200bd\ufeffmin\u{e0041}', want: 'admin' },
  { name: 'bells, backspaces and deletes', text: 'ok\u0007\b\b\u007f', want: 'ok' },
  { name: 'half a surrogate pair', text: 'a\ud800', want: 'a\ufffd' },
  { name: 'piled marks', text: `a${'\u0301'.repeat(40)}`, want: 'a\u0301\u0301\u0301' },
]

for (const { name, text, want } of hostile) test(`printing removes ${name}`, () => assert.equal(printable(text), want))

test('no text whatever prints a control or format character, and JSON of it reads back the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(printable(text), /[\p{Cc}\p{Cf}\u2028\u2029]/u)
      assert.doesNotMatch(jsonText({ [text]: [text] }), /[\p{Cc}\p{Cf}\u2028\u2029]/u)
      assert.deepEqual(JSON.parse(jsonText({ [text]: [text] })), { [text]: [text] })
    }),
  )
})

interface Thing {
  readonly id: string
  readonly name: string
  readonly count: number
}
const columns: readonly Column<Thing>[] = [
  { title: 'id', of: ({ id }) => id, keep: 'whole' },
  { title: 'count', of: ({ count }) => count, side: 'right' },
  { title: 'name', of: ({ name }) => name },
]
const things: readonly Thing[] = [
  { id: 'dev_1', name: 'short', count: 7 },
  { id: 'dev_22', name: '日本語のとても長いホスト名', count: 1234 },
  { id: 'dev_3', name: '', count: 0 },
]

test('a table is aligned by what the terminal shows', () => {
  assert.equal(
    renderTable(columns, things, plain),
    [
      'ID      COUNT  NAME',
      'dev_1       7  short',
      'dev_22   1234  日本語のとても長いホスト名',
      'dev_3       0  -',
      '',
    ].join('\n'),
  )
})

test('a table fits the terminal by cutting what may be cut', () => {
  const text = renderTable(columns, things, { ...plain, width: 25 })
  for (const line of text.split('\n')) assert.ok(widthOf(line) <= 25, line)
  assert.match(text, /dev_22 {3}1234 {2}日本語の…/)
})

test('columns that are copied from stay whole even if the line then runs over', () => {
  const long = { id: 'dev_'.padEnd(40, 'x'), name: 'some host name', count: 1 }
  assert.match(renderTable(columns, [long], { ...plain, width: 30 }), new RegExp(`^${long.id} `, 'm'))
})

test('colour changes neither the words nor the alignment', () => {
  const toned: readonly Column<Thing>[] = [
    { title: 'name', of: ({ name }) => ({ text: name, tone: 'bad' }) },
    { title: 'count', of: ({ count }) => count },
  ]
  const coloured = renderTable(toned, things, { paint: createPaint(true), width: 30 })
  assert.ok(coloured.includes('\u001b[31m'))
  assert.equal(stripVTControlCharacters(coloured), renderTable(toned, things, { ...plain, width: 30 }))
})

test('a table of any texts has as many lines as items and never exceeds the terminal', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), fc.integer({ min: 20, max: 80 }), (names, width) => {
      const only: readonly Column<string>[] = [{ title: 'name', of: (name) => name }]
      const lines = renderTable(only, names, { ...plain, width }).split('\n')
      assert.equal(lines.length, names.length + 2)
      for (const line of lines) assert.ok(widthOf(line) <= width)
    }),
  )
})

test('facts without a value are left out', () => {
  const text = renderFacts(
    [
      ['id', 'dev_1'],
      ['owner', null],
      ['notes', ''],
      ['policy', 'current'],
    ],
    plain,
  )
  assert.equal(text, 'id      dev_1\npolicy  current\n')
})

test('cutting counts columns, not characters', () => {
  assert.equal(cutTo('日本語', 5), '日本…')
  assert.equal(cutTo('日本語', 6), '日本語')
  assert.equal(cutTo('e\u0301e\u0301e\u0301', 2), 'e\u0301…')
})

const noonMs = Date.UTC(2026, 5, 2, 12)
const spans: readonly { agoSeconds: number; want: string }[] = [
  { agoSeconds: 30, want: 'now' },
  { agoSeconds: 90, want: '1 min ago' },
  { agoSeconds: 3600 * 5, want: '5 h ago' },
  { agoSeconds: 86_400 * 9, want: '9 d ago' },
  { agoSeconds: 86_400 * 100, want: '3 mo ago' },
  { agoSeconds: 86_400 * 800, want: '2 y ago' },
  { agoSeconds: -7200, want: 'in 2 h' },
]
for (const { agoSeconds, want } of spans)
  test(`${agoSeconds} seconds ago reads ${want}`, () =>
    assert.equal(relativeText(noonMs - agoSeconds * 1000, noonMs), want))

test('a moment is local time with a hint', () => {
  const at = new Date(2026, 5, 2, 9, 5)
  assert.equal(momentText(at.toISOString(), at.getTime() + 3_600_000), '2026-06-02 09:05 (1 h ago)')
  assert.equal(momentText(null, noonMs), '')
})

test('colour is for terminals whose owner does not mind', () => {
  assert.deepEqual(
    [
      wantsColour({}, true),
      wantsColour({ NO_COLOR: '' }, true),
      wantsColour({ NO_COLOR: '1' }, true),
      wantsColour({}, false),
      wantsColour({ TERM: 'dumb' }, true),
    ],
    [true, true, false, false, false],
  )
})
