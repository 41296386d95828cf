// The command line over real devices: named, tagged, searched and shown, whatever they call themselves.
// Policies, audit and access are operator.test.ts.
import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { createTerminal, type Terminal } from '@muster/cli/testing'
import { type ServerProcess, startServerProcess } from '../server-process.ts'
import { enrollSensor, type Sensor } from './sensor.ts'

/** Control and format characters, but for the line breaks of a table. */
const unseen = /(?!\n)[\p{Cc}\p{Cf}]/u

const hostile = 'web\u001b[2J\u202e\u0007\nmaster'

let server: ServerProcess
let terminal: Terminal
let ca: string

before(async () => {
  server = await startServerProcess()
  terminal = createTerminal({ env: { MUSTER_URL: server.apiUrl, MUSTER_TOKEN: server.ownerToken } })
  ca = (await terminal.run('api', 'GET', '/ca.pem')).out
})
after(() => server.stop())

const muster = async (...words: readonly string[]): Promise<string> => {
  const { code, out, err } = await terminal.run(...words)
  assert.equal(code, 0, err)
  return out
}

const enroll = async (hostname: string): Promise<Sensor> => {
  const { token } = await terminal.json('token', 'create', '--label', hostname.slice(0, 3))
  return enrollSensor({ gatewayUrl: server.gatewayUrl, ca, token, hostname })
}

test('a token lets as many devices in as it says, and is shown once', async () => {
  const made = await terminal.json(
    'token',
    'create',
    '--label',
    'pair',
    '--uses',
    '2',
    '--expires',
    '1h',
    '--tag',
    'os=test',
  )
  assert.match(made.token, /^met_[\w-]{43}$/)
  const wishes = { gatewayUrl: server.gatewayUrl, ca, token: made.token as string, hostname: 'twin' }
  const twins = [await enrollSensor(wishes), await enrollSensor(wishes)]
  await assert.rejects(enrollSensor(wishes), /enrollment_refused/)
  const shown = await terminal.json('token', 'show', made.id)
  assert.deepEqual([shown.status, shown.useCount, shown.failures.count], ['exhausted', 2, 1])
  assert.equal('token' in shown, false)
  const revoked = await terminal.json('token', 'revoke', made.id)
  assert.deepEqual(revoked.enrolledDeviceIds.toSorted(), twins.map(({ deviceId }) => deviceId).toSorted())
  const tagged = await terminal.json('device', 'list', '--tag', 'os=test')
  assert.equal(tagged.items.length, 2)
})

test('a name that fits two devices is not guessed at; the beginning of an id finds one', async () => {
  const { code, err } = await terminal.run('device', 'show', 'twin')
  assert.equal(code, 2)
  assert.match(err, /fits 2 devices, say which by its id: dev_\w+ \(twin\), dev_\w+ \(twin\)/)
  const [{ id }] = (await terminal.json('device', 'list', '--name', 'twin')).items
  assert.equal((await terminal.json('device', 'show', id.slice(0, 12))).id, id)
})

test('a device cannot bend a terminal by its name, and programs still get the name it gave', async () => {
  const { deviceId } = await enroll(hostile)
  const wide = terminal.with({ columns: 200 })
  for (const words of [
    ['device', 'list'],
    ['device', 'show', deviceId],
    ['device', 'timeline', deviceId],
  ]) {
    const { code, out } = await wide.run(...words)
    assert.equal(code, 0)
    assert.match(out, /web(?: ?|.*)master/)
    assert.doesNotMatch(stripVTControlCharacters(out), unseen)
  }
  const { out } = await terminal.run('device', 'show', deviceId, '--json')
  assert.doesNotMatch(out, unseen)
  assert.equal(JSON.parse(out).hostname, hostile)
  await muster('device', 'revoke', deviceId)
})

test('without a terminal there is no colour and nothing is cut; on one, lines fit', async () => {
  assert.doesNotMatch(await muster('device', 'list'), /\p{Cf}|(?!\n)\p{Cc}|…/u)
  const narrow = terminal.with({ columns: 90 })
  const { out } = await narrow.run('device', 'list')
  assert.ok(out.includes('\u001b[32monline'))
  const bare = (await narrow.run('device', 'list', '--no-color')).out
  assert.ok(!bare.includes('\u001b'))
  for (const line of bare.split('\n')) assert.ok(line.length <= 90, line)
})

test('an action on several devices does what it can and says what it could not', async () => {
  const { deviceId } = await enroll('worker')
  const both = await terminal.run('device', 'tag', 'worker', 'nobody', '--add', 'role=build', '--json')
  assert.equal(both.code, 8)
  assert.match(both.err, /^nobody: there is no device "nobody"/)
  assert.deepEqual(
    JSON.parse(both.out).items.map((device: { id: string; tags: string[] }) => [device.id, device.tags]),
    [[deviceId, ['role=build']]],
  )
  assert.equal((await terminal.run('device', 'tag', 'nobody', 'no-one', '--add', 'x')).code, 4)
  assert.deepEqual((await terminal.json('device', 'tag', 'worker', '--add', 'a', '--remove', 'role=build')).tags, ['a'])
})

test('what a filter finds is tagged, untagged and revoked in one go, and nothing without a filter', async () => {
  const made = await terminal.json('token', 'create', '--label', 'lent', '--uses', '3', '--tag', 'lent')
  const wishes = { gatewayUrl: server.gatewayUrl, ca, token: made.token as string }
  for (const hostname of ['lent-1', 'lent-2', 'lent-3']) await enrollSensor({ ...wishes, hostname })
  const counted = async (...filter: readonly string[]): Promise<number> =>
    (await terminal.json('device', 'list', ...filter)).items.length
  const missing = await terminal.run('device', 'many', 'tag', 'due')
  assert.equal(missing.code, 2)
  assert.match(missing.err, /say which devices/)
  assert.match(
    await muster('device', 'many', 'tag', 'due', '--tag', 'lent', '--name', 'lent-'),
    /^3 tagged, 0 were so/m,
  )
  assert.match(await muster('device', 'many', 'tag', 'due', '--tag', 'lent'), /^0 tagged, 3 were so before, 0 refused/m)
  assert.match(await muster('device', 'many', 'untag', 'due', '--name', 'lent-2'), /^1 untagged/m)
  assert.equal(await counted('--tag', 'due'), 2)
  const { items } = await terminal.json('device', 'many', 'revoke', '--tag', 'due', '--reason', 'not given back')
  assert.deepEqual(
    items.map(({ outcome }: { readonly outcome: string }) => outcome),
    ['done', 'done'],
  )
  assert.equal(await counted('--status', 'revoked', '--tag', 'lent'), 2)
  assert.equal(await counted('--status', 'active', '--tag', 'lent'), 1)
})

test('a device is renamed, revoked, brought back, retired and merged', async () => {
  const old = await enroll('before')
  const next = await enroll('after')
  await muster('device', 'rename', 'before', 'Front desk')
  await muster('device', 'set', 'front DESK', '--owner', 'ada@example.com', '--notes', 'by the door')
  const device = await terminal.json('device', 'show', 'Front desk')
  assert.deepEqual([device.id, device.owner, device.notes], [old.deviceId, 'ada@example.com', 'by the door'])
  assert.match(await muster('device', 'revoke', 'Front desk', '--reason', 'lost'), /revoked/)
  await assert.rejects(old.send([{ kind: 'added', name: 'x', version: '1.0.0' }]), /device_not_active/)
  assert.equal((await terminal.run('device', 'revoke', 'Front desk')).code, 5)
  await muster('device', 'reactivate', 'Front desk')
  await muster('device', 'resnapshot', 'Front desk')
  await muster('device', 'retire', 'Front desk')
  assert.match(
    await muster('device', 'merge', 'Front desk', '--into', 'after'),
    new RegExp(`merged into ${next.deviceId}`),
  )
  const merged = await terminal.json('device', 'show', old.deviceId)
  assert.deepEqual([merged.status, merged.mergedIntoId], ['merged', next.deviceId])
  const events = (await terminal.json('device', 'timeline', old.deviceId)).items.map(
    ({ what }: { what: string }) => what,
  )
  for (const what of ['device.enrolled', 'device.revoked', 'device.reactivated', 'device.retired', 'device.merged'])
    assert.ok(events.includes(what), what)
})

test('groups are made, changed, shown and deleted by name', async () => {
  const sensor = await enroll('member')
  await muster('group', 'create', 'builders', '--description', 'Build machines')
  assert.equal((await terminal.run('group', 'create', 'builders')).code, 5)
  assert.equal((await terminal.json('group', 'set', 'builders', '--add-device', 'member')).memberCount, 1)
  assert.deepEqual((await terminal.json('device', 'show', sensor.deviceId)).groups, ['builders'])
  const tagged = await terminal.json('group', 'set', 'builders', '--tag', 'role=build', '--name', 'makers')
  assert.deepEqual([tagged.tag, tagged.name], ['role=build', 'makers'])
  assert.equal((await terminal.json('group', 'set', 'makers', '--no-tag')).tag, null)
  assert.match(await muster('group', 'delete', 'makers'), /its devices stay/)
  assert.equal((await terminal.run('group', 'show', 'makers')).code, 4)
})

test('a list longer than a page comes whole, as one JSON document, and says when it was cut', async () => {
  const sensor = await enroll('large')
  const many = Array.from({ length: 450 }, (_, index) => ({
    kind: 'added' as const,
    name: `package-${index}`,
    version: '1.0.0',
  }))
  await sensor.send(many)
  assert.equal((await terminal.json('inventory', 'large')).items.length, 450)
  const cut = await terminal.run('inventory', 'large', '--limit', '205')
  assert.equal(cut.out.trimEnd().split('\n').length, 206)
  assert.match(cut.err, /There are more/)
  assert.deepEqual(
    await terminal
      .json('inventory', 'large', '--name', 'package-7', '--surface', 'javascriptPackages')
      .then(({ items }) => items.length),
    1,
  )
  assert.deepEqual(await terminal.json('inventory', 'large', '--as-of', '30d'), { items: [] })
  const onTerminal = await terminal.with({ columns: 120 }).run('inventory', 'large')
  assert.match(onTerminal.err, /400 so far…/)
  const changes = await terminal.json(
    'changes',
    '--device',
    'large',
    '--change',
    'added',
    '--since',
    '1h',
    '--limit',
    '3',
  )
  assert.equal(changes.items.length, 3)
  assert.equal((await terminal.json('device', 'events', 'large', '--limit', '7')).items.length, 7)
})

test('a search always shows the five counts, and lists who could not say with the reason', async () => {
  const hit = await enroll('hit')
  await hit.send([
    { kind: 'added', name: 'axios', version: '1.14.1' },
    { kind: 'added', name: 'other', version: '2.0.0', detail: '\u001b]0;owned\u0007' },
  ])
  const gone = await enroll('gone')
  await gone.send([{ kind: 'added', name: 'axios', version: '1.14.1' }])
  await gone.send([{ kind: 'removed', name: 'axios', version: '1.14.1' }])
  await enroll('silent')
  const found = await terminal.json('search', 'axios@1.14.1', '--from', '1d')
  assert.deepEqual(Object.keys(found.verdicts).toSorted(), [
    'not_observed',
    'past',
    'present',
    'present_unconfirmed',
    'unknown',
  ])
  assert.deepEqual(
    found.items.map(({ hostname, verdict }: { hostname: string; verdict: string }) => [hostname, verdict]).toSorted(),
    [
      ['gone', 'past'],
      ['hit', 'present'],
    ],
  )
  const shown = await terminal.run('search', 'axios@1.14.1')
  assert.match(shown.out, /^hit +dev_\w+ +present +axios +1\.14\.1/m)
  for (const verdict of ['present', 'present_unconfirmed', 'past', 'not_observed', 'unknown'])
    assert.match(shown.out, new RegExp(`^ +\\d+  ${verdict}`, 'm'))
  assert.match(shown.err, /could not say; --verdict unknown lists them/)
  assert.match(shown.err, /note: Read from lockfiles/)
  const unknown = await terminal.run('search', 'axios@1.14.1', '--verdict', 'unknown')
  assert.match(unknown.out, /^silent +dev_\w+ +unknown .*nothing received from that surface/m)
  const all = await terminal.json('search', 'axios', '--all')
  const total = Object.values(all.verdicts as Record<string, number>).reduce((sum, count) => sum + count, 0)
  assert.equal(all.items.length, total)
  const [evidence] = (await terminal.json('search', 'axios@1.14.1', '--events')).items
  const events = await terminal.json('device', 'events', evidence.deviceId)
  assert.ok(events.items.some(({ eventId }: { eventId: string }) => eventId === evidence.intervals[0].fromEventId))
  const withEvents = await terminal.run('search', 'axios@1.14.1', '--events')
  assert.match(withEvents.out, new RegExp(`${evidence.intervals[0].fromEventId} +none$`, 'm'))
  const none = await terminal.run('search', 'axio')
  assert.equal(none.code, 0)
  assert.match(none.err, /Did you mean: axios/)
})

test('a search is taken away whole, as lines or as a table, with everybody who could not say', async () => {
  const path = (name: string): string => join(terminal.homeFolder, name)
  const total = (await terminal.json('search', 'axios@1.14.1', '--from', '1d', '--all')).items.length
  const taken = await terminal.run('search', 'axios@1.14.1', '--from', '1d', '--export', path('hits.ndjson'))
  assert.deepEqual([taken.code, taken.out], [0, ''], taken.err)
  assert.match(taken.err, /^1 present, 0 present_unconfirmed, 1 past, \d+ not_observed, \d+ unknown\.$/m)
  assert.match(taken.err, /note: Read from lockfiles/)
  assert.equal(statSync(path('hits.ndjson')).mode & 0o777, 0o600)
  const [answer, ...devices] = readFileSync(path('hits.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual([answer.record, answer.verdicts.present, answer.verdicts.past], ['answer', 1, 1])
  assert.equal(devices.length, total)
  assert.ok(devices.every(({ verdict, unknownReason }) => (verdict === 'unknown') === (unknownReason !== null)))
  assert.deepEqual(
    devices.find(({ hostname }) => hostname === 'gone').intervals.map(({ toKind }: { toKind: string }) => toKind),
    ['removed'],
  )
  await muster('search', 'axios@1.14.1', '--from', '1d', '--export', path('hits.csv'))
  const table = readFileSync(path('hits.csv'), 'utf8')
  assert.match(table, /^"deviceId","hostname",/)
  assert.match(table, /^"dev_\w+","silent",.*,"unknown","surface_none",/m)
  assert.equal(table.trimEnd().split('\r\n').length, 1 + total)
  const only = ['search', 'axios@1.14.1', '--verdict', 'unknown', '--export', '-', '--format', 'csv']
  assert.ok(
    (await muster(...only))
      .split('\r\n')
      .slice(1, -1)
      .every((row) => row.includes(',"unknown",')),
  )
  assert.equal((await terminal.run('search', 'axios', '--export', path('hits.csv'))).code, 5)
  await muster('search', 'axios', '--export', path('hits.csv'), '--force')
  assert.equal((await terminal.run('search', 'axios', '--export', '-', '--limit', '5')).code, 2)
  assert.equal((await terminal.run('search', 'axios', '--format', 'csv')).code, 2)
  const { items } = await terminal.json('audit', 'list', '--action', 'inventory.exported', '--limit', '1')
  assert.deepEqual(items[0].details.asked, { q: 'axios' })
})

test('status shows the fleet in one look', async () => {
  const status = await terminal.json('status')
  assert.ok(status.devices.total > 5)
  assert.match(await muster('status'), /^devices +\d+ \(\d+ online/m)
})

test('a device is compared with another, and with a group', async () => {
  const compared = await terminal.json('inventory', 'compare', 'hit', '--with', 'gone')
  assert.deepEqual(
    [compared.added.items.map((item: { name: string }) => item.name), compared.missing.total],
    [['axios', 'other'], 0],
  )
  const shown = await muster('inventory', 'compare', 'gone', '--with', 'hit')
  assert.match(shown, /^missing here +javascriptPackages +axios +- +1\.14\.1 +1$/m)
  assert.equal((await terminal.json('group', 'create', 'likewise', '--add-device', 'hit')).memberCount, 1)
  await muster('group', 'set', 'likewise', '--add-device', 'hit')
  const beside = await terminal.json('inventory', 'compare', 'gone', '--group', 'likewise', '--quorum', '1')
  assert.deepEqual([beside.referenceDevices, beside.missing.total], [1, 2])
  const elsewhere = ['--with', 'gone', '--only', 'homebrew', '--names']
  assert.equal((await terminal.json('inventory', 'compare', 'hit', ...elsewhere)).added.total, 0)
  const rare = (await terminal.json('inventory', 'rare', '--ecosystem', 'npm')).items
  assert.ok(rare.some((item: { name: string; hostname: string }) => item.name === 'axios' && item.hostname === 'hit'))
  const both = await terminal.run('inventory', 'compare', 'gone', '--with', 'hit', '--group', 'likewise')
  assert.deepEqual([both.code, both.err], [2, 'muster: say --with DEVICE or --group NAME\n'])
  assert.match(await muster('inventory', 'hit', '--surface', 'javascriptPackages'), /axios/)
})

test('a plan tells what its rules would find now, before anything is published', async () => {
  const path = join(terminal.homeFolder, 'denied.yaml')
  const rule = `{ id: acme.axios, surface: javascriptPackages, triggers: [present], match: fieldContainsAny, field: name,
      values: [axios], severity: critical, title: T, rationale: R }`
  const head = 'apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: denied }\nagent:\n  includeBuiltinRules: false\n'
  writeFileSync(path, `${head}  rules:\n    - ${rule}\n`)
  const planned = await terminal.run('policy', 'plan', path, '--try')
  assert.equal(planned.code, 2)
  assert.match(planned.out, /^acme\.axios +javascriptPackages +critical +1 +1 +axios 1\.14\.1 on hit$/m)
  assert.match(planned.out, /^most on +hit \(1\)$/m)
  assert.match(planned.out, /^of the last 30 days +\d+$/m)
  const { revision } = await terminal.json('policy', 'save', path)
  const dry = JSON.parse(await muster('api', 'POST', `revisions/${revision.id}:dryRun`, '--body', '{}'))
  assert.deepEqual([dry.trial.matches, dry.trial.rules[0].samples[0].hostname], [1, 'hit'])
  assert.deepEqual([dry.trial.recent.isCut, dry.trial.recent.notMade.findings], [false, 0])
  assert.deepEqual((await terminal.json('policy', 'generations')).items, [])
})

test('findings are listed and shown', async () => {
  assert.deepEqual(await terminal.json('finding', 'list', '--severity', 'critical'), { items: [] })
  assert.equal((await terminal.run('finding', 'show', 'fnd_none')).code, 4)
})

test('the owner token is in nothing that was logged', () => {
  assert.doesNotMatch(server.log(), new RegExp(server.ownerToken))
})
