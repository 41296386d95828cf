// Proof that a table of hostile text stays a table of text, in a spreadsheet of any locale.
// The columns of single routes are tested where those are served.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type CsvCell, type CsvTable, csvHead, csvLines } from './csv.ts'

const table: CsvTable<readonly CsvCell[]> = { columns: ['name', 'count'], rowsOf: (cells) => [cells] }

test('the first line names the columns', () => assert.equal(csvHead(table), '"name","count"\r\n'))

test('a value may have several rows, or none', () => {
  const many: CsvTable<readonly number[]> = { columns: ['n'], rowsOf: (numbers) => numbers.map((one) => [one]) }
  assert.equal(csvLines(many, [1, 2]), '1\r\n2\r\n')
  assert.equal(csvLines(many, []), '')
})

const cells: readonly { name: string; cell: CsvCell; want: string }[] = [
  { name: 'plain text is quoted', cell: 'left-pad', want: '"left-pad"' },
  { name: 'quotes are doubled', cell: 'a "b", c', want: '"a ""b"", c"' },
  { name: 'what is not there is empty', cell: null, want: '' },
  { name: 'empty text is text', cell: '', want: '""' },
  { name: 'a number is a number', cell: 17, want: '17' },
  { name: 'a truth is a truth', cell: true, want: 'true' },
  { name: 'a formula is text', cell: '=HYPERLINK("http://x")', want: `"'=HYPERLINK(""http://x"")"` },
  { name: 'a sum is text', cell: '+1', want: `"'+1"` },
  { name: 'a difference is text', cell: '-1', want: `"'-1"` },
  { name: 'a scope is text', cell: '@types/node', want: `"'@types/node"` },
  { name: 'a wide sign is a sign', cell: '\uff1d1', want: `"'\uff1d1"` },
  { name: 'space before a formula hides nothing', cell: ' \u00a0=1', want: `"' \u00a0=1"` },
  { name: 'a formula after a semicolon is text', cell: 'a;=1', want: `"a;'=1"` },
  { name: 'a formula after a semicolon and a quote is text', cell: 'a;"=1', want: `"a;'""=1"` },
  { name: 'a sign within text is left alone', cell: 'a-b=c', want: '"a-b=c"' },
  { name: 'a line break does not end the line', cell: 'a\r\n=1', want: '"a\ufffd\ufffd=1"' },
  { name: 'a tab does not begin a cell', cell: '\t=1', want: '"\ufffd=1"' },
  { name: 'a terminal is told nothing', cell: '\u001b[2J\u202e', want: '"\ufffd[2J\ufffd"' },
  { name: 'half a character is none', cell: 'a\ud800', want: '"a\ufffd"' },
]
for (const { name, cell, want } of cells) test(name, () => assert.equal(csvLines(table, [cell]), `${want}\r\n`))

/** What a strict reader of RFC 4180 finds in one line. */
const read = (text: string): readonly string[] =>
  [...text.slice(0, -2).matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, bare = '']) =>
    quoted === undefined ? bare : quoted.replaceAll('""', '"'),
  )

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'=+-@;,"\' \t\r\n\u00a0\uff1da1'.split('')), maxLength: 12 }),
)
const begins = /^[\s"]*[=+\-@\uff0b\uff0d\uff1d\uff20]/

test('whatever the text, a reader finds as many cells, and none that begins a formula', () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 5 }), (texts) => {
      const text = csvLines(table, texts)
      const found = read(text)
      assert.equal(found.length, texts.length)
      for (const cell of found) assert.doesNotMatch(cell, begins)
      for (const piece of text.split(';')) assert.doesNotMatch(piece, begins)
      assert.doesNotMatch(text.slice(0, -2), /[\p{Cc}\p{Cf}]/u)
      for (const [index, said] of texts.entries())
        if (/^[\w .]*$/.test(said)) assert.equal(found[index], said, 'harmless text is as it was')
    }),
    { numRuns: 2000 },
  )
})
