// Proves that the rules about papers see a paper without a thing and a thing without a paper.
// The house itself is checked in house.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkInstallScripts, checkLinks, checkReasons, checkRunbook, checkVersions } from './papers.ts'

test('a refusal needs a page, a page a refusal, and the page the right heading', () => {
  const files = ['docs/runbook/not_found.md', 'docs/runbook/store_busy.md', 'docs/how-to/enrol.md']
  const read = (path: string): string =>
    path.includes('not_found') ? '# `not_found` (404)\n' : '# `store_busy` (500)\n'
  const known = { not_found: { status: 404 } }
  const busy = { store_busy: { status: 503 } }
  assert.deepEqual(checkRunbook(known, files.slice(0, 1), read), [])
  assert.match(checkRunbook({ ...known, ...busy }, files.slice(0, 1), read).join(), /store_busy\.md is missing/)
  assert.match(checkRunbook(known, files, read).join(), /store_busy\.md explains no refusal/)
  assert.match(checkRunbook({ ...known, ...busy }, files, read).join(), /store_busy\.md does not open with .* \(503\)/)
})

const declaring = (dependencies: Record<string, string>) => ({ folder: 'kernel', dependencies, devDependencies: {} })

test('only whole versions are versions', () => {
  assert.deepEqual(checkVersions([declaring({ zod: '4.6.7', beta: '1.0.0-rc.1' })]), [])
  for (const version of ['^4.6.7', '~1.2.3', '4', '*', 'latest', 'file:../a'])
    assert.equal(checkVersions([declaring({ zod: version })]).length, 1, version)
})

test('a runtime dependency needs a line with a room and a reason, and a line a dependency', () => {
  const used = [declaring({ zod: '4.6.7', '@muster/contract': '0.1.0' })]
  assert.deepEqual(checkReasons(used, ['@muster/contract'], '| `zod` | contract | shapes |'), [])
  assert.equal(checkReasons(used, ['@muster/contract'], '| `zod` | contract |  |').length, 1)
  assert.equal(
    checkReasons(used, ['@muster/contract'], '| `zod` | contract | shapes |\n| `ajv` | http | old |').length,
    1,
  )
})

test('an install script needs an approval, and an approval a script', () => {
  const lock = { packages: { 'node_modules/node': { hasInstallScript: true }, 'node_modules/zod': {} } }
  assert.deepEqual(checkInstallScripts(lock, ['node']), [])
  assert.equal(checkInstallScripts(lock, []).length, 1)
  assert.equal(checkInstallScripts(lock, ['node', 'zod']).length, 1)
})

test('a link leads to a file or folder that exists', () => {
  const paths = ['README.md', 'docs', 'docs/vocabulary.md', 'docs/adr', 'docs/adr/0001-dependencies.md']
  const complaints = (path: string, text: string): number => checkLinks([{ path, text }], paths).length
  assert.equal(complaints('README.md', '[a](docs/vocabulary.md) [b](docs/adr/) [c](https://a.example/b) [d](#here)'), 0)
  assert.equal(complaints('docs/adr/0002.md', '[a](0001-dependencies.md#why) and [b](../vocabulary.md)'), 0)
  assert.equal(complaints('README.md', '[a](docs/nothing.md) [b](../README.md)'), 2)
})
