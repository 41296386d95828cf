// Every field and flag that a rule may look at, as tables (sensor-protocol 15.3, 15.4).
// What rules make of them is tested where rules are asked.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldOf, flagOf, type RuledItem } from './fields.ts'

const server = (changed: Partial<RuledItem> = {}): RuledItem => ({
  surface: 'claudeConfig',
  kind: 'mcpServer',
  name: 'w',
  version: null,
  path: '/h/.claude.json',
  origin: 'npx',
  detail: 'npx -y w',
  installedOnRequest: null,
  ...changed,
})
const packageItem = (changed: Partial<RuledItem> = {}): RuledItem =>
  server({
    surface: 'javascriptPackages',
    kind: 'package',
    name: 'a',
    version: '1',
    origin: 'npm',
    detail: null,
    ...changed,
  })
const hash = 'a'.repeat(64)
const resolved = 'resolved=https://registry.npmjs.org/a/-/a-1.tgz integrity=sha512-x scope=dev'

const fieldCases: readonly [name: string, item: RuledItem, field: string, want: string | null][] = [
  ['kind', server(), 'kind', 'mcpServer'],
  ['name', server(), 'name', 'w'],
  ['path', server(), 'path', '/h/.claude.json'],
  ['version', packageItem(), 'version', '1'],
  ['version that is not there', server(), 'version', null],
  ['origin', server(), 'origin', 'npx'],
  ['detail', server(), 'detail', 'npx -y w'],
  ['package manager on a package surface', packageItem(), 'packageManager', 'npm'],
  ['package manager elsewhere', server(), 'packageManager', null],
  ['registry', packageItem({ detail: resolved }), 'registry', 'registry.npmjs.org'],
  ['registry of no URL', packageItem({ detail: 'resolved=x' }), 'registry', null],
  ['source', packageItem({ detail: resolved }), 'sourceURL', 'https://registry.npmjs.org/a/-/a-1.tgz'],
  ['scope', packageItem({ detail: resolved }), 'dependencyScope', 'dev'],
  ['scope that is not there', packageItem(), 'dependencyScope', null],
  ['command', server(), 'command', 'npx'],
  ['command that is a URL', server({ origin: 'https://x' }), 'command', null],
  ['command on a Windows drive', server({ origin: 'C:\\t\\x.exe' }), 'command', 'C:\\t\\x.exe'],
  ['command of something else', packageItem(), 'command', null],
  ['hash', server({ detail: hash }), 'fileHash', hash],
  ['hash of the wrong length', server({ detail: `${hash}0` }), 'fileHash', null],
  ['hash as a token', server({ detail: 'x fileHash=ab' }), 'fileHash', 'ab'],
  ['a word that is no field', server(), 'constructor', null],
]
for (const [name, item, field, want] of fieldCases)
  test(`field: ${name}`, () => assert.equal(fieldOf(item, field), want))

const flagCases: readonly [name: string, item: RuledItem, flag: string, want: boolean | null][] = [
  ['asked for', packageItem({ installedOnRequest: false }), 'installedOnRequest', false],
  ['not known whether asked for', server(), 'installedOnRequest', null],
  ['direct', server(), 'isDirectDependency', true],
  ['not direct', packageItem({ detail: resolved }), 'isDirectDependency', false],
  ['executable', server(), 'isExecutableConfig', true],
  ['not executable', server({ kind: 'skill' }), 'isExecutableConfig', false],
  ['shapes prompts', server({ kind: 'skill' }), 'isPromptShapingConfig', true],
  ['helper', server({ detail: 'https://x headersHelper' }), 'usesDynamicAuthHelper', true],
  ['helper without detail', server({ detail: null }), 'usesDynamicAuthHelper', null],
  ['runner', server(), 'usesEphemeralRunner', true],
  ['runner in capitals', server({ detail: 'NPX -y w' }), 'usesEphemeralRunner', false],
  ['remote', server({ detail: 'wss://x' }), 'usesRemote', true],
  ['install script, which nobody knows', server(), 'hasInstallScript', null],
  ['editable, which nobody knows', server(), 'isEditable', null],
]
for (const [name, item, flag, want] of flagCases) test(`flag: ${name}`, () => assert.equal(flagOf(item, flag), want))
