// Proof that every fault of fleet-product 6.3 is found where it stands, all at once, and that defaults are filled in.
// The faults of YAML itself are read.test.ts; advice about sound rules is advise.test.ts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BASE_VOCABULARY } from '@muster/contract'
import { examinePolicy } from './examine.ts'
import type { Judging } from './validate.ts'

const judging: Judging = { mayWidenScan: false, vocabulary: BASE_VOCABULARY }

/** The agent part starts on line 4, its first member on line 5 at column 3. */
const policy = (...agent: readonly string[]): string =>
  [
    'apiVersion: fleet/v1',
    'kind: Policy',
    'metadata: { name: engineering }',
    'agent:',
    ...agent.map((line) => `  ${line}`),
  ]
    .join('\n')
    .concat('\n')

/** A rule of one line; its map starts at column 7 and its id at column 12 of that line. */
const rule = (change: Readonly<Record<string, string | null>> = {}): string => {
  const usual = { id: 'acme.x', surface: 'homebrew', match: 'always', severity: 'info', title: 'T', rationale: 'R' }
  const members = Object.entries({ ...usual, ...change }).filter(([, value]) => value !== null)
  return `  - { ${members.map(([key, value]) => `${key}: ${value}`).join(', ')} }`
}

const rules = (...lines: readonly string[]): string => policy('includeBuiltinRules: true', 'rules:', ...lines)

const faultsOf = (text: string, may: Partial<Judging> = {}) =>
  examinePolicy(text, { ...judging, ...may }).errors.map(
    ({ code, path, line, column }) => `${code} ${path} ${line}:${column}`,
  )

interface Case {
  readonly name: string
  readonly text: string
  readonly want: readonly string[]
}

const shapes: readonly Case[] = [
  { name: 'a list is not a policy', text: '- a', want: ['wrong_type  1:1'] },
  {
    name: 'an empty document misses everything',
    text: '{}',
    want: ['missing_key /apiVersion 1:1', 'missing_key /kind 1:1', 'missing_key /metadata 1:1'],
  },
  {
    name: 'another version and another kind',
    text: 'apiVersion: fleet/v2\nkind: Config\nmetadata: {name: x}\n',
    want: ['wrong_value /apiVersion 1:13', 'wrong_value /kind 2:7'],
  },
  {
    name: 'metadata needs a name, on one line, of a length, and knows no other keys',
    text: 'apiVersion: fleet/v1\nkind: Policy\nmetadata: {owner: x}\n',
    want: ['missing_key /metadata/name 3:11', 'unknown_key /metadata/owner 3:12'],
  },
  {
    name: 'a name with spaces around it',
    text: 'apiVersion: fleet/v1\nkind: Policy\nmetadata: {name: " x"}\n',
    want: ['wrong_value /metadata/name 3:18'],
  },
  {
    name: 'a name that is empty, or too long',
    text: `apiVersion: fleet/v1\nkind: Policy\nmetadata: {name: "", description: ${'d'.repeat(1025)}}\n`,
    want: ['empty_text /metadata/name 3:18', 'too_long /metadata/description 3:35'],
  },
  {
    name: 'an unknown key at every level',
    text: `${policy('wacht: {}', 'watch: { poll: 1, homeSignalScan: { on: true, initialScanBudget: { all: 1 } } }', 'sync: { endpoint: x }')}spec: {}\n`,
    want: [
      'unknown_key /agent/wacht 5:3',
      'unknown_key /agent/watch/poll 6:12',
      'unknown_key /agent/watch/homeSignalScan/on 6:39',
      'unknown_key /agent/watch/homeSignalScan/initialScanBudget/all 6:70',
      'unknown_key /agent/sync/endpoint 7:11',
      'unknown_key /spec 8:1',
    ],
  },
  {
    name: 'a part that agents would discard is not a key',
    text: policy('persistence: { maxStoredEvents: 1 }'),
    want: ['unknown_key /agent/persistence 5:3'],
  },
  {
    name: 'wrong types everywhere, and nothing where a map should be',
    text: policy('watch: [a]', 'sync:', 'rules: {}', 'includeBuiltinRules: yes'),
    want: [
      'wrong_type /agent/watch 5:10',
      'wrong_type /agent/sync 6:8',
      'wrong_type /agent/rules 7:10',
      'wrong_type /agent/includeBuiltinRules 8:24',
    ],
  },
  {
    name: 'a text, a fraction or nothing for a whole number',
    text: policy('watch: { maxDepth: "5", pollIntervalSeconds: 300.5, debounceMilliseconds: }'),
    want: [
      'wrong_type /agent/watch/maxDepth 5:22',
      'wrong_type /agent/watch/pollIntervalSeconds 5:48',
      'wrong_type /agent/watch/debounceMilliseconds 5:77',
    ],
  },
]

const integers: readonly (readonly [key: string, least: number, most: number])[] = [
  ['watch/debounceMilliseconds', 100, 60_000],
  ['watch/pollIntervalSeconds', 30, 86_400],
  ['watch/maxScanWallClockSeconds', 5, 600],
  ['watch/maxFreshScanAgeSeconds', 60, 604_800],
  ['watch/maxDepth', 0, 16],
  ['watch/homeSignalScan/maxDepth', 0, 16],
  ['watch/homeSignalScan/initialScanBudget/maxDirectoriesVisited', 1, 200_000],
  ['watch/homeSignalScan/initialScanBudget/maxFilesVisited', 1, 1_000_000],
  ['watch/homeSignalScan/initialScanBudget/maxWallClockSeconds', 1, 600],
  ['sync/maxBatchBytes', 65_536, 8_388_608],
  ['sync/maxBatchEvents', 1, 5_000],
]

const nest = (path: string, value: string): string =>
  path.split('/').reduceRight((inner, key, at) => (at === 0 ? `${key}: ${inner}` : `{ ${key}: ${inner} }`), value)

for (const [path, least, most] of integers)
  test(`bounds of ${path}: ${least} to ${most}`, () => {
    const codes = (value: number | string) =>
      examinePolicy(policy(nest(path, String(value))), judging)
        .errors.filter((error) => error.path === `/agent/${path}` && !error.message.includes('twice'))
        .map(({ code }) => code)
    for (const value of [least, most]) assert.deepEqual(codes(value), [], String(value))
    for (const value of [least - 1, most + 1, '.inf', '-.inf', '.nan', '1e300'])
      assert.deepEqual(codes(value), ['out_of_bounds'], String(value))
  })

const lists: readonly (readonly [path: string, most: number, entry: string])[] = [
  ['watch/projectRoots', 64, '~/src'],
  ['watch/excludeDirectories', 256, 'dist'],
  ['watch/homeSignalScan/signalFileNames', 128, 'AGENTS.md'],
  ['watch/homeSignalScan/signalFileGlobs', 64, '"*.rules"'],
  ['watch/homeSignalScan/pruneDirectoryNames', 256, 'Library'],
]

for (const [path, most, entry] of lists)
  test(`${path} has at most ${most} entries, none empty, all texts`, () => {
    const codes = (entries: readonly string[]) =>
      faultsOf(policy(nest(path, `[${entries.join(', ')}]`)), { mayWidenScan: true }).map(
        (fault) => fault.split(' ')[0],
      )
    assert.deepEqual(codes(Array(most).fill(entry)), [])
    assert.deepEqual(codes([]), [])
    assert.deepEqual(codes(Array(most + 1).fill(entry)), ['too_many_entries'])
    assert.deepEqual(codes(['""']), ['empty_text'])
    assert.deepEqual(codes(['7', 'null']), ['wrong_type', 'wrong_type'])
    assert.deepEqual(codes([`~/${'x'.repeat(1024)}`]).slice(0, 1), ['too_long'])
  })

const watches: readonly Case[] = [
  {
    name: 'a fresh scan may not age faster than two polls',
    text: policy('watch: { pollIntervalSeconds: 300, maxFreshScanAgeSeconds: 599 }'),
    want: ['out_of_bounds /agent/watch/maxFreshScanAgeSeconds 5:62'],
  },
  {
    name: 'the default age counts too',
    text: policy('watch: { pollIntervalSeconds: 451 }'),
    want: ['out_of_bounds /agent/watch/pollIntervalSeconds 5:33'],
  },
  {
    name: 'directories to exclude are bare names',
    text: policy('watch: { excludeDirectories: [a/b, "*", .., ok] }'),
    want: [0, 1, 2].map((at) => `malformed_file_name /agent/watch/excludeDirectories/${at} 5:${[33, 38, 43][at]}`),
  },
  {
    name: 'globs know only the star',
    text: policy('watch: { homeSignalScan: { signalFileGlobs: ["a?", "[ab]*", "x/*", "*.md"] } }'),
    want: [0, 1, 2].map(
      (at) => `malformed_file_name /agent/watch/homeSignalScan/signalFileGlobs/${at} 5:${[48, 54, 63][at]}`,
    ),
  },
  {
    name: 'links are never followed, paths are always filtered',
    text: policy('watch: { homeSignalScan: { followSymlinks: true, eventPathFiltering: false } }'),
    want: [
      'wrong_value /agent/watch/homeSignalScan/followSymlinks 5:46',
      'wrong_value /agent/watch/homeSignalScan/eventPathFiltering 5:72',
    ],
  },
  {
    name: 'the root of a home scan is the home directory or inside it',
    text: policy('watch: { homeSignalScan: { root: / } }'),
    want: ['project_root_refused /agent/watch/homeSignalScan/root 5:36'],
  },
  {
    name: 'scanning a home directory needs the capability',
    text: policy('watch: { homeSignalScan: { enabled: true } }'),
    want: ['scan_scope_not_allowed /agent/watch/homeSignalScan/enabled 5:39'],
  },
  {
    name: 'other roots than the usual need the capability',
    text: policy('watch: { projectRoots: [~/src] }'),
    want: ['scan_scope_not_allowed /agent/watch/projectRoots 5:26'],
  },
  {
    name: 'the usual roots in another order are the usual roots',
    text: policy('watch: { projectRoots: [~/Projects, ~/src, ~/Code, ~/Developer] }'),
    want: [],
  },
]

const refusedRoots = [
  '/',
  '/srv/code',
  '"~"',
  '~/',
  '~/.',
  '~/..',
  '~/a/../b',
  '~/a//b',
  '~root/x',
  'src',
  '"~\\\\x"',
  '~/a\\..\\b',
  'C:/x',
]

for (const root of refusedRoots)
  test(`project root ${root} is refused, whoever asks`, () => {
    const text = policy(`watch: { projectRoots: [${root}] }`)
    assert.deepEqual(faultsOf(text, { mayWidenScan: true }), ['project_root_refused /agent/watch/projectRoots/0 5:27'])
  })

for (const root of ['~/src', '~/src/', '~/.config', '~/a/b c/…', '~/..a'])
  test(`project root ${root} is accepted from whoever has the capability`, () => {
    assert.deepEqual(faultsOf(policy(`watch: { projectRoots: [${root}] }`), { mayWidenScan: true }), [])
  })

const ruleFaults: readonly Case[] = [
  {
    name: 'a rule without its required keys',
    text: rules('  - {}'),
    want: ['id', 'surface', 'match', 'severity', 'title', 'rationale'].map(
      (key) => `missing_key /agent/rules/0/${key} 7:7`,
    ),
  },
  { name: 'a rule that is not a map', text: rules('  - always'), want: ['wrong_type /agent/rules/0 7:7'] },
  {
    name: 'an unknown key in a rule',
    text: rules(rule({ color: 'red' })),
    want: ['unknown_key /agent/rules/0/color 7:95'],
  },
  {
    name: 'an unknown surface, also one that every object has',
    text: rules(rule({ surface: 'vscode' }), rule({ surface: 'toString' })),
    want: ['unknown_surface /agent/rules/0/surface 7:30', 'unknown_surface /agent/rules/1/surface 8:30'],
  },
  {
    name: 'an unknown match, also one that every object has',
    text: rules(rule({ match: 'regex' }), rule({ id: 'b', match: 'constructor' })),
    want: ['unknown_match /agent/rules/0/match 7:47', 'unknown_match /agent/rules/1/match 8:42'],
  },
  {
    name: 'an unknown severity',
    text: rules(rule({ severity: 'high' })),
    want: ['unknown_severity /agent/rules/0/severity 7:65'],
  },
  {
    name: 'an unknown trigger',
    text: rules(rule({ triggers: '[added, changed]' })),
    want: ['unknown_trigger /agent/rules/0/triggers/1 7:113'],
  },
  {
    name: 'an unknown field',
    text: rules(rule({ match: 'fieldContainsAny', field: 'nom', values: '[x]' })),
    want: ['unknown_field /agent/rules/0/field 7:112'],
  },
  {
    name: 'an unknown flag',
    text: rules(rule({ match: 'flagEquals', flag: 'isSigned', expected: 'true' })),
    want: ['unknown_flag /agent/rules/0/flag 7:105'],
  },
  {
    name: 'an id outside its grammar',
    text: rules(...['Acme', '-a', 'a/b', `"${'a'.repeat(129)}"`, 'a b'].map((id) => rule({ id }))),
    want: [0, 1, 2, 3, 4].map((at) => `malformed_rule_id /agent/rules/${at}/id ${7 + at}:13`),
  },
  {
    name: 'an empty text among values',
    text: rules(rule({ match: 'fieldContainsAny', field: 'name', values: '[x, ""]' })),
    want: ['empty_text /agent/rules/0/values/1 7:130'],
  },
  {
    name: 'a scheme that is not one',
    text: rules(rule({ match: 'fieldHasURLScheme', field: 'detail', schemes: '["https://"]' })),
    want: ['malformed_scheme /agent/rules/0/schemes/0 7:131'],
  },
  {
    name: 'an empty title and a rationale that is a number',
    text: rules(rule({ title: '""', rationale: '7' })),
    want: ['empty_text /agent/rules/0/title 7:78', 'wrong_type /agent/rules/0/rationale 7:93'],
  },
  {
    name: 'parameters that the match does not use',
    text: rules(rule({ field: 'name', expected: 'true' })),
    want: ['irrelevant_parameter /agent/rules/0/field 7:95', 'irrelevant_parameter /agent/rules/0/expected 7:108'],
  },
  {
    name: 'one id twice on one surface; another surface is another rule',
    text: rules(rule(), rule(), rule({ surface: 'claudeConfig' })),
    want: ['duplicate_rule /agent/rules/1/id 8:13'],
  },
  {
    name: 'the id of a built-in rule on its surface',
    text: rules(rule({ id: 'homebrew.untrusted-tap' })),
    want: ['duplicate_rule /agent/rules/0/id 7:13'],
  },
  {
    name: 'a duplicate is found even among rules with other faults',
    text: rules(rule(), rule({ severity: 'high' })),
    want: ['duplicate_rule /agent/rules/1/id 8:13', 'unknown_severity /agent/rules/1/severity 8:65'],
  },
  {
    name: 'more rules than an agent gets, the built-in ones counted',
    text: rules(...Array.from({ length: 437 }, (_, at) => rule({ id: `acme.${at}` }))),
    want: ['too_many_entries /agent/rules 7:5'],
  },
]

const parameters: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  fieldContainsAny: { field: 'name', values: '[x]' },
  fieldNotInList: { field: 'name', allowed: '[x]' },
  fieldHasURLScheme: { field: 'detail', schemes: '[https]' },
  flagEquals: { flag: 'usesRemote', expected: 'false' },
}

for (const [match, wanted] of Object.entries(parameters)) {
  test(`match ${match} with its parameters is sound`, () => {
    assert.deepEqual(faultsOf(rules(rule({ match, ...wanted }))), [])
  })
  for (const left of Object.keys(wanted))
    test(`match ${match} without ${left} is a fault`, () => {
      assert.deepEqual(faultsOf(rules(rule({ match, ...wanted, [left]: null as unknown as string }))), [
        `missing_parameter /agent/rules/0/${left} 7:7`,
      ])
    })
}

const elsewhere: readonly Case[] = [
  {
    name: 'no rules for the server is sound',
    text: 'apiVersion: fleet/v1\nkind: Policy\nmetadata: {name: x}\nfleet: { rules: [] }\n',
    want: [],
  },
  {
    name: 'rules for the server are refused by name',
    text: 'apiVersion: fleet/v1\nkind: Policy\nmetadata: {name: x}\nfleet: { rules: [{ id: a, type: mcpAllowlist }], x: 1 }\n',
    want: ['fleet_rules_unsupported /fleet/rules 4:17', 'unknown_key /fleet/x 4:50'],
  },
  {
    name: 'the shorthand for them is refused too',
    text: 'apiVersion: fleet/v1\nkind: Policy\nmetadata: {name: x}\nmcp_servers: {allow: []}\nnpm_packages: {deny: []}\n',
    want: ['fleet_rules_unsupported /mcp_servers 4:1', 'fleet_rules_unsupported /npm_packages 5:1'],
  },
]

for (const { name, text, want } of [...shapes, ...watches, ...ruleFaults, ...elsewhere])
  test(name, () => assert.deepEqual(faultsOf(text), want))

test('every fault carries a message, and a document with faults is no document', () => {
  const { document, errors } = examinePolicy(rules(rule({ severity: 'high', id: 'A' }), '  - 7'), judging)
  assert.equal(document, null)
  assert.equal(errors.length, 3)
  for (const { message } of errors) assert.match(message, /\S/)
})

test('an unknown word is answered with the words there are', () => {
  const [error] = examinePolicy(rules(rule({ severity: 'high' })), judging).errors
  assert.equal(error?.message, '"high" is not one of info, notable, suspicious, critical')
})
