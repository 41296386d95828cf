// Lockfiles that public projects really published, each held against what tools of others read in it.
// Where they come from, and how the lists beside them were made, is fixtures/README.md. One project locked by every
// manager of JavaScript packages is javascript-packages/fixtures.test.ts.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCargoLock } from './cargo-packages/cargo-lock.ts'
import { readGoSum } from './go-modules/go-sum.ts'
import { readBunLockfile } from './javascript-packages/bun-lockfile.ts'
import { readNpmLockfile } from './javascript-packages/npm-lockfile.ts'
import { readYarnLockfile } from './javascript-packages/yarn-lockfile.ts'
import { readPyproject } from './python-packages/pyproject.ts'
import { requirementLines } from './python-packages/requirement.ts'
import { readUvLock } from './python-packages/toml-locks.ts'
import type { PackageReader } from './reading.ts'

const folder = join(import.meta.dirname, 'fixtures')
const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8')

const readRequirements: PackageReader = (text) => {
  const requirements = [...requirementLines(text)].filter((line) => line.says === 'requirement')
  const packages = requirements.map(({ name }) => ({ name, version: null, detail: null }))
  return { ok: true, packages, oddEntries: 0 }
}

const readers: Readonly<Record<string, PackageReader>> = {
  'package-lock.json': readNpmLockfile,
  'yarn.lock': readYarnLockfile,
  'bun.lock': readBunLockfile,
  'Cargo.lock.v1': readCargoLock,
  'Cargo.lock.v3': readCargoLock,
  'go.sum': readGoSum,
  'uv.lock': readUvLock,
  'pyproject.toml': readPyproject,
  'requirements.txt': readRequirements,
}

const lists = '.packages'
const files = readdirSync(folder)
  .filter((name) => name.endsWith(lists))
  .map((name) => name.slice(0, -lists.length))

for (const name of files) {
  const read = readers[name.slice(name.indexOf('.') + 1)]
  const want = textOf(`${name}${lists}`).trimEnd().split('\n').toSorted()

  const packagesIn = (text: string): readonly string[] => {
    const reading = read?.(text)
    assert.ok(reading?.ok)
    assert.equal(reading.oddEntries, 0)
    return [...new Set(reading.packages.map(({ name: said, version }) => `${said}@${version ?? ''}`))].toSorted()
  }

  test(`${name} names what others read in it`, () => assert.deepEqual(packagesIn(textOf(name)), want))

  test(`${name} says the same with a byte order mark and the line ends of Windows`, () =>
    assert.deepEqual(packagesIn(`\ufeff${textOf(name).replaceAll('\n', '\r\n')}`), want))

  test(`${name} cut off anywhere never makes its reader throw, nor invents a name`, () => {
    const text = textOf(name)
    const step = Math.ceil(text.length / 40)
    for (let end = 0; end < text.length; end += step) {
      const reading = read?.(text.slice(0, end))
      // The last one may be cut off itself, as a version or as a name.
      const whole = reading?.ok === true ? reading.packages.slice(0, -1) : []
      for (const { name: said, version } of whole) assert.ok(want.includes(`${said}@${version ?? ''}`), said)
    }
  })
}

test('every format is among them', () => {
  assert.deepEqual(new Set(files.map((name) => name.slice(name.indexOf('.') + 1))), new Set(Object.keys(readers)))
})
