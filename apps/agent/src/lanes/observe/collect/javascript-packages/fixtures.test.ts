// One project, locked by every package manager: whatever wrote the file, the same packages are found in it.
// How the fixtures were made is fixtures/README.md.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { PackageReader } from '../reading.ts'
import { readBunLockfile } from './bun-lockfile.ts'
import { readNpmLockfile } from './npm-lockfile.ts'
import { readPnpmLockfile } from './pnpm-lockfile.ts'
import { readYarnLockfile } from './yarn-lockfile.ts'

const textOf = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')

/** npm and Bun name a package by where it lies, and all name an alias as the project does. */
const bare = (name: string): string => {
  const segments = name.split('/')
  const scope = segments.at(-2)
  const last = segments.at(-1) ?? ''
  return (scope?.startsWith('@') ? `${scope}/${last}` : last).replace('left-pad-alias', 'left-pad')
}

const packagesIn = (read: PackageReader, text: string): readonly string[] => {
  const reading = read(text)
  assert.ok(reading.ok)
  assert.equal(reading.oddEntries, 0)
  return [...new Set(reading.packages.map(({ name, version }) => `${bare(name)}@${version}`))].sort()
}

const packages = `
  @babel/code-frame@7.24.7 @babel/helper-validator-identifier@7.29.7 @babel/highlight@7.25.9
  @tanstack/query-core@5.40.0 @tanstack/react-query@5.40.0 ansi-regex@5.0.1 ansi-styles@3.2.1 ansi-styles@4.3.0
  chalk@2.4.2 chalk@4.1.2 color-convert@1.9.3 color-convert@2.0.1 color-name@1.1.3 color-name@1.1.4
  emoji-regex@8.0.0 escape-string-regexp@1.0.5 fsevents@2.3.3 has-flag@3.0.0 has-flag@4.0.0
  is-fullwidth-code-point@3.0.0 js-tokens@4.0.0 left-pad@1.3.0 loose-envify@1.4.0 ms@2.1.3 picocolors@1.1.1
  react-dom@18.3.1 react@18.3.1 scheduler@0.23.2 string-width@4.2.3 strip-ansi@6.0.1 supports-color@5.5.0
  supports-color@7.2.0 wrap-ansi@7.0.0`
  .trim()
  .split(/\s+/)

/** What Yarn 4 adds of its own accord, to build `fsevents` with. */
const addedByYarn = `
  @isaacs/fs-minipass@4.0.1 abbrev@5.0.0 chownr@3.0.0 env-paths@2.2.1 exponential-backoff@3.1.3 fdir@6.5.0
  graceful-fs@4.2.12 isexe@4.0.0 minipass@7.1.3 minizlib@3.1.0 node-gyp@13.1.0 nopt@10.0.1 picomatch@4.0.7
  proc-log@7.0.0 semver@7.8.6 tar@7.5.23 tinyglobby@0.2.17 undici@8.12.4 which@7.0.0 yallist@5.0.0`
  .trim()
  .split(/\s+/)

const files: readonly (readonly [name: string, read: PackageReader, more?: readonly string[]])[] = [
  ['npm-2.json', readNpmLockfile],
  ['npm-3.json', readNpmLockfile],
  ['pnpm-5.4.yaml', readPnpmLockfile],
  ['pnpm-6.0.yaml', readPnpmLockfile],
  ['pnpm-9.0.yaml', readPnpmLockfile],
  ['yarn-classic.lock', readYarnLockfile],
  ['yarn-4.lock', readYarnLockfile, addedByYarn],
  ['bun-1.lock', readBunLockfile],
]
for (const [name, read, more = []] of files) {
  const want = [...packages, ...more].sort()
  test(`${name} names the packages of the project`, () => assert.deepEqual(packagesIn(read, textOf(name)), want))

  test(`${name} says the same with the line ends of Windows`, () =>
    assert.deepEqual(packagesIn(read, textOf(name).replaceAll('\n', '\r\n')), want))

  test(`${name} cut off anywhere never makes its reader throw`, () => {
    const text = textOf(name)
    for (let end = 0; end < text.length; end += 97) read(text.slice(0, end))
  })
}

test('npm-1.json has no table of packages, so that nothing is found in it and nothing is amiss', () => {
  assert.deepEqual(readNpmLockfile(textOf('npm-1.json')), { ok: true, packages: [], oddEntries: 0 })
})
