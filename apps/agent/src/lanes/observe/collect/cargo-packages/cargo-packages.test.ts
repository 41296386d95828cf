// What a `Cargo.lock` says, as tables, and what the surface makes of one on a real disk.
// The walk itself is tested in collect.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { groundWith, never, plain, toldBy, walkOver } from '../testing/ground.ts'
import { readCargoLock } from './cargo-lock.ts'
import { createCargoPackages } from './cargo-packages.ts'

const crate = (fields: Readonly<Record<string, string>>): string =>
  `[[package]]\n${Object.entries(fields)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
    .join('\n')}\n`

const registry = 'registry+https://github.com/rust-lang/crates.io-index'

const cases: readonly { readonly name: string; readonly text: string; readonly want: readonly string[] }[] = [
  {
    name: 'a crate of a registry',
    text: `version = 4\n\n${crate({ name: 'serde', version: '1.0.203', source: registry, checksum: 'abc' })}dependencies = [\n "serde_derive",\n]\n`,
    want: ['serde@1.0.203 resolved=https://github.com/rust-lang/crates.io-index integrity=abc'],
  },
  {
    name: 'a crate of a repository',
    text: crate({ name: 'a', version: '0.1.0', source: 'git+https://example.org/a?branch=x#0123' }),
    want: ['a@0.1.0 resolved=https://example.org/a?branch=x#0123'],
  },
  { name: 'a crate of the workspace is none', text: crate({ name: 'mine', version: '0.1.0' }), want: [] },
  { name: 'odd entries cost themselves only', text: `package = [1, {name = "a"}]\n`, want: ['! 2 odd'] },
  { name: 'no crates', text: 'version = 4\n', want: [] },
  { name: 'half a file', text: '[[package]]\nname = "', want: ['! is not TOML'] },
]
for (const { name, text, want } of cases)
  test(`Cargo.lock: ${name}`, () => assert.deepEqual(toldBy(readCargoLock(text)), want))

test('Cargo.lock: no text makes the reader throw', () => {
  fc.assert(fc.property(fc.string(), (text) => void readCargoLock(text)))
})

test('two versions of one crate are two items of its file', async () => {
  const text = ['1.0.0', '2.0.0'].map((version) => crate({ name: 'syn', version, source: registry })).join('\n')
  const root = groundWith({ 'Cargo.lock': text })
  const snapshot = await createCargoPackages(() => walkOver(root)).collect(never)
  const path = join(root, 'Cargo.lock')
  assert.deepEqual(
    plain(snapshot).map(({ itemId, origin }) => [itemId, origin]),
    [
      [`cargoPackages/package/${path}/syn/1.0.0`, 'cargo'],
      [`cargoPackages/package/${path}/syn/2.0.0`, 'cargo'],
    ],
  )
})
