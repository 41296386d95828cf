// Proof of coordinates, row by row of what agents are known to report (fleet-product 7.3 and 10.2).
// How coordinates are stored and searched is proved elsewhere.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PayloadItem } from '@muster/contract'
import * as fc from 'fast-check'
import { coordinatesOf } from './decide.ts'
import { mcpIdentityOf, splitWords } from './mcp.ts'

const item = (change: Partial<PayloadItem>): PayloadItem => ({
  itemId: 'x',
  surface: 'javascriptPackages',
  kind: 'package',
  name: 'left-pad',
  version: '1.0.0',
  path: '/p',
  origin: 'npm',
  detail: null,
  installedOnRequest: null,
  attributes: {},
  ...change,
})

const python = (change: Partial<PayloadItem>) =>
  item({ surface: 'pythonPackages', kind: 'pythonDeclaredRequirement', origin: 'pip', version: null, ...change })

const packages: readonly { readonly item: PayloadItem; readonly want: readonly string[] }[] = [
  { item: item({}), want: ['npm left-pad 1.0.0'] },
  { item: item({ name: 'a/node_modules/@s/b' }), want: ['npm @s/b 1.0.0'] },
  { item: item({ name: 'JSONStream' }), want: ['npm JSONStream 1.0.0'] },
  { item: item({ origin: 'pnpm', name: 'foo@1.0.0(react', version: '18)' }), want: ['npm foo 1.0.0'] },
  { item: item({ origin: 'pnpm', name: '@s/foo@1.0.0(react', version: '18)' }), want: ['npm @s/foo 1.0.0'] },
  { item: item({ origin: 'pnpm', name: '@s/foo', version: '2.0.0(react' }), want: ['npm @s/foo 2.0.0'] },
  { item: item({ origin: 'bun', name: 'parent/child' }), want: ['npm child 1.0.0'] },
  { item: item({ origin: 'bun', name: 'parent/@s/child' }), want: ['npm @s/child 1.0.0'] },
  { item: item({ origin: 'bun', name: '@s/child' }), want: ['npm @s/child 1.0.0'] },
  { item: item({ origin: 'yarn', name: '@s/b' }), want: ['npm @s/b 1.0.0'] },
  { item: python({ origin: 'uv', name: 'Zope.Interface', version: '6.0' }), want: ['pypi zope-interface 6.0'] },
  { item: python({ origin: 'pylock', name: 'a__b--c', version: '1' }), want: ['pypi a-b-c 1'] },
  { item: python({ name: 'django ' }), want: ['pypi django null'] },
  { item: python({ name: 'requests [socks] ' }), want: ['pypi requests null'] },
  { item: python({ name: 'pkg ; python_version ' }), want: ['pypi pkg null'] },
  { item: python({ name: 'https://example.org/pkg.whl' }), want: [] },
  { item: python({ name: 'pkg @ https://example.org/pkg.whl' }), want: ['pypi pkg null'] },
  {
    item: item({ surface: 'homebrew', name: 'xz', version: '5.6.0, 5.6.1' }),
    want: ['homebrew xz 5.6.0', 'homebrew xz 5.6.1'],
  },
  { item: item({ surface: 'homebrew', name: 'pcre2', version: null }), want: ['homebrew pcre2 null'] },
  { item: item({ surface: 'claudeConfig', kind: 'hook', name: 'hooks' }), want: [] },
  { item: item({ origin: 'yarn', name: 'a@git+ssh://git' }), want: ['npm a 1.0.0'] },
  { item: python({ name: 'django # the web' }), want: ['pypi django null'] },
  { item: item({ surface: 'npmGlobalPackages', name: '@s/tool' }), want: ['npm @s/tool 1.0.0'] },
  { item: item({ surface: 'debianPackages', name: 'openssl', version: '1:3.0-1' }), want: ['deb openssl 1:3.0-1'] },
  { item: item({ surface: 'rpmPackages', name: 'kernel', version: '6.1-1.el9' }), want: ['rpm kernel 6.1-1.el9'] },
  {
    item: item({ surface: 'goModules', name: 'golang.org/x/text', version: 'v0.14.0' }),
    want: ['golang golang.org/x/text v0.14.0'],
  },
  { item: item({ surface: 'cargoPackages', name: 'serde' }), want: ['cargo serde 1.0.0'] },
  {
    item: item({ surface: 'vscodeExtensions', kind: 'extension', name: 'MS-Python.python', version: '1.0, 2.0' }),
    want: ['vscode ms-python.python 1.0', 'vscode ms-python.python 2.0'],
  },
  {
    item: item({ surface: 'claudeConfig', kind: 'mcpServer', origin: 'npx', detail: 'npx -y weather-mcp@1.2.0' }),
    want: ['mcp weather-mcp 1.2.0', 'npm weather-mcp 1.2.0'],
  },
]

for (const { item: told, want } of packages)
  test(`${told.surface} ${told.origin} ${JSON.stringify(told.name)} is ${want.join(' and ') || 'no package'}`, () =>
    assert.deepEqual(
      coordinatesOf(told).map(({ ecosystem, name, version }) => `${ecosystem} ${name} ${version}`),
      want,
    ))

test('a package that an MCP server declares says so', () =>
  assert.deepEqual(
    coordinatesOf(item({ kind: 'mcpServer', surface: 'cursorConfig', detail: 'uvx Mcp_Git' })).map(
      ({ ecosystem, declaredBy }) => [ecosystem, declaredBy],
    ),
    [
      ['mcp', null],
      ['pypi', 'mcp'],
    ],
  ))

const servers: readonly (readonly [detail: string, want: object])[] = [
  ['npx -y @s/server', { runner: 'npx', packageEcosystem: 'npm', package: '@s/server' }],
  [
    'npx --yes @s/server@latest --port 1',
    { runner: 'npx', packageEcosystem: 'npm', package: '@s/server', versionSpec: 'latest' },
  ],
  ['npx -p @s/tools@1.0 serve', { runner: 'npx', packageEcosystem: 'npm', package: '@s/tools', versionSpec: '1.0' }],
  ['/usr/bin/npx server', { runner: 'npx', packageEcosystem: 'npm', package: 'server' }],
  ['bunx server', { runner: 'bunx', packageEcosystem: 'npm', package: 'server' }],
  ['pnpm dlx server@2', { runner: 'pnpm dlx', packageEcosystem: 'npm', package: 'server', versionSpec: '2' }],
  ['yarn dlx server', { runner: 'yarn dlx', packageEcosystem: 'npm', package: 'server' }],
  ['uvx mcp_server_git', { runner: 'uvx', packageEcosystem: 'pypi', package: 'mcp-server-git' }],
  [
    'uvx --from Some.Pkg==1.2 tool',
    { runner: 'uvx', packageEcosystem: 'pypi', package: 'some-pkg', versionSpec: '1.2' },
  ],
  ['uvx tool@3.0', { runner: 'uvx', packageEcosystem: 'pypi', package: 'tool', versionSpec: '3.0' }],
  ['pipx run tool', { runner: 'pipx run', packageEcosystem: 'pypi', package: 'tool' }],
  ['docker run -i --rm -e TOKEN ghcr.io/a/b:1.2', { runner: 'docker run', image: 'ghcr.io/a/b', tag: '1.2' }],
  ['docker run --rm localhost:5000/a/b', { runner: 'docker run', image: 'localhost:5000/a/b' }],
  ['podman run --name x img:t', { runner: 'podman run', image: 'img', tag: 't' }],
  ['node /srv/server.js --flag', { command: 'node', path: '/srv/server.js' }],
  ['python3 /srv/server.py', { command: 'python3', path: '/srv/server.py' }],
  ['deno run --allow-net /srv/server.ts', { command: 'deno', path: '/srv/server.ts' }],
  ['/opt/tools/serve --port 1', { command: 'serve', path: '/opt/tools/serve' }],
  ['https://MCP.example.org/v1?token=secret', { host: 'mcp.example.org', scheme: 'https' }],
  ['wss://user:pass@h.example/x headersHelper', { host: 'h.example', scheme: 'wss' }],
  ['env TOKEN=secret OTHER=x npx server', { runner: 'npx', packageEcosystem: 'npm', package: 'server' }],
  ['serve', { command: 'serve' }],
  ['valueOf', { command: 'valueOf' }],
  ['constructor __proto__', { command: 'constructor' }],
  ["npx 'my server'", { runner: 'npx', packageEcosystem: 'npm', package: 'my server' }],
]

for (const [detail, want] of servers)
  test(`the MCP server started by ${JSON.stringify(detail)} is known by ${Object.keys(want).join(', ')}`, () =>
    assert.deepEqual(mcpIdentityOf(detail), want))

test('names and versions that no index could hold have no coordinate, and kegs are bounded', () => {
  const long = 'é'.repeat(600)
  assert.deepEqual(coordinatesOf(item({ name: long })), [])
  assert.deepEqual(coordinatesOf(item({ version: long })), [])
  assert.equal(coordinatesOf(item({ name: 'é'.repeat(512), version: 'v'.repeat(256) })).length, 1)
  const kegs = Array.from({ length: 1000 }, (_, at) => `1.${at}`).join(', ')
  assert.equal(coordinatesOf(item({ surface: 'homebrew', version: kegs })).length, 64)
  const server = { kind: 'mcpServer', detail: `npx -y weather-mcp@1.0.0 ${'"'.repeat(1_000_000)}` }
  assert.deepEqual(
    coordinatesOf(item(server)).map(({ name }) => name),
    ['weather-mcp', 'weather-mcp'],
  )
})

test('no command line, however odd, throws or lets a query of a URL into the identity', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (line) => {
      mcpIdentityOf(line)
      assert.ok(splitWords(line).length <= line.length)
      assert.ok(
        !JSON.stringify(mcpIdentityOf(`https://h.example/?${encodeURIComponent(line)}secret`)).includes('secret'),
      )
    }),
  )
})
