// Proof of what the program does without a server: usage, help, contexts, checking an export, completion.
// What it does with one is tested in tests/flow.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTerminal } from './testing/terminal.ts'
import { ownVersion } from './version.ts'

const terminal = createTerminal()

const wrong: readonly { name: string; words: readonly string[]; says: RegExp }[] = [
  { name: 'an unknown command', words: ['frobnicate'], says: /^muster: unknown command 'frobnicate'/ },
  { name: 'an unknown flag', words: ['device', 'list', '--colour'], says: /^muster: unknown option '--colour'/ },
  {
    name: 'a missing argument',
    words: ['device', 'show'],
    says: /^muster: missing required argument 'device'; `muster device show --help` says/,
  },
  { name: 'one argument too many', words: ['status', 'now'], says: /^muster: too many arguments/ },
  {
    name: 'a word that is no choice',
    words: ['device', 'list', '--status', 'odd'],
    says: /Allowed choices are active/,
  },
  { name: 'a limit that is no number', words: ['device', 'list', '--limit', 'many'], says: /Say how many, or all/ },
  { name: 'a span that is none', words: ['token', 'create', '--expires', 'soon'], says: /24h, 7d/ },
  { name: 'a moment that is none', words: ['search', 'x', '--from', 'lately'], says: /--from "lately" is no moment/ },
  { name: 'a window without a beginning', words: ['search', 'x', '--to', '2d'], says: /--to needs --from/ },
  {
    name: 'a window that ends before it begins',
    words: ['search', 'x', '--from', '1d', '--to', '2d'],
    says: /ends before it begins/,
  },
  {
    name: 'an address that is none',
    words: ['status', '--url', 'muster.example'],
    says: /not the address of a server/,
  },
  { name: 'a context that is not there', words: ['status', '--context', 'prod'], says: /no context "prod"/ },
  { name: 'tagging with no tag', words: ['device', 'tag', 'x'], says: /--add TAG or --remove TAG/ },
  { name: 'an unknown method', words: ['api', 'fetch', 'devices'], says: /fetch is no method/ },
  { name: 'a body that is no JSON', words: ['api', 'post', 'groups', '--body', '{'], says: /--body is no JSON/ },
]

for (const { name, words, says } of wrong)
  test(`${name} is a usage error in one line, with nothing on standard output`, async () => {
    const { code, out, err } = await terminal.run(...words)
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, says)
    assert.equal(err.trimEnd().split('\n').length, 1)
  })

test('a file of certificates to trust that is not there, or holds none, is named in one line', async () => {
  const empty = join(terminal.homeFolder, 'no-certificate.pem')
  await writeFile(empty, 'PRIVATE')
  for (const [file, says] of [
    [empty, /there is no certificate in .*no-certificate\.pem; --ca takes PEM/],
    [`${empty}.gone`, /cannot read the certificates to trust, .*no-certificate\.pem\.gone/],
  ] as const) {
    const { code, out, err } = await terminal.run('status', '--ca', file)
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, says)
    assert.equal(err.trimEnd().split('\n').length, 1)
  }
})

test('a command without its verb shows what verbs there are', async () => {
  const { code, err } = await terminal.run('device')
  assert.equal(code, 2)
  assert.match(err, /Usage: muster device/)
})

test('no words at all show the help, and asking for help is no error', async () => {
  for (const words of [[], ['--help'], ['help'], ['device', 'list', '--help']]) {
    const { code, out } = await terminal.run(...words)
    assert.equal(code, 0)
    assert.match(out, /^Usage: muster/)
  }
})

test('help says how many rows there are unless told', async () => {
  for (const [words, unlessTold] of [
    [['device', 'list'], 'all'],
    [['audit', 'list'], '100'],
  ] as const) {
    const { out } = await terminal.run(...words, '--help')
    assert.match(out, new RegExp(`--limit <n> +how many at most, or all \\(default: ${unlessTold}\\)`))
  }
})

test('a server that does not answer is one line that says what to do', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const { code, out, err } = await terminal.run('device', 'list', '--url', `http://127.0.0.1:${port}`)
  assert.deepEqual([code, out], [1, ''])
  assert.match(err, /^muster: http:\/\/127\.0\.0\.1:\d+ does not answer; check [^\n]*\n$/)
  const doctor = await terminal.run('doctor', '--url', `http://127.0.0.1:${port}`)
  assert.equal(doctor.code, 1)
  assert.match(doctor.out, /^fail {2}server: .* does not answer/)
})

test('the version names program and platform', async () => {
  assert.match((await terminal.run('version')).out, new RegExp(`^muster ${ownVersion} `))
  assert.equal((await terminal.json('version')).version, ownVersion)
})

test('a context is added, used, shown and removed, and its token is never printed', async () => {
  const own = createTerminal({ input: 'mot_from_a_pipe\n' })
  const said: string[] = []
  const muster = async (...words: string[]) => {
    const { code, out, err } = await own.run(...words)
    said.push(out, err)
    assert.equal(code, 0, err)
    return out
  }
  await muster('context', 'add', 'prod', '--url', 'https://prod.example/', '--token-stdin')
  await muster('context', 'add', 'lab', '--url', 'http://127.0.0.1:9', '--token', 'mot_from_a_flag')
  assert.equal((await stat(join(own.homeFolder, '.config/muster/contexts.json'))).mode & 0o777, 0o600)
  assert.deepEqual(JSON.parse(await muster('context', 'list', '--json')).items, [
    { name: 'lab', url: 'http://127.0.0.1:9', isCurrent: false, hasToken: true, caFile: null },
    { name: 'prod', url: 'https://prod.example', isCurrent: true, hasToken: true, caFile: null },
  ])
  await muster('context', 'use', 'lab')
  assert.match(await muster('context', 'show'), /^name +lab$/m)
  await muster('context', 'show', 'prod')
  await muster('context', 'remove', 'lab')
  assert.doesNotMatch(said.join(''), /mot_/)
  assert.equal((await own.run('context', 'show')).code, 4)
  assert.equal((await own.run('context', 'use', 'lab')).code, 4)
})

test('a checkout in which a server was started needs no telling, and says so', async () => {
  const own = createTerminal()
  await mkdir(join(own.homeFolder, '.muster'))
  await writeFile(join(own.homeFolder, 'package.json'), '{}')
  await writeFile(join(own.homeFolder, '.muster', 'admin-token'), 'mot_checkout\n')
  await writeFile(join(own.homeFolder, '.muster', 'running.json'), '{"api":{"url":"http://127.0.0.1:9"}}')
  const { code, err } = await own.run('status')
  assert.equal(code, 1)
  assert.match(
    err,
    /^Using http:\/\/127\.0\.0\.1:9 and the token of this checkout[^\n]*\nmuster: http:\/\/127\.0\.0\.1:9 /,
  )
  assert.doesNotMatch(err, /mot_/)
})

const entries = [
  '{"seq":1,"tenantId":"tenant_1","occurredAt":"2026-06-02T12:00:00.000Z","actor":{"type":"operator","id":"opr_1"},"action":"policy.published","target":{"type":"policy","id":"pol_1"},"outcome":"success","requestId":"req_1","details":{"generation":"g1-0123456789ab"},"prevHash":"0000000000000000000000000000000000000000000000000000000000000000","hash":"5fd2bed0225851f91e3712b93c31fa7ba20508dc5c146091cd52e8cacfc9b5d8"}',
  '{"seq":2,"tenantId":"tenant_1","occurredAt":"2026-06-02T12:01:00.000Z","actor":{"type":"operator","id":"opr_1"},"action":"enrollment_token.issued","target":{"type":"enrollmentToken","id":"ent_1"},"outcome":"success","requestId":"req_2","details":{"maxUses":1},"prevHash":"5fd2bed0225851f91e3712b93c31fa7ba20508dc5c146091cd52e8cacfc9b5d8","hash":"e6a0ec1a1abd5445dfd77d459d4396723189727e4b0cf7da8a015b0a05b12db8"}',
]

const exports: readonly { name: string; lines: readonly string[]; code: number; json: object }[] = [
  { name: 'the published entries', lines: entries, code: 0, json: { ok: true, checked: 2, anchor: 'genesis' } },
  {
    name: 'an end of a chain',
    lines: entries.slice(1),
    code: 0,
    json: { ok: true, checked: 1, firstSeq: 2, anchor: 'none' },
  },
  {
    name: 'an edited entry',
    lines: [entries[0]!, entries[1]!.replace('"maxUses":1', '"maxUses":2')],
    code: 1,
    json: { ok: false, checked: 1, firstBadSeq: 2, fault: 'altered' },
  },
  {
    name: 'entries in the wrong order',
    lines: entries.toReversed(),
    code: 1,
    json: { ok: false, firstBadSeq: 1, fault: 'repeated' },
  },
  {
    name: 'a line cut short',
    lines: [entries[0]!, entries[1]!.slice(0, 90)],
    code: 1,
    json: { ok: false, firstBadSeq: 2 },
  },
  { name: 'something else altogether', lines: ['{"items":[]}'], code: 1, json: { ok: false, firstBadSeq: 1 } },
]

for (const { name, lines, code, json } of exports)
  test(`an export with ${name} is checked without a server`, async () => {
    const file = join(terminal.homeFolder, 'audit.ndjson')
    await writeFile(file, `${lines.join('\n')}\n`)
    const checked = await terminal.run('audit', 'verify', file, '--json')
    assert.equal(checked.code, code)
    assert.partialDeepStrictEqual(JSON.parse(checked.out), json)
    const piped = await terminal.with({ input: lines.join('\n') }).run('audit', 'verify', '-')
    assert.equal(piped.code, code)
    assert.match(piped.out, code === 0 ? /hold together/ : /^Entry \d+ /)
  })

test('an empty or missing export is not called good', async () => {
  await writeFile(join(terminal.homeFolder, 'empty.ndjson'), '')
  assert.match(
    (await terminal.run('audit', 'verify', join(terminal.homeFolder, 'empty.ndjson'))).err,
    /holds no audit entries/,
  )
  assert.match((await terminal.run('audit', 'verify', '/nowhere.ndjson')).err, /there is no such file/)
})

const completeIn = (script: string, typed: readonly string[]): readonly string[] => {
  const words = typed.map((word) => `'${word}'`).join(' ')
  const line = `COMP_WORDS=(${words}); COMP_CWORD=${typed.length - 1}; _muster; echo "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', `${script}\n${line}`], { encoding: 'utf8' })
  assert.equal(stderr, '')
  return stdout.trim().split(' ')
}

const typings: readonly { typed: readonly string[]; offered: readonly string[] }[] = [
  { typed: ['muster', 'gr'], offered: ['group'] },
  { typed: ['muster', '--json', 'group', ''], offered: ['list', 'show', 'create', 'set', 'delete'] },
  { typed: ['muster', 'group', 'set', 'eng', '--add'], offered: ['--add-device'] },
  { typed: ['muster', 'device', 'list', '--liveness', ''], offered: ['online', 'idle', 'offline', 'dormant'] },
  { typed: ['muster', 'device', 'list', '--name', 'show', '--stat'], offered: ['--status'] },
  { typed: ['muster', 'search', 'axios', '--verdict', 'p'], offered: ['present', 'present_unconfirmed', 'past'] },
  { typed: ['muster', 'completion', ''], offered: ['bash', 'zsh', 'fish'] },
]

test('bash completes commands, flags and choices where they fit', async () => {
  const { out } = await terminal.run('completion', 'bash')
  for (const { typed, offered } of typings) assert.deepEqual(completeIn(out, typed), offered, typed.join(' '))
})

test('the scripts for zsh and fish name every command', async () => {
  for (const shell of ['zsh', 'fish']) {
    const { out } = await terminal.run('completion', shell)
    for (const word of ['token create', 'device merge', 'policy publish', 'audit export', 'context use'])
      assert.ok(out.includes(`'${word}'`), `${shell}: ${word}`)
  }
})

test('a reader that goes away ends the program quietly', () => {
  const main = join(import.meta.dirname, 'main.ts')
  const piped = `"${process.execPath}" "${main}" --help | head -c 1; echo "\${PIPESTATUS[0]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', piped], { encoding: 'utf8' })
  assert.deepEqual([stdout, stderr], ['U0\n', ''])
})
