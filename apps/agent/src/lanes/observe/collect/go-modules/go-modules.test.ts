// What a `go.sum` says, as tables, and what the surface makes of one on a real disk.
// The walk itself is tested in collect.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { groundWith, never, plain, toldBy, walkOver } from '../testing/ground.ts'
import { createGoModules } from './go-modules.ts'
import { readGoSum } from './go-sum.ts'

const cases: readonly { readonly name: string; readonly text: string; readonly want: readonly string[] }[] = [
  {
    name: 'modules, and not those of which only the go.mod was looked at',
    text: 'golang.org/x/text v0.14.0 h1:abc=\ngolang.org/x/text v0.14.0/go.mod h1:def=\ngolang.org/x/sys v0.1.0/go.mod h1:x=\n',
    want: ['golang.org/x/text@v0.14.0 integrity=h1:abc='],
  },
  {
    name: 'two versions of one module',
    text: 'a.b/c v1.0.0 h1:x=\na.b/c v1.1.0 h1:y=\n',
    want: ['a.b/c@v1.0.0 integrity=h1:x=', 'a.b/c@v1.1.0 integrity=h1:y='],
  },
  {
    name: 'versions of every kind, and CRLF',
    text: 'a.b/c v2.0.0+incompatible h1:x=\r\na.b/d v0.0.0-20240101000000-abcdef012345 h1:y=\r\n',
    want: ['a.b/c@v2.0.0+incompatible integrity=h1:x=', 'a.b/d@v0.0.0-20240101000000-abcdef012345 integrity=h1:y='],
  },
  {
    name: 'odd lines cost themselves only',
    text: 'a.b/c v1.0.0 h1:x=\n<<<<<<< HEAD\na b c d\n',
    want: ['a.b/c@v1.0.0 integrity=h1:x=', '! 2 odd'],
  },
  { name: 'something else', text: 'hello world', want: ['! is not a go.sum'] },
  { name: 'nothing', text: '', want: [] },
]
for (const { name, text, want } of cases) test(`go.sum: ${name}`, () => assert.deepEqual(toldBy(readGoSum(text)), want))

test('go.sum: no text makes the reader throw', () => {
  fc.assert(fc.property(fc.string(), (text) => void readGoSum(text)))
})

test('two versions of one module are two items of its file', async () => {
  const root = groundWith({ 'svc/go.sum': 'a.b/c v1.0.0 h1:x=\na.b/c v1.1.0 h1:y=\n' })
  const snapshot = await createGoModules(() => walkOver(root)).collect(never)
  const path = join(root, 'svc', 'go.sum')
  assert.deepEqual(
    plain(snapshot).map(({ itemId, origin }) => [itemId, origin]),
    [
      [`goModules/package/${path}/a.b/c/v1.0.0`, 'go'],
      [`goModules/package/${path}/a.b/c/v1.1.0`, 'go'],
    ],
  )
})
