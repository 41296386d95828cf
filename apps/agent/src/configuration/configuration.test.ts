// Proof that a file means what it says, that every slip is pointed at, and that a token leaves without a trace.
// Real files; what the settings do is tested where they are used.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { silentLog } from '@muster/kernel'
import { PlainFault } from '../plain-fault.ts'
import { absolutePath } from './absolute-path.ts'
import { readConfiguration } from './configuration.ts'
import { configCandidates, defaultDataDir, findConfigFile, type Machine, readMachine } from './machine.ts'
import { readToken, spendToken } from './spend-token.ts'
import { withoutToken } from './without-token.ts'

const machine: Machine = { ...readMachine({}), platform: 'linux', home: '/home/ada', isSystemAccount: false, env: {} }

const write = (text: string, name = 'agent.yaml'): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'muster-agent-config-')), name)
  writeFileSync(path, text)
  return path
}
const read = (text: string, name?: string) => readConfiguration(write(text, name), machine)

test('without a file everything has its default', () => {
  const { observe, server, dataDir } = readConfiguration(null, machine)
  assert.equal(server, null)
  assert.equal(dataDir, '/home/ada/.local/state/muster-agent')
  assert.equal(observe.watch.pollIntervalSeconds, 300)
  assert.deepEqual(observe.watch.projectRoots[0], '/home/ada/src')
  assert.deepEqual(observe.ceiling, { scanRoots: observe.watch.projectRoots, isExplicit: false })
  assert.equal(observe.sync.retryMaxSeconds, 1800)
})

test('a section with one key keeps the defaults of all others, and null is a key that is not there', () => {
  const { observe } = read('observe:\n  watch:\n    maxDepth: 3\n    projectRoots: null\n  javascript:\n')
  assert.equal(observe.watch.maxDepth, 3)
  assert.equal(observe.watch.projectRoots.length, 4)
  assert.equal(observe.javascript.includeNpm, true)
})

test('paths are made absolute: the file for its own things, home for roots', () => {
  const path = write('serverCA: ca.pem\ndataDir: ~/data\nobserve:\n  watch:\n    projectRoots: ["~", code, /srv/x]\n')
  const { access, dataDir, observe } = readConfiguration(path, machine)
  assert.equal(access.caFile, join(path, '..', 'ca.pem'))
  assert.equal(dataDir, '/home/ada/data')
  assert.deepEqual(observe.watch.projectRoots, ['/home/ada', '/home/ada/code', '/srv/x'])
  const at = { base: '/b', home: '/h' }
  const written = ['~', '~/', '~/x/', 'x/../y', '/a//b/', '/', '~x']
  assert.deepEqual(
    written.map((path) => absolutePath(path, at)),
    ['/h', '/h', '/h/x', '/b/y', '/a/b', '/', '/b/~x'],
  )
})

test('the way to the server: what the file says of it wins over the environment, and the password is no text', () => {
  const path = write('proxyUrl: http://ada:secret@proxy.example:3128\n')
  const env = { https_proxy: 'http://other:1', NO_PROXY: 'a,b' }
  const { access } = readConfiguration(path, { ...machine, env })
  assert.deepEqual([access.proxy?.url.reveal(), access.proxy?.noProxy], ['http://ada:secret@proxy.example:3128', ''])
  assert.doesNotMatch(inspect(access) + JSON.stringify(access), /secret@/)
  const { proxy } = readConfiguration(write('server: https://h\n'), { ...machine, env }).access
  assert.deepEqual([proxy?.url.reveal(), proxy?.noProxy], ['http://other:1', 'a,b'])
  assert.equal(readConfiguration(path, machine).access.isCaOnly, false)
  assert.equal(readConfiguration(null, machine).access.proxy, null)
  for (const [text, says] of [
    ['proxyUrl: socks5://h:1\n', /proxyUrl: must be an address such as http:/],
    ['serverCAOnly: true\n', /serverCAOnly needs serverCA/],
    ['logLevel: loud\n', /logLevel: must be one of debug, info, warn, error/],
  ] as const)
    assert.throws(() => read(text), says)
})

test('TOML says the same as YAML', () => {
  const yaml = read('server: https://h:1/\nobserve:\n  watch:\n    maxDepth: 2\n    projectRoots: [/a, /b]\n')
  const toml = read(
    'server = "https://h:1/"\n[observe.watch]\nmaxDepth = 2\nprojectRoots = ["/a", "/b"]\n',
    'agent.toml',
  )
  assert.deepEqual({ ...toml, file: null }, { ...yaml, file: null })
  assert.equal(toml.server, 'https://h:1')
})

test('an owner who names a ceiling has it, and its own root list stays', () => {
  const { observe } = read('ceiling:\n  scanRoots: [/srv]\nobserve:\n  watch:\n    projectRoots: [/srv/a]\n')
  assert.deepEqual(observe.ceiling, { scanRoots: ['/srv'], isExplicit: true })
})

test('a plane beyond the ceiling does not run, and one that is wanted by nobody is permitted all the same', () => {
  const below = read('ceiling:\n  planes: [telemetry]\n')
  assert.deepEqual([below.planes, below.permittedPlanes], [['telemetry'], ['telemetry']])
  const wanted = read('planes: [observe]\nceiling:\n  planes: [telemetry, observe]\n')
  assert.deepEqual([wanted.planes, wanted.permittedPlanes], [['observe'], ['observe', 'telemetry']])
  assert.deepEqual(read('planes: [observe]\n').permittedPlanes, ['observe'])
  assert.throws(() => read('planes: [observe]\nceiling:\n  planes: [telemetry]\n'), /leaves none of planes/)
})

test('what the file leaves to the machine is filled in, text by text', () => {
  const text = [
    'vars: { base: "{{ vars.top }}/{{ system.os }}", top: /srv }',
    'dataDir: "{% if is_windows() %}C:/m{% else %}{{ vars.base }}/data{% endif %}"',
    'observe: { watch: { projectRoots: ["{{ vars.top }}/a", /b] } }',
    "server: \"{{ env(name='NONE', default='https://h') }}\"",
  ]
  const { dataDir, observe, server } = read(text.join('\n'))
  assert.deepEqual([dataDir, observe.watch.projectRoots, server], ['/srv/linux/data', ['/srv/a', '/b'], 'https://h'])
})

const refusals: { name: string; text: string; file?: string; says: RegExp }[] = [
  {
    name: 'a key nobody knows',
    text: 'server: https://h\nsevrer: x\n',
    says: /agent\.yaml:2:1: sevrer: .*no such key/,
  },
  { name: 'a nested one', text: 'observe:\n  watch:\n    depth: 3\n', says: /:3:5: observe\.watch\.depth: / },
  { name: 'a wrong type', text: 'observe:\n  watch:\n    maxDepth: deep\n', says: /:3:5: observe\.watch\.maxDepth: / },
  { name: 'a number out of bounds', text: 'observe:\n  sync:\n    maxBatchEvents: 0\n', says: /:3:5: / },
  {
    name: 'a wrong entry of a list',
    text: 'observe:\n  watch:\n    projectRoots:\n      - /a\n      - 7\n',
    says: /:5:9: /,
  },
  {
    name: 'a plane that does not exist yet',
    text: 'planes: [observe, orchestrate]\n',
    says: /:1:\d+: planes\.1: .*observe/,
  },
  { name: 'an address without https', text: 'server: http://h\n', says: /https:\/\/fleet/ },
  {
    name: 'an expression nobody knows',
    text: 'server: x\ndataDir: "{{ run() }}"\n',
    says: /:2:1: dataDir: .*not known/,
  },
  { name: 'variables that are no texts', text: 'vars: { a: 1 }\n', says: /:1:1: vars: / },
  { name: 'broken YAML', text: 'a: [1\nb: 2\n', says: /agent\.yaml:\d+:\d+: / },
  { name: 'a key twice', text: 'server: https://a\nserver: https://b\n', says: /:2:1: / },
  { name: 'a list at the top', text: '- a\n', says: /the file: / },
  { name: 'aliases that multiply', text: `a: &a [1]\n${'b: [*a]\n'.replace('b', 'server')}`, says: /agent\.yaml:/ },
  { name: 'both kinds of token', text: 'enrollmentToken: a\nenrollmentTokenFile: b\n', says: /not both/ },
  { name: 'broken TOML', text: 'server = \n', file: 'agent.toml', says: /agent\.toml:1:\d+: / },
  {
    name: 'a wrong type in TOML',
    text: '[observe.watch]\nmaxDepth = "x"\n',
    file: 'agent.toml',
    says: /agent\.toml:2:1: /,
  },
  {
    name: 'more than a megabyte',
    text: `# ${'x'.repeat(1_000_000)}\n`,
    says: /has 1000003 bytes; 1000000 is the most/,
  },
]
for (const { name, text, file, says } of refusals)
  test(`refused with its place: ${name}`, () =>
    assert.throws(
      () => read(text, file),
      (fault) => fault instanceof PlainFault && fault.exitCode === 2 && says.test(fault.message),
    ))

test('a file that is not there is named', () =>
  assert.throws(
    () => readConfiguration('/nowhere/agent.yaml', machine),
    /agent\.yaml: cannot be read: there is no such/,
  ))

test('the token cannot be printed', () => {
  const configuration = read('enrollmentToken: met_hidden\n')
  assert.doesNotMatch(JSON.stringify(configuration) + inspect(configuration), /met_hidden/)
  assert.equal(readToken(configuration)?.reveal(), 'met_hidden')
})

const cuts: { name: string; path?: string; before: string; after: string | null }[] = [
  {
    name: 'a line',
    before: '# a\nserver: x # b\nenrollmentToken: met_1 # c\n\nplanes: [observe]\n',
    after: '# a\nserver: x # b\n\nplanes: [observe]\n',
  },
  {
    name: 'quotes and odd spacing',
    before: 'a:   1\n"enrollmentToken" :  \'met_1\'\r\nb: 2\r\n',
    after: 'a:   1\nb: 2\r\n',
  },
  { name: 'the last line without an end', before: 'a: 1\nenrollmentToken: met_1', after: 'a: 1\n' },
  { name: 'nothing else in the file', before: 'enrollmentToken: met_1\n', after: '' },
  { name: 'a block scalar', before: 'enrollmentToken: |\n  met_1\nb: 2\n', after: 'b: 2\n' },
  {
    name: 'a word of that name elsewhere',
    before: 'x:\n  enrollmentToken: y\nenrollmentToken: met_1\n',
    after: 'x:\n  enrollmentToken: y\n',
  },
  { name: 'no token', before: 'a: 1\n', after: null },
  { name: 'a token another key needs', before: 'enrollmentToken: &t met_1\nb: *t\n', after: null },
  {
    name: 'TOML',
    path: 'a.toml',
    before: '# c\nenrollmentToken = "met_1" # d\n[observe]\nhome = "x"\n',
    after: '# c\n[observe]\nhome = "x"\n',
  },
  { name: 'TOML with the word in a text', path: 'a.toml', before: 's = """\nenrollmentToken = 1\n"""\n', after: null },
]
for (const { name, path = 'a.yaml', before, after } of cuts)
  test(`the token is cut out of the file: ${name}`, () => assert.equal(withoutToken(path, before), after))

test('the token is cut out of JSON by rewriting it', () => {
  const left = withoutToken('a.yaml', '{"server": "x", "enrollmentToken": "met_1"}')
  assert.deepEqual(JSON.parse(left ?? ''), { server: 'x' })
})

test('spending a token keeps the rest of the file and its mode', () => {
  const path = write('# mine\nserver: https://h # there\nenrollmentToken: met_1\n')
  chmodSync(path, 0o640)
  spendToken(readConfiguration(path, machine), silentLog)
  assert.equal(readFileSync(path, 'utf8'), '# mine\nserver: https://h # there\n')
  assert.equal(statSync(path).mode & 0o777, 0o640)
  assert.equal(readToken(readConfiguration(path, machine)), null)
})

test('a token file is deleted, and its absence is no fault afterwards', () => {
  const token = write('met_2\n', 'token')
  const configuration = read(`enrollmentTokenFile: ${token}\n`)
  assert.equal(readToken(configuration)?.reveal(), 'met_2')
  spendToken(configuration, silentLog)
  assert.equal(existsSync(token), false)
  assert.equal(readToken(configuration), null)
})

test('the file is looked for where the flag, the environment and the system say, in that order', () => {
  const path = write('')
  assert.equal(findConfigFile(path, { ...machine, env: { MUSTER_AGENT_CONFIG: '/other' } }), path)
  assert.equal(findConfigFile(undefined, { ...machine, env: { MUSTER_AGENT_CONFIG: path } }), path)
  const home = mkdtempSync(join(tmpdir(), 'muster-agent-home-'))
  assert.equal(findConfigFile(undefined, { ...machine, home }), null)
  assert.deepEqual(configCandidates(machine)[0], '/home/ada/.config/muster/agent.yaml')
})

test('a koban.yaml in its own place is looked for behind every file of ours', () => {
  const last = (env: Machine['env']) => configCandidates({ ...machine, env }).slice(6)
  assert.deepEqual(last({}), ['/home/ada/.config/koban/koban.yaml'])
  assert.deepEqual(last({ XDG_CONFIG_HOME: '/x' }), ['/x/koban/koban.yaml', '/home/ada/.config/koban/koban.yaml'])
})

test('each system has its own place for data', () => {
  assert.equal(defaultDataDir({ ...machine, isSystemAccount: true }), '/var/lib/muster-agent')
  assert.match(defaultDataDir({ ...machine, platform: 'macos' }), /Library\/Application Support\/Muster\/agent$/)
  assert.match(
    defaultDataDir({ ...machine, platform: 'windows', home: 'C:\\u' }),
    /^C:\\u\\AppData\\Local\\Muster\\agent$/,
  )
  assert.equal(defaultDataDir({ ...machine, env: { XDG_STATE_HOME: '/state' } }), '/state/muster-agent')
})

test('the host describes itself without a gap', () => {
  const host = readMachine()
  assert.equal(host.home, homedir())
  for (const text of [host.host, host.osVersion, host.hardwareModel]) assert.ok(text.length > 0)
})
