// Proof that only plain YAML 1.2 is read, that faults stand where they are, and that nothing makes the reader throw.
// What the keys and values may be is tested in validate.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createReport, type Report } from './fault.ts'
import type { PolicyNode } from './node.ts'
import { policyTextBytes, readPolicyText } from './read.ts'

const faultsOf = (report: Report) =>
  report.errors().map(({ code, path, line, column }) => `${code} ${path} ${line}:${column}`)

const plain = (node: PolicyNode | null): unknown => {
  if (node === null || node.kind === 'unreadable') return '(unreadable)'
  if (node.kind === 'nothing') return null
  if (node.kind === 'list') return node.items.map(plain)
  if (node.kind !== 'map') return node.value
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plain(value)]))
}

const sound: readonly { name: string; text: string; want: unknown }[] = [
  { name: 'an empty text is a document of nothing', text: '', want: null },
  {
    name: 'block and flow style mean the same',
    text: 'a: {b: [1, two]}\nc:\n  - d\n',
    want: { a: { b: [1, 'two'] }, c: ['d'] },
  },
  {
    name: 'only the words of the core schema are booleans and nulls',
    text: '[yes, no, on, True, ~, null]',
    want: ['yes', 'no', 'on', true, null, null],
  },
  {
    name: 'octal, hexadecimal and exponents are numbers, underscores are not',
    text: '[0o17, 0x1F, 1e3, 1_000, -5]',
    want: [15, 31, 1000, '1_000', -5],
  },
  { name: 'a date is a text', text: 'a: 2026-06-02', want: { a: '2026-06-02' } },
  { name: 'a key that looks like a number is a text', text: '1: a\ntrue: b\n', want: { 1: 'a', true: 'b' } },
  { name: 'quoted and folded texts', text: 'a: "x\\ty"\nb: >-\n  one\n  two\n', want: { a: 'x\ty', b: 'one two' } },
  { name: 'a marked start and end of the one document', text: '%YAML 1.2\n---\na: 1\n...\n', want: { a: 1 } },
  { name: 'tags of the core schema', text: 'a: !!str 5\nb: !!int "7"\n', want: { a: '5', b: 7 } },
  { name: 'Windows line ends', text: 'a: 1\r\nb: 2\r\n', want: { a: 1, b: 2 } },
  { name: 'a byte order mark', text: '\ufeffa: 1\n', want: { a: 1 } },
  { name: 'a quoted << is a key like any other', text: '"<<": 1', want: { '<<': 1 } },
]

for (const { name, text, want } of sound)
  test(`read: ${name}`, () => {
    const report = createReport()
    assert.deepEqual(plain(readPolicyText(text, report)), want)
    assert.deepEqual(faultsOf(report), [])
  })

test('read: a key named __proto__ is a key like any other', () => {
  const root = readPolicyText('__proto__: {a: 1}\n', createReport())
  assert.ok(root?.kind === 'map')
  assert.deepEqual([...root.entries.keys()], ['__proto__'])
})

const faulty: readonly { name: string; text: string; want: readonly string[] }[] = [
  { name: 'an anchor', text: 'a: &x 1\n', want: ['yaml_anchor /a 1:7'] },
  { name: 'an alias, also one of nothing', text: 'a: 1\nb: *x\n', want: ['yaml_alias /b 2:4'] },
  { name: 'a merge key', text: 'a:\n  <<: {b: 1}\n', want: ['yaml_merge_key /a/<< 2:3'] },
  {
    name: 'a tag of one’s own',
    text: 'a: !secret x\nb: !!binary aGk=\n',
    want: ['yaml_tag /a 1:12', 'yaml_tag /b 2:13'],
  },
  { name: 'a declared tag', text: '%TAG !m! tag:muster.example,2026:\n---\na: !m!x 1\n', want: ['yaml_tag /a 3:9'] },
  {
    name: 'a duplicate key, at any depth',
    text: 'a: 1\nb: {c: 1, c: 2}\na: 3\n',
    want: ['duplicate_key /b/c 2:11', 'duplicate_key /a 3:1'],
  },
  { name: 'a duplicate key in other quotes', text: 'a: 1\n"a": 2\n', want: ['duplicate_key /a 2:1'] },
  { name: 'a second document', text: 'a: 1\n---\nb: 2\n---\nc: 3\n', want: ['yaml_multiple_documents  2:1'] },
  { name: 'another YAML version', text: '%YAML 1.1\n---\na: 1\n', want: ['yaml_version  1:1'] },
  { name: 'an unknown directive', text: '%MINE x\n---\na: 1\n', want: ['yaml_syntax  1:1'] },
  { name: 'a list that does not end', text: 'a: [1, 2\nb: 3\n', want: ['yaml_syntax  2:1'] },
  { name: 'a tab that indents', text: 'a:\n\tb: 1\n', want: ['yaml_syntax  2:1'] },
  { name: 'a map as a key', text: '? {a: 1}\n: b\n', want: ['yaml_syntax  1:3'] },
  { name: 'a control character', text: 'a: 1\nb: \u0007\n', want: ['unprintable_character  2:4'] },
  { name: 'half a surrogate pair', text: 'a: \ud800\n', want: ['unprintable_character  1:4'] },
  {
    name: 'a control character written as an escape',
    text: 'a: ["\\0", ok]\n',
    want: ['unprintable_character /a/0 1:5'],
  },
  { name: 'a control character in a key', text: 'a:\n  "\\x1b[31m": 1\n', want: ['unprintable_character /a 2:3'] },
  { name: 'a key that would swell every path', text: `a: {? ${'k'.repeat(257)} : {b: *c}}`, want: ['too_long /a 1:7'] },
  { name: 'a slash and a tilde in a path', text: 'a/b~c: *x\n', want: ['yaml_alias /a~1b~0c 1:8'] },
  { name: 'lists within lists', text: `a: 1\nb: ${'['.repeat(40)}`, want: ['too_deep  2:35'] },
  { name: 'a text above the size', text: `# ${'é'.repeat(policyTextBytes / 2)}`, want: ['too_large  1:1'] },
]

for (const { name, text, want } of faulty)
  test(`refuse: ${name}`, () => {
    const report = createReport()
    readPolicyText(text, report)
    assert.deepEqual(faultsOf(report), want)
  })

test('refuse: several faults of shape are reported together, in the order of the document', () => {
  const report = createReport()
  readPolicyText('a: &x 1\n<<: *x\na: !y 2\n', report)
  assert.deepEqual(faultsOf(report), [
    'yaml_anchor /a 1:7',
    'yaml_merge_key /<< 2:1',
    'yaml_alias /<< 2:5',
    'duplicate_key /a 3:1',
    'yaml_tag /a 3:7',
  ])
})

test('a text of nothing but mistakes lists a thousand of them and says how many there are', () => {
  const report = createReport()
  readPolicyText(`[${'*a,'.repeat(1500)}]`, report)
  const errors = report.errors()
  assert.equal(errors.length, 1001)
  assert.equal(errors.at(-1)?.code, 'too_many_errors')
  assert.match(errors.at(-1)?.message ?? '', /1000 of 1500/)
})
