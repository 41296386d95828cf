// What npm lockfiles say, as tables. The surface on a real disk is javascript-packages.test.ts.
// Lockfiles of public projects are fixtures.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { toldBy } from '../testing/ground.ts'
import { readNpmLockfile } from './npm-lockfile.ts'

const lock = (packages: unknown): string => JSON.stringify({ lockfileVersion: 3, packages })

const cases: readonly { readonly name: string; readonly text: string; readonly want: readonly string[] }[] = [
  {
    name: 'all tokens, in order',
    text: lock({
      'node_modules/a': { version: '1.0.0', dev: true, integrity: 'sha512-x', resolved: 'https://r/a.tgz' },
    }),
    want: ['a@1.0.0 resolved=https://r/a.tgz integrity=sha512-x scope=dev'],
  },
  {
    name: 'dev outweighs optional',
    text: lock({ 'node_modules/a': { version: '1', dev: true, optional: true } }),
    want: ['a@1 scope=dev'],
  },
  {
    name: 'optional alone',
    text: lock({ 'node_modules/a': { version: '1', optional: true } }),
    want: ['a@1 scope=optional'],
  },
  {
    name: 'neither, although npm says devOptional',
    text: lock({ 'node_modules/a': { version: '1', devOptional: true } }),
    want: ['a@1'],
  },
  {
    name: 'nested names keep their inner part',
    text: lock({ 'node_modules/@s/a/node_modules/b': { version: '2' } }),
    want: ['@s/a/node_modules/b@2'],
  },
  {
    name: 'the project itself, workspaces and their links are no packages',
    text: lock({
      '': { version: '1' },
      'apps/x': { version: '1' },
      'node_modules/x': { resolved: 'apps/x', link: true },
      'apps/x/node_modules/y': { version: '3' },
    }),
    want: [],
  },
  { name: 'version 1', text: JSON.stringify({ lockfileVersion: 1, dependencies: { a: { version: '1' } } }), want: [] },
  { name: 'a byte order mark', text: `\ufeff${lock({ 'node_modules/a': { version: '1' } })}`, want: ['a@1'] },
  {
    name: 'values of the wrong type',
    text: lock({ 'node_modules/a': { version: 1 }, 'node_modules/b': { version: '1', resolved: 7 } }),
    want: ['b@1'],
  },
  { name: 'half a surrogate pair', text: '{"packages":{"node_modules/\\ud800":{"version":"1"}}}', want: ['\ufffd@1'] },
  {
    name: 'a prototype in disguise',
    text: '{"packages":{"node_modules/__proto__":{"version":"1"}}}',
    want: ['__proto__@1'],
  },
  {
    name: 'an entry of a strange shape costs that entry only',
    text: lock({ 'node_modules/a': null, 'node_modules/b': { version: '1' }, 'node_modules/c': 'x' }),
    want: ['b@1', '! 2 odd'],
  },
  { name: 'another top level', text: '[]', want: [] },
  { name: 'packages of another kind', text: '{"packages":[1]}', want: [] },
  { name: 'half a file', text: '{"packages":{', want: ['! is not JSON'] },
]
for (const { name, text, want } of cases)
  test(`npm lockfile: ${name}`, () => assert.deepEqual(toldBy(readNpmLockfile(text)), want))

test('npm lockfile: no text makes the reader throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readNpmLockfile(text)),
    { numRuns: 1000 },
  )
})

test('npm lockfile: nesting without end is only not JSON', () => {
  assert.equal(readNpmLockfile('{"packages":'.repeat(500_000)).ok, false)
})
