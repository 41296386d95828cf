// The command line for those who run the fleet: access, policies, audit, and finding out why something does not work.
// Devices and what is on them are fleet.test.ts.
import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createTerminal, type Terminal } from '@muster/cli/testing'
import { makeAuthority, makeServerLeaf } from '@muster/http/testing'
import { type ServerProcess, startServerProcess } from '../server-process.ts'

let server: ServerProcess
let terminal: Terminal

before(async () => {
  server = await startServerProcess()
  terminal = createTerminal({ env: { MUSTER_URL: server.apiUrl, MUSTER_TOKEN: server.ownerToken } })
})
after(() => server.stop())

const policy = (title: string): string => `apiVersion: fleet/v1
kind: Policy
metadata: { name: engineering, description: Default for developers }
agent:
  includeBuiltinRules: false
  rules:
    - id: acme.npm-denylist
      surface: javascriptPackages
      triggers: [added, modified, present]
      match: fieldContainsAny
      field: name
      values: [plain-crypto-js]
      severity: critical
      title: ${title}
      rationale: Named in an incident advisory.
`

const file = (name: string, text: string): string => {
  const path = join(terminal.homeFolder, name)
  writeFileSync(path, text)
  return path
}

const muster = async (...words: readonly string[]): Promise<string> => {
  const { code, out, err } = await terminal.run(...words)
  assert.equal(code, 0, err)
  return out
}

test('an operator token is made, used, limited to its role and revoked', async () => {
  const made = await terminal.json('operator', 'create', 'ci', '--role', 'viewer', '--expires', '30d')
  const viewer = createTerminal({ env: { MUSTER_URL: server.apiUrl, MUSTER_TOKEN: made.token } })
  assert.deepEqual(await viewer.json('device', 'list'), { items: [] })
  const refused = await viewer.run('token', 'create')
  assert.equal(refused.code, 3)
  assert.match(refused.err, /^muster: .*role[^\n]*\n$/)
  assert.match((await viewer.run('doctor')).out, /^ok +token: ci, viewer of tenant default/m)
  assert.match(await muster('operator', 'revoke', made.id), /revoked/)
  assert.equal((await viewer.run('device', 'list')).code, 3)
  const doctor = await viewer.run('doctor')
  assert.equal(doctor.code, 1)
  assert.match(doctor.out, /^fail +token: .*muster operator create/m)
  assert.doesNotMatch(await muster('operator', 'list', '--json'), /mot_/)
})

test('no token at all is told apart from a wrong one', async () => {
  const nobody = createTerminal({ env: { MUSTER_URL: server.apiUrl } })
  const { code, err } = await nobody.run('device', 'list')
  assert.equal(code, 3)
  assert.match(err, /give --token or MUSTER_TOKEN/)
  assert.match((await nobody.run('doctor')).out, /^fail +token: there is no token/m)
})

test('a context keeps server and token for later commands', async () => {
  const own = createTerminal({ input: server.ownerToken })
  assert.equal((await own.run('context', 'add', 'here', '--url', server.apiUrl, '--token-stdin')).code, 0)
  assert.equal((await own.json('api', 'GET', 'me')).role, 'owner')
  assert.match((await own.run('doctor', '--json')).out, /"check":"token","state":"ok"/)
})

test('every error of a policy is named with line and column, and nothing is saved', async () => {
  const bad = file('bad.yaml', policy('x').replace('severity: critical', 'severity: awful').replace('field:', 'feld:'))
  const { code, out } = await terminal.run('policy', 'validate', bad, '--json')
  assert.equal(code, 1)
  const { valid, errors } = JSON.parse(out)
  assert.equal(valid, false)
  assert.ok(errors.length >= 3)
  for (const error of errors)
    assert.deepEqual(Object.keys(error).toSorted(), ['code', 'column', 'line', 'message', 'path'])
  const alone = await terminal.run('policy', 'validate', bad, '--offline', '--json')
  assert.deepEqual([alone.code, alone.out], [1, out])
  const shown = await terminal.run('policy', 'validate', bad)
  assert.match(shown.out, /bad\.yaml:13:17: error unknown_severity: /)
  const published = await terminal.run('policy', 'publish', bad)
  assert.deepEqual([published.code, published.out], [1, ''])
  assert.match(published.err, /errors; nothing was saved\n$/)
  assert.deepEqual(await terminal.json('policy', 'list'), { items: [] })
})

test('a policy is published, shown, assigned, rolled back and counted', async () => {
  assert.match(
    await muster('policy', 'validate', file('good.yaml', policy('Denied'))),
    /is valid: \d+ bytes, sha256 [0-9a-f]{64}/,
  )
  const first = await terminal.json('policy', 'publish', join(terminal.homeFolder, 'good.yaml'), '--commit', 'abc123')
  assert.match(first.generation, /^g1-[0-9a-f]{12}$/)
  assert.deepEqual(await terminal.json('policy', 'assignments'), {
    items: [{ policyId: first.policyId, group: null, priority: 0 }],
  })
  const late = await terminal.run('policy', 'publish', join(terminal.homeFolder, 'good.yaml'), '--if-match', '0')
  assert.equal(late.code, 5)
  assert.match(late.err, /^muster: rev_\w+ was saved but not published: .* \(version_stale; /m)
  await muster('group', 'create', 'eng')
  const second = await terminal.json('policy', 'publish', file('new.yaml', policy('Denied again')), '--group', 'eng')
  assert.match(second.generation, /^g2-/)
  assert.equal((await terminal.json('policy', 'revisions', 'engineering')).items.length, 3)
  assert.match(await muster('policy', 'show', 'engineering'), /title: Denied again/)
  assert.match(await muster('policy', 'show', first.revisionId), /title: Denied$/m)
  const back = await terminal.json('policy', 'rollback', 'engineering', '--to', first.generation)
  assert.match(back.generation, /^g3-/)
  assert.equal(back.sha256, first.sha256)
  const bundle = await muster('policy', 'generation', back.generation, '--bundle')
  assert.equal(JSON.parse(bundle).rules[0].id, 'acme.npm-denylist')
  assert.equal((await terminal.json('policy', 'generations', '--policy', 'engineering')).items.length, 3)
  const assigned = await terminal.json('policy', 'assign', 'engineering', '--group', 'eng', '--priority', '40')
  assert.deepEqual(assigned.items[0], { policyId: first.policyId, group: 'eng', priority: 40 })
  assert.equal((await terminal.run('policy', 'assign', 'engineering')).code, 2)
  await muster('policy', 'assign', 'engineering', '--group', 'eng', '--remove')
  assert.equal((await terminal.json('policy', 'assignments')).items.length, 1)
  assert.equal((await terminal.json('policy', 'adoption', 'engineering')).generation, back.generation)
  assert.equal((await terminal.run('policy', 'rollback', 'engineering', '--to', 'g9-none')).code, 4)
  const saved = await terminal.with({ input: policy('From a pipe') }).json('policy', 'save', '-')
  assert.deepEqual([saved.revision.number, saved.revision.status], [4, 'draft'])
})

test('a policy kept as code is planned, published and exported again', async () => {
  const named = (title: string) => policy(title).replace('name: engineering', 'name: coded')
  const path = file('coded.yaml', named('Denied'))
  const fresh = await terminal.run('policy', 'plan', path)
  assert.equal(fresh.code, 2)
  assert.match(fresh.out, /^\+ {4}- id: acme\.npm-denylist$/m)
  assert.match(fresh.out, /^rules added +acme\.npm-denylist \(javascriptPackages\)$/m)
  assert.equal((await terminal.run('policy', 'export', 'coded')).code, 4)
  const planned = await terminal.run('policy', 'plan', path, '--group', 'eng', '--json')
  assert.deepEqual([planned.code, JSON.parse(planned.out).version], [2, 0])
  const source = ['--repository', 'https://git.example/fleet', '--commit', 'abc123', '--if-match', '0']
  const { revisionId } = await terminal.json('policy', 'publish', path, '--group', 'eng', ...source)
  const [revision] = (await terminal.json('policy', 'export', 'coded')).items
  assert.deepEqual(
    [revision.id, revision.source],
    [revisionId, { repository: 'https://git.example/fleet', commit: 'abc123' }],
  )
  const again = await terminal.run('policy', 'plan', path, '--group', 'eng')
  assert.deepEqual([again.code, /publishing it changes nothing/.test(again.out)], [0, true])
  assert.equal(await muster('policy', 'export', 'coded'), named('Denied'))
  await muster('policy', 'export', '--out', join(terminal.homeFolder, 'kept'))
  assert.equal(readFileSync(join(terminal.homeFolder, 'kept', 'coded.yaml'), 'utf8'), named('Denied'))
  assert.equal((await terminal.run('policy', 'plan', join(terminal.homeFolder, 'kept', 'coded.yaml'))).code, 0)
  const bad = await terminal.run('policy', 'plan', file('worse.yaml', named('Denied').replace('critical', 'dire')))
  assert.deepEqual([bad.code, bad.out], [1, ''])
  assert.match(bad.err, /error unknown_severity: .*\n.* has 1 error; nothing was planned\n$/s)
})

test('a change to what somebody else changed meanwhile is a conflict', async () => {
  const { id, version } = await terminal.json('group', 'create', 'contested')
  const change = ['api', 'PATCH', `groups/${id}`, '--body', '{"description":"mine"}']
  await muster(...change, '--if-match', String(version))
  const { code, out } = await terminal.run(...change, '--if-match', String(version))
  assert.equal(code, 5)
  assert.equal(JSON.parse(out).error.code, 'version_stale')
  const gone = ['api', 'DELETE', `groups/${id}`]
  assert.equal(JSON.parse((await terminal.run(...gone)).out).error.code, 'version_missing')
  const late = await terminal.run(...gone, '--if-match', String(version))
  assert.deepEqual([late.code, JSON.parse(late.out).error.code], [5, 'version_stale'])
  assert.deepEqual(await terminal.json('group', 'delete', id), { id })
})

test('a raw request shows the reply as it is and ends with the code of its status', async () => {
  assert.equal((await terminal.run('api', 'get', '/healthz')).code, 0)
  const missing = await terminal.run('api', 'GET', 'devices/dev_none')
  assert.equal(missing.code, 4)
  assert.equal(JSON.parse(missing.out).error.code, 'not_found')
  const body = file('group.json', '{"name":"from a file"}')
  assert.equal((await terminal.json('api', 'POST', 'groups', '--body', `@${body}`)).name, 'from a file')
  assert.equal((await terminal.run('api', 'GET', 'devices?limit=many')).code, 1)
})

test('the audit history is listed, exported, verified without the server, and tampering is found', async () => {
  const listed = await terminal.json('audit', 'list', '--action', 'policy.published', '--limit', '1')
  assert.equal(listed.items[0].action, 'policy.published')
  assert.deepEqual(await terminal.json('audit', 'list', '--to', '2d'), { items: [] })
  assert.equal((await terminal.json('audit', 'verify')).ok, true)
  const path = join(terminal.homeFolder, 'audit.ndjson')
  const exported = await terminal.run('audit', 'export', path)
  assert.equal(exported.code, 0, exported.err)
  assert.match(exported.err, /^\d+ entries, the last is \d+ with hash [0-9a-f]{64}\.\n$/)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  const offline = createTerminal()
  const verdict = await offline.json('audit', 'verify', path)
  assert.deepEqual([verdict.ok, verdict.anchor], [true, 'genesis'])
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  assert.equal(verdict.checked, lines.length)
  writeFileSync(path, lines.toSpliced(3, 1).join('\n'))
  const tampered = await offline.run('audit', 'verify', path)
  assert.deepEqual([tampered.code, tampered.out], [1, 'Entry 4 is missing; the 3 before it hold together.\n'])
  assert.equal((await terminal.run('audit', 'export', path)).code, 5)
  assert.equal((await terminal.run('audit', 'export', path, '--force')).code, 0)
  const piped = await terminal.run('audit', 'export', '-', '--from', '2', '--to', '3')
  assert.deepEqual(
    piped.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).seq),
    [2, 3],
  )
})

test('the audit history is also a table, which nobody mistakes for something that can be verified', async () => {
  const path = join(terminal.homeFolder, 'audit.csv')
  const exported = await terminal.run('audit', 'export', path)
  assert.equal(exported.code, 0, exported.err)
  const [head, first] = readFileSync(path, 'utf8').split('\r\n')
  assert.match(head ?? '', /^"seq","occurredAt","actorType",/)
  assert.match(first ?? '', /^1,"\d{4}-\d{2}-\d{2}T[^"]+Z",/)
  const piped = await terminal.run('audit', 'export', '-', '--format', 'csv', '--from', '2', '--to', '3')
  assert.deepEqual(
    piped.out
      .trimEnd()
      .split('\r\n')
      .map((line) => line.split(',')[0]),
    ['"seq"', '2', '3'],
  )
  const refused = await terminal.run('audit', 'verify', path)
  assert.deepEqual([refused.code, refused.out], [1, ''])
  assert.match(refused.err, /is a table; only an export with --format ndjson can be verified/)
  assert.equal((await terminal.run('audit', 'export', '-', '--format', 'xml')).code, 2)
})

test('doctor finds nothing to do where all is well', async () => {
  const items: readonly { check: string; state: string }[] = (await terminal.json('doctor')).items
  assert.deepEqual(
    items.map(({ check }) => check),
    ['server', 'transport', 'clock', 'ready', 'token', 'versions'],
  )
  assert.ok(
    items.every(({ state }) => state === 'ok'),
    JSON.stringify(items),
  )
})

test('over TLS a server is trusted by its authority and by nothing less', async () => {
  const authority = await makeAuthority()
  const leaf = await makeServerLeaf(authority)
  const flags = ['--api-cert', file('leaf.pem', leaf.certPem), '--api-key', file('leaf.key', leaf.keyPem)]
  const secure = await startServerProcess({ flags })
  try {
    const guest = createTerminal({ env: { MUSTER_URL: secure.apiUrl, MUSTER_TOKEN: secure.ownerToken } })
    const refused = await guest.run('device', 'list')
    assert.equal(refused.code, 1)
    assert.match(refused.err, /unknown authority/)
    const trusting = await guest.run('doctor', '--ca', file('ca.pem', authority.certPem))
    assert.match(trusting.out, /^(ok|warn) +transport: /m)
    assert.match(trusting.out, /^ok +token: /m)
  } finally {
    await secure.stop()
  }
})

test('tokens are in nothing that was logged', () => {
  assert.doesNotMatch(server.log(), /mo?t_[\w-]{43}/)
})

test('an owner sees and changes how long data is kept, and holds what must stay', async () => {
  assert.match(await muster('retention', 'show'), /^events +90 +- +7 to 400 +installation/m)
  const longer = await terminal.json('retention', 'set', '--events', '120d', '--dead-letters', '10')
  const termOf = (kind: string) => longer.items.find((term: { kind: string }) => term.kind === kind)
  assert.deepEqual([termOf('events').days, termOf('events').pending, termOf('events').isOwn], [120, null, true])
  assert.deepEqual([termOf('deadLetters').days, termOf('deadLetters').pending.days], [30, 10])
  const undone = await terminal.run('retention', 'set', '--dead-letters', '30')
  assert.deepEqual([undone.code, undone.err], [0, ''])
  const shorter = await terminal.run('retention', 'set', '--dead-letters', '20')
  assert.match(shorter.err, /counts after 24 hours; until then, setting the old number undoes it/)
  const wrong = await terminal.run('retention', 'set', '--events', '5')
  assert.deepEqual([wrong.code, wrong.out], [1, ''])
  assert.equal((await terminal.run('retention', 'set')).code, 2)

  assert.match((await terminal.run('hold', 'list')).err, /No legal holds; place one/)
  assert.equal((await terminal.run('hold', 'place', '--reason', 'nothing named')).code, 2)
  const { id, scope } = await terminal.json('hold', 'place', '--tenant', '--reason', 'case 2026-17')
  assert.equal(scope, 'tenant')
  assert.match(await muster('hold', 'list'), /the whole tenant +case 2026-17/)
  assert.match(await muster('hold', 'release', id), /^released .* by /m)
  assert.equal((await terminal.run('hold', 'release', id)).code, 5)
  assert.equal((await terminal.run('hold', 'show', 'hld_none')).code, 4)
  const { items } = await terminal.json('audit', 'list', '--action', 'legal_hold.released')
  assert.equal(items[0].details.reason, 'case 2026-17')
})
