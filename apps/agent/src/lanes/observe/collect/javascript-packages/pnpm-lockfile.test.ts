// What lockfiles of pnpm say, as tables, and that reading by line and reading with the YAML library give the same keys.
// Lockfiles written by pnpm itself are fixtures.test.ts.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { stringify, type ToStringOptions } from 'yaml'
import { toldBy } from '../testing/ground.ts'
import { keysByLibrary, keysByLine, mostLibraryCharacters, readPackageKeys } from './pnpm-keys.ts'
import { readPnpmLockfile } from './pnpm-lockfile.ts'

const lock = (...keys: string[]): string =>
  `lockfileVersion: '9.0'\n\npackages:\n\n${keys.map((key) => `  ${key}:\n    resolution: {integrity: x}\n`).join('\n')}`

const keys: readonly (readonly [key: string, want: readonly string[]])[] = [
  ['a@1.0.0', ['a@1.0.0']],
  ["'@s/a@1.0.0'", ['@s/a@1.0.0']],
  ['"@s/a@1.0.0"', ['@s/a@1.0.0']],
  ['/a@1.0.0', ['a@1.0.0']],
  ['/@s/a@1.0.0', ['@s/a@1.0.0']],
  ['/a@1.0.0(react@18.2.0)', ['a@1.0.0']],
  ["'@s/a@1.0.0(@x/b@2.0.0(c@3.0.0))(d@4.0.0)'", ['@s/a@1.0.0']],
  ['/a/1.0.0', ['a@1.0.0']],
  ['/@s/a/1.0.0', ['@s/a@1.0.0']],
  ['/a/1.0.0-rc.1', ['a@1.0.0-rc.1']],
  ['/a/1.0.0_react@18.2.0', ['a@1.0.0']],
  ['/@s/a/1.0.0_@x+b@2.0.0', ['@s/a@1.0.0']],
  ['/a/1.0.0/react@15.0.0', ['a@1.0.0']],
  ['registry.example.org/@s/a/1.0.0', ['@s/a@1.0.0']],
  ['a@https://codeload.example.org/a/tar.gz/abc@1', ['a@https://codeload.example.org/a/tar.gz/abc@1']],
  ['a@file:a.tgz', ['a@file:a.tgz']],
  ['a@link:../a', []],
  ["'@s/a@workspace:packages/a'", []],
  ['file:../a', []],
  ['link:../a', []],
  ['github.com/o/a/1234567', []],
  ['a', []],
  ["'@s/a'", []],
  ["''", []],
]
for (const [key, want] of keys)
  test(`pnpm lockfile: the key ${key} is ${want.join() || 'no package'}`, () =>
    assert.deepEqual(toldBy(readPnpmLockfile(lock(key))), want))

const texts: readonly { readonly name: string; readonly text: string; readonly want: readonly string[] }[] = [
  {
    name: 'a key too long for one line',
    text: 'packages:\n  ? /a@1.0.0(b@2)\n  : resolution: {}\n    dev: true\n',
    want: ['a@1.0.0'],
  },
  { name: 'only packages counts', text: `${lock('a@1.0.0')}\nsnapshots:\n\n  b@1.0.0: {}\n`, want: ['a@1.0.0'] },
  { name: 'no packages', text: "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n", want: [] },
  { name: 'empty packages', text: 'packages: {}\n', want: [] },
  {
    name: 'flow style, through the library',
    text: 'packages: {"a@1.0.0": {}, b@2.0.0: {}}\n',
    want: ['a@1.0.0', 'b@2.0.0'],
  },
  {
    name: 'other indentation, through the library',
    text: 'packages:\n    a@1.0.0:\n        dev: true\n',
    want: ['a@1.0.0'],
  },
  {
    name: 'two documents',
    text: `---\npackages:\n\n  a@1.0.0: \n    x: 1\n---\n${lock('b@1.0.0')}`,
    want: ['a@1.0.0', 'b@1.0.0'],
  },
  {
    name: 'block texts',
    text: 'packages:\n\n  a@1.0.0:\n    deprecated: |-\n      b@1.0.0:\n       c\n',
    want: ['a@1.0.0'],
  },
  { name: 'a byte order mark', text: `\ufeff${lock('a@1.0.0')}`, want: ['a@1.0.0'] },
  {
    name: 'conflicts of a merge',
    text: `<<<<<<< HEAD\n${lock('a@1.0.0')}=======\n>>>>>>> x\n`,
    want: ['! is not YAML'],
  },
  { name: 'something else', text: 'hello', want: [] },
  { name: 'half a file', text: 'packages: {"a@1.0.0": ', want: ['! is not YAML'] },
  { name: 'nesting without end', text: `packages: ${'['.repeat(100_000)}`, want: ['! is not YAML'] },
  { name: 'tags of its own', text: 'packages: !!js/function\n  a@1.0.0: 1\n', want: ['a@1.0.0'] },
  {
    name: 'aliases that multiply',
    text: 'x: &x [1,1]\ny: &y [*x,*x]\npackages: {"a@1.0.0": *y, *y : 1}\n',
    want: ['a@1.0.0'],
  },
]
for (const { name, text, want } of texts)
  test(`pnpm lockfile: ${name}`, () => assert.deepEqual(toldBy(readPnpmLockfile(text)), want))

test('pnpm lockfile: a large file in a form that pnpm does not write is not given to the library', () => {
  const large = `packages: {}\n${' '.repeat(mostLibraryCharacters)}\n- x\n`
  assert.deepEqual(toldBy(readPnpmLockfile(large)), ['! is not in the form that pnpm writes'])
})

const libraryKeys = (text: string): readonly string[] | string => {
  const read = keysByLibrary(text)
  return read.ok ? read.keys : read.reason
}

for (const version of ['5.4', '6.0', '9.0'])
  test(`pnpm lockfile: version ${version} is read by line, and the library agrees`, () => {
    const text = readFileSync(new URL(`./fixtures/pnpm-${version}.yaml`, import.meta.url), 'utf8')
    const byLine = keysByLine(text)
    assert.ok((byLine?.length ?? 0) > 30)
    assert.deepEqual(byLine, libraryKeys(text))
  })

const name = fc.stringMatching(/^(?:@[a-z0-9-]{1,8}\/)?[a-z0-9._-]{1,12}$/)
const version = fc.stringMatching(/^\d{1,2}\.\d{1,2}\.\d{1,2}(?:-[a-z0-9.]{1,6})?$/)
const key = fc.oneof(
  fc.tuple(name, version).map((parts) => parts.join('@')),
  fc.tuple(name, version, name).map(([of, at, peer]) => `/${of}@${at}(${peer}@1.0.0)`),
  fc.tuple(name, version).map((parts) => `/${parts.join('/')}`),
  fc.string({ minLength: 1, maxLength: 12 }),
)
const entry = fc.record({
  resolution: fc.record({ integrity: fc.string() }),
  deprecated: fc.string({ maxLength: 300 }),
  engines: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
})
const document = fc.record({
  lockfileVersion: fc.constantFrom('5.4', '6.0', '9.0'),
  importers: fc.dictionary(fc.string(), entry, { maxKeys: 2 }),
  packages: fc.dictionary(key, entry, { maxKeys: 5 }),
  snapshots: fc.dictionary(key, entry, { maxKeys: 2 }),
})

test('pnpm lockfile: whatever a YAML writer writes, both ways of reading find the same keys', () => {
  const options = fc.record({
    lineWidth: fc.constantFrom(0, 40, 80),
    singleQuote: fc.constantFrom(true, false, null),
    indent: fc.constantFrom(2, 4),
    defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL'),
  })
  fc.assert(
    fc.property(document, options, (value, how) => {
      const text = stringify(value, how as ToStringOptions)
      const byLine = keysByLine(text)
      if (byLine !== null) assert.deepEqual(byLine, libraryKeys(text))
    }),
    { numRuns: 1000 },
  )
})

test('pnpm lockfile: no text makes the reader throw', () => {
  const piece = fc.constantFrom(
    'packages:',
    '\n',
    '  ',
    'a@1',
    ':',
    '? ',
    "'",
    '"',
    '|',
    '{',
    '[',
    '&a ',
    '*a',
    '---',
    '\t',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join('')),
      ),
      (text) => {
        const read = readPackageKeys(text)
        readPnpmLockfile(text)
        const byLine = keysByLine(text)
        const byLibrary = keysByLibrary(text)
        if (read.ok && byLine !== null && byLibrary.ok) assert.deepEqual(byLine, byLibrary.keys)
      },
    ),
    { numRuns: 2000 },
  )
})
