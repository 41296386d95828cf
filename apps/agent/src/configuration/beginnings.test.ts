// How a configuration comes to be: seeded, imported from a koban.yaml, kept when the file breaks, and edited while in use
// (sensor-agent 3.1 to 3.5). What each key means is tested in configuration.test.ts.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { BUILT_IN_RULES } from '@muster/contract/device'
import { parse } from 'yaml'
import { PlainFault } from '../plain-fault.ts'
import { readConfiguration } from './configuration.ts'
import { defaultFile } from './default-file.ts'
import { isOtherConfiguration, watchEdits } from './edits.ts'
import { keepLastGood, readUsable } from './last-good.ts'
import { type Machine, readMachine } from './machine.ts'
import { AgentFile } from './schema.ts'
import { seed } from './seed.ts'

const scratch = (): string => mkdtempSync(join(tmpdir(), 'muster-agent-begin-'))
const machine: Machine = { ...readMachine({}), platform: 'linux', home: '/home/ada', isSystemAccount: false, env: {} }
const put = (folder: string, name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const mkdir = (path: string): void => void mkdirSync(path, { recursive: true })

test('the first file equals the built-in defaults, as it is and with its comments taken away', () => {
  const folder = scratch()
  const asIs = readConfiguration(put(folder, 'agent.yaml', defaultFile()), machine)
  const none = readConfiguration(null, machine)
  assert.deepEqual(asIs.observe, none.observe)
  const lines = defaultFile().split('\n')
  const bare = lines.slice(lines.lastIndexOf('#observe:')).map((line) => line.replace(/^#/, ''))
  assert.deepEqual(AgentFile.parse(parse(bare.join('\n'))), AgentFile.parse({}))
  assert.deepEqual(none.observe.rules, BUILT_IN_RULES)
})

test('a missing file is written with its folders, one that is there is left alone, and a failure is told', () => {
  const folder = scratch()
  const path = join(folder, 'deep', 'er', 'agent.yaml')
  assert.deepEqual([seed(path, 'one'), seed(path, 'two'), readFileSync(path, 'utf8')], ['written', 'kept', 'one'])
  assert.throws(() => seed(join(path, 'below-a-file.yaml'), 'x'), /write .*below-a-file/)
})

const koban = `
watch:
  pollIntervalSeconds: 0
  projectRoots: [~/work]
  homeSignalScan: { enabled: true, initialScanBudget: { maxFilesVisited: 7 } }
  unheardOf: 1
persistence: { maxStoredEvents: 9 }
claude: { includeHooks: false }
sync:
  enabled: true
  protocol: kobanSensorV1
  endpoint: https://fleet.example:8443/prefix
  enrollmentToken: met_imported
  tenantID: t
  maxBatchEvents: 100000
  checkInIntervalSeconds: 30
rules:
  - { id: a, surface: claudeConfig, match: fieldContainsAny, field: name, values: [x], severity: critical, title: t, rationale: r, note: null }
future: {}
`

test('a koban.yaml works as it is, under its own name', () => {
  const file = put(scratch(), 'koban.yaml', koban)
  const { server, enrollmentToken, isTokenImported, observe, warnings, importedFile } = readConfiguration(file, machine)
  assert.deepEqual(
    [server, enrollmentToken?.reveal(), isTokenImported, importedFile],
    ['https://fleet.example:8443/prefix', 'met_imported', true, file],
  )
  assert.deepEqual(observe.watch.projectRoots, ['/home/ada/work'])
  assert.deepEqual(
    [observe.watch.pollIntervalSeconds, observe.watch.debounceMilliseconds, observe.sync.maxBatchEvents],
    [1, 800, 5_000],
  )
  assert.deepEqual(observe.persistence, { maxStoredEvents: 9, maxStoredFindings: 1_000 })
  assert.equal(observe.watch.homeSignalScan.initialScanBudget.maxFilesVisited, 7)
  assert.equal(observe.watch.homeSignalScan.initialScanBudget.maxDirectoriesVisited, 50_000)
  assert.equal(observe.claude.includeHooks, false)
  assert.deepEqual(
    observe.rules.map(({ id, enabled, triggers }) => [id, enabled, triggers]),
    [['a', true, ['added', 'modified']]],
  )
  assert.deepEqual(
    warnings.map((line) => line.split(': ')[1]?.split(' ')[0]),
    ['watch.unheardOf', 'future'],
  )
})

const told = {
  watch: {
    debounceMilliseconds: 400,
    pollIntervalSeconds: 120,
    maxScanWallClockSeconds: 45,
    maxFreshScanAgeSeconds: 600,
  },
  persistence: { maxStoredEvents: 0, maxStoredFindings: -1 },
  sync: {
    maxBatchBytes: 131_072,
    maxBatchEvents: 50,
    retryBaseSeconds: 5,
    retryMaxSeconds: 90,
    outboxMaxBytes: 2_097_152,
  },
}
for (const protocol of [undefined, 'kobanSensorV1', 'anotherWord'])
  test(`a koban.yaml with the protocol ${protocol ?? 'left out'} says times, freshness, retention and sync as it means them`, () => {
    const sync = { enabled: true, endpoint: 'https://h', ...told.sync, ...(protocol && { protocol }) }
    const { server, observe, warnings } = readConfiguration(
      put(scratch(), 'koban.yaml', JSON.stringify({ ...told, sync })),
      machine,
    )
    assert.deepEqual([server, warnings], ['https://h', []])
    assert.deepEqual({ ...observe.watch, ...told.watch }, observe.watch)
    assert.deepEqual(observe.persistence, told.persistence)
    assert.deepEqual(observe.sync, { ...told.sync, checkInIntervalSeconds: 60 })
  })

test('the agent’s own file wins over what it imports, key by key', () => {
  const folder = scratch()
  put(folder, 'koban.yaml', koban)
  const own = 'server: https://own.example\nobserve:\n  import: koban.yaml\n  watch: { maxDepth: 2 }\n'
  const { server, observe } = readConfiguration(put(folder, 'agent.yaml', own), machine)
  assert.deepEqual(
    [server, observe.watch.maxDepth, observe.watch.projectRoots[0]],
    ['https://own.example', 2, '/home/ada/work'],
  )
})

test('a koban.yaml with sync switched off names no server', () => {
  const { server, enrollmentToken } = readConfiguration(
    put(scratch(), 'koban.yaml', koban.replace('enabled: true\n  protocol', 'enabled: false\n  protocol')),
    machine,
  )
  assert.deepEqual([server, enrollmentToken], [null, null])
})

const wrong: readonly [name: string, from: string, to: string, says: RegExp][] = [
  [
    'a wrong type',
    'protocol: kobanSensorV1',
    'enabled2: 1\n  retryBaseSeconds: soon',
    /koban\.yaml:\d+:\d+: sync\.retryBaseSeconds/,
  ],
  ['a word no rule has', 'match: fieldContainsAny', 'match: regex', /koban\.yaml:\d+:\d+: rules\.0\.match/],
  ['a rule without its parameter', ', values: [x]', '', /rules\.0\.values: fieldContainsAny needs values/],
  ['no mapping', koban, '[1]', /must be one mapping/],
  ['no YAML', koban, 'a: [', /koban\.yaml:1:/],
]
for (const [name, from, to, says] of wrong)
  test(`a koban.yaml is refused with its place: ${name}`, () =>
    assert.throws(
      () => readConfiguration(put(scratch(), 'koban.yaml', koban.replace(from, to)), machine),
      (fault) => fault instanceof PlainFault && says.test(fault.message),
    ))

const kept = (dataDir: string) => `dataDir: ${dataDir} # here\nserver: https://h\nobserve:\n  watch: { maxDepth: 3 }\n`

test('a file that breaks is replaced by the last one that was good, wherever it breaks', () => {
  const folder = scratch()
  const dataDir = join(folder, 'data dir')
  const file = put(folder, 'agent.yaml', `${kept(dataDir)}enrollmentToken: met_secret\n`)
  mkdirSync(dataDir)
  keepLastGood(readConfiguration(file, machine), mkdir)
  for (const broken of [
    `${kept(dataDir)}x: [`,
    `${kept(dataDir)}nonsense: 1\n`,
    kept(dataDir).replace('Depth: 3', 'Depth: deep'),
  ]) {
    writeFileSync(file, broken)
    const { configuration, fault } = readUsable(file, machine)
    assert.deepEqual(
      [configuration.observe.watch.maxDepth, configuration.file, configuration.dataDir],
      [3, file, dataDir],
    )
    assert.match(fault?.message ?? '', /agent\.yaml:\d+:\d+/)
  }
  assert.doesNotMatch(readFileSync(join(dataDir, 'last-good', 'agent.yaml'), 'utf8'), /met_secret/)
  rmSync(join(dataDir, 'last-good'), { recursive: true })
  assert.throws(() => readUsable(file, machine), PlainFault)
})

test('only edits that mean something begin anew; a token that has served does not, one that is new does', () => {
  const folder = scratch()
  const at = (text: string) => readConfiguration(put(folder, 'agent.yaml', text), machine)
  const base = 'server: https://h\nenrollmentToken: one\n'
  const is = (before: string, after: string) => isOtherConfiguration(at(before), at(after))
  assert.deepEqual(
    [
      is(base, `# a comment\n${base}`),
      is(base, 'server: https://h\n'),
      is('server: https://h\n', base),
      is(base, base.replace('one', 'two')),
      is(base, `${base}observe: { watch: { maxDepth: 1 } }\n`),
    ],
    [false, false, true, true, true],
  )
})

test('an edit is noticed once for a burst, also when the file is put in place by a rename', async () => {
  const folder = scratch()
  const file = put(folder, 'agent.yaml', 'a')
  let edits = 0
  const noticed = Promise.withResolvers<void>()
  const watching = watchEdits(
    [file],
    () => {
      edits += 1
      noticed.resolve()
    },
    (blind) => noticed.reject(new Error(blind)),
  )
  put(folder, 'other.yaml', 'x')
  for (const text of ['b', 'c', 'd']) put(folder, 'agent.yaml', text)
  await noticed.promise
  watching.close()
  assert.equal(edits, 1)
})

test('a folder that is not there is told, and ends nothing', () => {
  const blind: string[] = []
  watchEdits(
    [join(scratch(), 'nowhere', 'agent.yaml')],
    () => {},
    (folder) => void blind.push(folder),
  ).close()
  assert.equal(blind.length, 1)
})
