// Every section says what it was told and nothing else, in each language, and what is written down is read as it was.
// Places and templates are configuration.test.ts, whole files of others beginnings.test.ts.
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { BASE_VOCABULARY, type Rule } from '@muster/contract/device'
import { stringify as toToml } from 'smol-toml'
import { stringify as toYaml } from 'yaml'
import { PlainFault } from '../plain-fault.ts'
import { type ObserveSettings, readConfiguration } from './configuration.ts'
import { readMachine } from './machine.ts'

const machine = { ...readMachine({}), platform: 'linux', home: '/home/ada', env: {} } as const

type Language = 'yaml' | 'json' | 'toml'
const languages: Readonly<Record<Language, (file: object) => string>> = {
  yaml: (file) => toYaml(file),
  json: (file) => JSON.stringify(file),
  toml: (file) => toToml(file),
}

const read = (observe: object, language: Language = 'yaml'): ObserveSettings => {
  const path = join(mkdtempSync(join(tmpdir(), 'muster-agent-sections-')), `agent.${language}`)
  writeFileSync(path, languages[language]({ observe }))
  return readConfiguration(path, machine).observe
}

const usual = read({})

interface Section {
  readonly [key: string]: unknown
}

/** Each section with a value that is not its default, for every kind of key it has. */
const told: { readonly [name: string]: Section } = {
  watch: {
    debounceMilliseconds: 900,
    pollIntervalSeconds: 60,
    maxScanWallClockSeconds: 40,
    maxFreshScanAgeSeconds: 120,
  },
  persistence: { maxStoredEvents: 0, maxStoredFindings: -1 },
  sync: { maxBatchEvents: 7, checkInIntervalSeconds: 9, retryBaseSeconds: 3, retryMaxSeconds: 60 },
  homebrew: { enabled: false, prefixes: ['/opt/brew'] },
  claude: {
    enabled: false,
    includeHooks: false,
    includeManagedSettings: true,
    configPath: '/c.json',
    projectRoots: ['/a'],
  },
  codex: { includeSystemConfig: true, includeRules: false, profileConfigGlob: '/c/*.toml', projectRoots: ['/b'] },
  pi: { includeImports: false, includePackages: false, agentDirectory: '/pi' },
  cursor: { includeLegacyRules: false, includeGlobalMCP: false, globalMCPPath: '/m.json' },
  opencode: { includeManagedPreferences: true, includeMCP: false, userConfigDirectory: '/o', projectRoots: ['/d'] },
  javascript: { includeBun: false, maxDepth: 2, excludeDirectories: ['x'], lockfileNames: ['yarn.lock'] },
  python: { includeUV: false, maxDepth: 1, requirementFileGlobs: ['deps*.txt'], projectRoots: ['/e'] },
  claudeDesktop: { enabled: false, configPath: '/cd.json' },
  go: { enabled: false, maxDepth: 3 },
  cargo: { enabled: false, projectRoots: ['/f'] },
  debian: { enabled: false },
  rpm: { enabled: false },
  vscode: { enabled: false, extensionDirectories: ['/v'] },
  npmGlobal: { enabled: false, prefixes: ['/n'] },
}

const sectionOf = (settings: ObserveSettings, name: string): Section =>
  (settings as unknown as Record<string, Section>)[name] ?? assert.fail(name)

for (const [name, said] of Object.entries(told))
  test(`the section ${name} takes what it is told, and keeps every other default`, () => {
    const settings = sectionOf(read({ [name]: said }), name)
    assert.deepEqual(settings, { ...sectionOf(usual, name), ...said })
  })

test('a home scan that is told one thing keeps the rest, down into its budget', () => {
  const { homeSignalScan } = read({
    watch: { homeSignalScan: { enabled: true, initialScanBudget: { maxFilesVisited: 7 } } },
  }).watch
  const { initialScanBudget: budget, ...others } = usual.watch.homeSignalScan
  assert.deepEqual(homeSignalScan, { ...others, enabled: true, initialScanBudget: { ...budget, maxFilesVisited: 7 } })
})

const rule = { id: 'acme.r', surface: 'piConfig', match: 'always', severity: 'info', title: 't', rationale: 'r' }

test('a rule that leaves out what it may is enabled and looks at what is new or changed', () =>
  assert.deepEqual(read({ rules: [rule] }).rules, [{ ...rule, enabled: true, triggers: ['added', 'modified'] }]))

test('a rule that leaves out what its match needs is refused, whichever that is', () => {
  for (const [match, parameters] of Object.entries(BASE_VOCABULARY.matches))
    for (const parameter of parameters)
      assert.throws(
        () => read({ rules: [{ ...rule, ...allParameters, match, [parameter]: undefined }] }),
        (fault) => fault instanceof PlainFault && fault.message.includes(`${match} needs ${parameter}`),
      )
})

const allParameters = {
  field: 'name',
  values: ['a'],
  allowed: ['b'],
  schemes: ['https'],
  flag: 'usesRemote',
  expected: false,
}

const ruleWith = (match: string): Rule => {
  const own = (BASE_VOCABULARY.matches[match] ?? []).map((name) => [name, allParameters[name]])
  const always = { ...rule, match, enabled: false, triggers: ['present', 'removed'], severity: 'critical' }
  return { ...always, ...Object.fromEntries(own) }
}

for (const language of Object.keys(languages) as Language[])
  test(`rules of every match, what is there and what is critical among them, survive being written as ${language}`, () => {
    const rules = Object.keys(BASE_VOCABULARY.matches).map(ruleWith)
    assert.deepEqual(read({ rules }, language).rules, rules)
    assert.deepEqual(read({ ...told, rules }, language), read({ ...told, rules }))
  })

test('the keys of project folders lie flat under watch, and an empty list is not an absent one', () => {
  const { projectRoots, maxDepth, excludeDirectories } = read({
    watch: { projectRoots: [], maxDepth: 0, excludeDirectories: [] },
  }).watch
  assert.deepEqual([projectRoots, maxDepth, excludeDirectories], [[], 0, []])
  assert.throws(() => read({ watch: { projectDiscovery: { maxDepth: 1 } } }), /projectDiscovery/)
})
