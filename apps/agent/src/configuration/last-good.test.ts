// The copy that stands in for a configuration that cannot be used: of a file that has grown too large, of a koban.yaml and
// of one that is imported, without their tokens (sensor-agent 3.1). Plain slips are beginnings.test.ts.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { PlainFault } from '../plain-fault.ts'
import { readConfiguration } from './configuration.ts'
import { keepLastGood, readUsable } from './last-good.ts'
import { type Machine, readMachine } from './machine.ts'

const mkdir = (path: string): void => void mkdirSync(path, { recursive: true })

const setUp = () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-agent-good-'))
  const own: Machine = { ...readMachine({}), platform: 'linux', home: folder, isSystemAccount: false, env: {} }
  const put = (name: string, text: string): string => {
    mkdir(join(folder, name, '..'))
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const keep = (file: string): string => {
    const configuration = readConfiguration(file, own)
    keepLastGood(configuration, mkdir)
    return join(configuration.dataDir, 'last-good')
  }
  const copiesIn = (copies: string): string =>
    readdirSync(copies)
      .map((name) => readFileSync(join(copies, name)))
      .join()
  return { folder, put, keep, copiesIn, usable: (file: string) => readUsable(file, own) }
}

test('a file that has outgrown the limit is not read: the last good one serves, and both numbers are told', () => {
  const { put, keep, usable, folder } = setUp()
  const file = put('agent.yaml', `dataDir: ${folder}/data\nobserve:\n  watch: { maxDepth: 3 }\n`)
  keep(file)
  // The second is more than one text can hold: whoever read it would fail in other words.
  for (const bytes of [1_000_001, 3_000_000_000]) {
    truncateSync(file, bytes)
    const { configuration, fault } = usable(file)
    assert.deepEqual([configuration.observe.watch.maxDepth, configuration.dataDir], [3, join(folder, 'data')])
    assert.equal(fault?.message, `${file}: has ${bytes} bytes; 1000000 is the most`)
  }
})

const koban = `
# the agent this was written for keeps its enrollmentToken
watch: { maxDepth: 4, projectRoots: [work] }
sync:
  enabled: true
  endpoint: https://fleet.example
  enrollmentToken: met_secret
  caFile: ca.pem
`

test('a koban.yaml that breaks is replaced by its last good text, as if it still lay in its place, but for its token', () => {
  const { put, keep, copiesIn, usable, folder } = setUp()
  const file = put('.config/koban/koban.yaml', koban)
  const copies = keep(file)
  const { enrollmentToken: _token, isTokenImported: _is, ...good } = usable(file).configuration
  for (const broken of ['watch: [', koban.replace('4', 'deep'), koban.padEnd(1_000_001)]) {
    writeFileSync(file, broken)
    const { configuration, fault } = usable(file)
    const { enrollmentToken, isTokenImported: _nor, ...rest } = configuration
    assert.deepEqual([rest, enrollmentToken], [good, null])
    assert.ok(fault?.message.startsWith(`${file}:`))
  }
  assert.equal(good.access.caFile, join(folder, '.config/koban/ca.pem'))
  assert.doesNotMatch(copiesIn(copies), /met_secret/)
})

test('a file that imports another is replaced together with it, whichever of the two breaks', () => {
  const { put, keep, copiesIn, usable, folder } = setUp()
  const own = `dataDir: ${folder}/data\nobserve:\n  import: ../koban/settings.yaml\n  watch: { debounceMilliseconds: 90 }\n`
  const file = put('muster/agent.yaml', own)
  const imported = put('koban/settings.yaml', koban)
  const copies = keep(file)
  for (const [path, text] of [
    [imported, koban],
    [file, own],
  ] as const) {
    writeFileSync(path, `${text}nonsense`)
    const { configuration, fault } = usable(file)
    const { maxDepth, debounceMilliseconds } = configuration.observe.watch
    assert.deepEqual([maxDepth, debounceMilliseconds, configuration.server], [4, 90, 'https://fleet.example'])
    assert.deepEqual([configuration.file, configuration.importedFile], [file, imported])
    assert.ok(fault?.message.startsWith(`${path}:`))
    writeFileSync(path, text)
  }
  assert.doesNotMatch(copiesIn(copies), /met_secret/)
})

const hidden = {
  'in an anchor that something refers to': koban.replace('met_', '&t met_').replace('ca.pem', '*t'),
  'in a section that is written down elsewhere': `other: &s { enrollmentToken: met_secret, enabled: true }\nsync: *s\n`,
}
for (const [name, text] of Object.entries(hidden))
  test(`a token that cannot be cut out leaves no copy: ${name}`, () => {
    const { put, keep, usable } = setUp()
    const file = put('koban.yaml', text)
    keep(file)
    writeFileSync(file, 'watch: [')
    assert.throws(() => usable(file), PlainFault)
  })

test('a copy that is of no use itself leaves the word to the file', () => {
  const { put, keep, usable } = setUp()
  const file = put('koban.yaml', koban)
  writeFileSync(join(keep(file), 'koban.yaml'), '[1]')
  writeFileSync(file, 'watch: [')
  assert.throws(() => usable(file), new RegExp(`^PlainFault: ${file}:`))
})
