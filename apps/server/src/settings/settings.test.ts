// Proof of where settings come from, which weigh more, and that every mistake is pointed at.
// What a server does with its settings is tested where it is built.
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readArguments } from './arguments.ts'
import type { Machine } from './machine.ts'
import { readSettings, type SettingsOutcome } from './settings.ts'
import { flagOf, settingKeys, variableOf } from './table.ts'

const machine = (env: Record<string, string> = {}): Machine => ({
  platform: 'linux',
  arch: 'x86_64',
  host: 'box',
  user: 'ann',
  home: '/nowhere/ann',
  isSystemAccount: false,
  env,
})

const folder = mkdtempSync(join(tmpdir(), 'muster-settings-'))
let files = 0
const file = (text: string, ending = 'yaml'): string => {
  files += 1
  const path = join(folder, `${files}.${ending}`)
  writeFileSync(path, text)
  return path
}

const read = (argv: readonly string[], env: Record<string, string> = {}): SettingsOutcome =>
  readSettings(readArguments(argv, ['config', ...settingKeys.map(flagOf)], []), machine(env))

const settingsOf = (outcome: SettingsOutcome) => {
  assert.ok(outcome.ok, JSON.stringify(outcome))
  return outcome.settings.settings
}

const faultsOf = (outcome: SettingsOutcome): string[] =>
  outcome.ok ? [] : outcome.faults.map(({ where, message }) => `${where}: ${message}`.replaceAll(folder, ''))

test('without a word, the defaults of the house hold', () => {
  const settings = settingsOf(read([]))
  assert.equal(settings.dataDir, '/nowhere/ann/.local/share/muster')
  assert.deepEqual(settings.gateway, { host: '0.0.0.0', port: 8443 })
  assert.deepEqual(settings.api, { host: '127.0.0.1', port: 8080 })
  assert.deepEqual(settings.roles, ['gateway', 'control'])
  assert.deepEqual(settings.gatewayNames, ['localhost', '127.0.0.1', '::1', 'box'])
  assert.equal(settings.deviceAuth, 'mtls')
  assert.equal(settings.gatewayCert, undefined)
  assert.equal(settings['retention.events'], 90)
})

test('a flag weighs more than the environment, that more than the file, that more than the default', () => {
  const config = file('api: 127.0.0.1:1\ngateway: 127.0.0.1:1\nlog: { level: warn }\n')
  const env = { MUSTER_SERVER_CONFIG: config, MUSTER_API: '127.0.0.1:2', MUSTER_GATEWAY: '127.0.0.1:2' }
  const settings = settingsOf(read(['--gateway', '127.0.0.1:3'], env))
  assert.equal(settings.gateway.port, 3)
  assert.equal(settings.api.port, 2)
  assert.equal(settings['log.level'], 'warn')
  assert.equal(settings['metrics.auth'], 'loopback')
})

test('one rule makes flag and variable out of the key', () => {
  const named = ['dataDir', 'metrics.auth', 'retention.deadLetters'].map((key) => [flagOf(key), variableOf(key)])
  assert.deepEqual(named, [
    ['data-dir', 'MUSTER_DATA_DIR'],
    ['metrics-auth', 'MUSTER_METRICS_AUTH'],
    ['retention-dead-letters', 'MUSTER_RETENTION_DEAD_LETTERS'],
  ])
  assert.equal(new Set(settingKeys.map(flagOf)).size, settingKeys.length)
})

test('TOML and YAML say the same', () => {
  const yaml = file('roles: [gateway]\nmetrics:\n  auth: open\nretention:\n  events: 30\n')
  const toml = file('roles = ["gateway"]\n[metrics]\nauth = "open"\n[retention]\nevents = 30\n', 'toml')
  assert.deepEqual(settingsOf(read(['--config', yaml])), settingsOf(read(['--config', toml])))
})

test('values are filled in from the machine, the environment and variables', () => {
  const config = file(
    [
      "dataDir: '{% if is_windows() %}C:\\muster{% else %}{{ vars.base }}/data{% endif %}'",
      'gatewayNames: ["{{ system.host }}", "{{ env(name=\'EXTRA\', default=\'localhost\') }}"]',
      'vars: { base: "{{ vars.root }}/{{ system.user }}", root: /srv }',
    ].join('\n'),
  )
  const settings = settingsOf(read(['--config', config]))
  assert.equal(settings.dataDir, '/srv/ann/data')
  assert.deepEqual(settings.gatewayNames, ['box', 'localhost'])
})

test('a value that is filled in cannot add keys', () => {
  const config = file('dataDir: \'{{ env(name="D") }}\'\n')
  assert.equal(settingsOf(read(['--config', config], { D: '/d"\nroles: gateway' })).roles.length, 2)
})

test('included files are merged and weigh more', () => {
  const part = file('api: 127.0.0.1:7\n')
  const config = file(`include: [${part}]\napi: 127.0.0.1:6\ngateway: 127.0.0.1:6\n`)
  const settings = settingsOf(read(['--config', config]))
  assert.deepEqual([settings.api.port, settings.gateway.port], [7, 6])
})

const wrong: readonly {
  name: string
  argv?: string[]
  env?: Record<string, string>
  yaml?: string
  toml?: string
  says: RegExp
}[] = [
  { name: 'a port out of range', argv: ['--gateway', 'x:70000'], says: /^--gateway: "x:70000" is not HOST:PORT/ },
  { name: 'a bad variable', env: { MUSTER_API: 'nonsense' }, says: /^MUSTER_API: "nonsense" is not HOST:PORT/ },
  { name: 'an unknown key', yaml: '\ngatway: 1\n', says: /yaml:2:1: unknown key "gatway"; did you mean "gateway"\?/ },
  { name: 'an unknown key in TOML', toml: '[metrics]\n  aut = 1\n', says: /toml:2:3: unknown key "metrics.aut"/ },
  { name: 'broken YAML', yaml: 'api: [1\n', says: /yaml:\d+:\d+: / },
  { name: 'broken TOML', toml: 'api = \n', says: /toml:1:\d+: / },
  { name: 'the same key twice', yaml: 'api: a:1\napi: a:2\n', says: /yaml:2:1: .*unique/ },
  { name: 'a mapping where a text belongs', yaml: 'api: { x: 1 }\n', says: /unknown key "api.x"/ },
  { name: 'a value that is nothing', yaml: 'api:\n', says: /yaml:1:1: "api" must be a text/ },
  { name: 'a list at the top', yaml: '- a\n', says: /must be a mapping/ },
  {
    name: 'a bad value in the file',
    yaml: 'roles: [gateway, control, king]\n',
    says: /yaml:1:1: "king" is not one of/,
  },
  { name: 'a variable that is not there', yaml: 'api: "{{ env(name=\'NO\') }}"\n', says: /environment has no NO/ },
  { name: 'an unknown expression', yaml: 'api: "{{ run() }}"\n', says: /is not known here/ },
  { name: 'variables in a circle', yaml: 'vars: { a: "{{ vars.b }}x", b: "{{ vars.a }}" }\n', says: /in a circle/ },
  { name: 'an open if', yaml: 'api: "{% if is_linux() %}x"\n', says: /not closed/ },
  {
    name: 'a config file that is not there',
    argv: ['--config', '/no/such.yaml'],
    says: /such.yaml: cannot be read: there is no/,
  },
  { name: 'a signer without a certificate', argv: ['--ca-signer', '/bin/x'], says: /^--ca-signer: .* go together/ },
  {
    name: 'a signer that may take for ever',
    argv: ['--ca-signer-seconds', '0'],
    says: /is not a number of seconds from 1 to 60/,
  },
  {
    name: 'a proxy that is no address',
    argv: ['--gateway-proxies', '10.0.0.0/33'],
    says: /^--gateway-proxies: "10.0.0.0\/33" is not an address or a network/,
  },
  {
    name: 'a proxy where certificates are not looked at',
    argv: ['--gateway-proxies', '10.0.0.1', '--device-auth', 'token'],
    env: { MUSTER_SENSOR_TOKEN: 'x' },
    says: /^--gateway-proxies: hand over certificates, which/,
  },
  {
    name: 'a header that means something else',
    argv: ['--gateway-proxy-header', 'Authorization'],
    says: /^--gateway-proxy-header: .* cannot be the header of a certificate/,
  },
  {
    name: 'plain HTTP without a proxy',
    argv: ['--gateway-tls', 'off'],
    says: /^--gateway-tls off: works only with --device-auth token or --gateway-proxies/,
  },
  { name: 'a broker', argv: ['--nats', 'embedded'], says: /^--nats: .*comes with the orchestrate plane/ },
  { name: 'a database of another kind', argv: ['--db', 'mysql://root:pw@x/y'], says: /^--db: is neither "sqlite" nor/ },
  {
    name: 'token mode without its secret',
    argv: ['--device-auth', 'token'],
    says: /needs the shared secret in MUSTER_SENSOR_TOKEN/,
  },
  { name: 'plain HTTP with certificates', argv: ['--gateway-tls', 'off'], says: /only with --device-auth token/ },
  { name: 'half a certificate', argv: ['--api-cert', 'x.pem'], says: /go together/ },
  {
    name: 'an open API for everybody',
    argv: ['--api', '0.0.0.0:8080'],
    env: { MUSTER_AUTH_DISABLE: '1' },
    says: /^MUSTER_AUTH_DISABLE: works only while --api is on a loopback address/,
  },
  { name: 'a short JWT secret', env: { MUSTER_JWT_SECRET: 'abc' }, says: /at least 32 bytes/ },
  { name: 'a retention out of bounds', argv: ['--retention-audit', '10'], says: /days from 400 to/ },
]

for (const { name, argv = [], env = {}, yaml, toml, says } of wrong) {
  test(`${name} is pointed at`, () => {
    const config = yaml !== undefined ? file(yaml) : toml !== undefined ? file(toml, 'toml') : undefined
    const faults = faultsOf(read(config === undefined ? argv : ['--config', config], env))
    assert.ok(
      faults.some((fault) => says.test(fault)),
      `${String(says)} in ${JSON.stringify(faults)}`,
    )
    assert.ok(faults.every((fault) => !fault.includes('\n')))
  })
}

test('every fault is told at once, and a password in a wrong database address is not repeated', () => {
  const faults = faultsOf(read(['--db', 'mysql://root:hunter2@x/y', '--api', 'x'], { MUSTER_GATEWAY: 'y' }))
  assert.equal(faults.length, 3)
  assert.ok(!faults.join().includes('hunter2'))
})

const slips: readonly { argv: string[]; says: RegExp }[] = [
  { argv: ['--datadir', 'x'], says: /unknown flag --datadir; did you mean --data-dir\?/ },
  { argv: ['--nats-listen', 'x'], says: /unknown flag --nats-listen/ },
  { argv: ['--api'], says: /--api needs a value/ },
  { argv: ['--json=1'], says: /--json takes no value/ },
]

for (const { argv, says } of slips) {
  test(`the slip ${argv.join(' ')} is pointed at`, () => {
    const { faults } = readArguments(argv, settingKeys.map(flagOf), ['json'])
    assert.match(faults.map(({ message }) => message).join(), says)
  })
}
