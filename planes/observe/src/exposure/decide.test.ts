// Proof of questions, versions and verdicts; that rows answer them is proved in exposure.test.ts.
// The incident of March 2026 is the running example.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ECOSYSTEMS, type Ecosystem } from '@muster/contract'
import { judgeDevice, NEVER_SEEN, type Seen } from './decide.ts'
import { readQuestion } from './question.ts'
import { compareHomebrew, isUnparsed, matchesVersion, readVersions } from './versions.ts'

const dayMs = 24 * 3600 * 1000
const nowMs = Date.UTC(2026, 3, 10)
const window = { fromMs: Date.UTC(2026, 2, 31), toMs: Date.UTC(2026, 3, 1) }
const old = { deviceNo: 1, enrolledMs: Date.UTC(2026, 0, 1), lastContactMs: nowMs - 1000, former: [] }
const partly: Seen = { extent: 'partial', sinceMs: old.enrolledMs }
const whole: Seen = { extent: 'complete', sinceMs: old.enrolledMs }

const verdicts = [
  { name: 'an open match heard lately', device: old, match: { open: true }, seen: whole, want: 'present' },
  {
    name: 'an open match not heard for two days',
    device: { ...old, lastContactMs: nowMs - 2 * dayMs },
    match: { open: true },
    seen: whole,
    want: 'present_unconfirmed',
  },
  { name: 'a match that ended', device: old, match: { open: false }, seen: partly, want: 'past' },
  { name: 'no match on a surface seen whole', device: old, match: undefined, seen: whole, want: 'not_observed' },
  { name: 'no match, surface never seen', device: old, match: undefined, seen: NEVER_SEEN, want: 'surface_none' },
  { name: 'no match, surface seen in part', device: old, match: undefined, seen: partly, want: 'surface_partial' },
  {
    name: 'no match, silent since before the window ended',
    device: { ...old, lastContactMs: window.fromMs + 1 },
    match: undefined,
    seen: whole,
    want: 'no_contact_in_window',
  },
  {
    name: 'no match, silent now but heard after the window',
    device: { ...old, lastContactMs: window.toMs + 1 },
    match: undefined,
    seen: whole,
    want: 'not_observed',
  },
  {
    name: 'no match, enrolled after the window began',
    device: { ...old, enrolledMs: window.fromMs + 1 },
    match: undefined,
    seen: whole,
    want: 'enrolled_after_window',
  },
  {
    name: 'no match, first scanned after the window began',
    device: old,
    match: undefined,
    seen: { ...whole, sinceMs: window.fromMs + 1 },
    want: 'scanned_after_window',
  },
  {
    name: 'no match, never heard',
    device: { ...old, lastContactMs: null },
    match: undefined,
    seen: whole,
    want: 'no_contact_in_window',
  },
] as const

for (const { name, device, match, seen, want } of verdicts)
  test(`${name}: ${want}`, () => {
    const judged = judgeDevice(device, match, () => seen, window, nowMs)
    assert.equal(judged.unknownReason ?? judged.verdict, want)
    assert.equal(judged.verdict === 'unknown', judged.unknownReason !== null)
  })

/** A machine that was wiped on the second of April: one life before, one after. */
const before = { deviceNo: 2, enrolledMs: Date.UTC(2026, 0, 1), lastContactMs: Date.UTC(2026, 3, 2) }
const after = { deviceNo: 3, enrolledMs: Date.UTC(2026, 3, 3), lastContactMs: nowMs - 1000, former: [before] }
const freshly: Seen = { extent: 'complete', sinceMs: after.enrolledMs }
const later = { fromMs: Date.UTC(2026, 3, 4), toMs: Date.UTC(2026, 3, 5) }
const across = { fromMs: window.fromMs, toMs: later.toMs }

const merged: readonly (readonly [string, Seen, Seen, typeof window | undefined, string])[] = [
  ['both lives seen whole, asked about the former', whole, freshly, window, 'not_observed'],
  ['the former seen in part, asked about it', partly, freshly, window, 'surface_partial'],
  ['the former seen in part, asked about the present one', partly, freshly, later, 'not_observed'],
  ['the former seen in part, asked across both', partly, freshly, across, 'surface_partial'],
  ['the present one never seen, asked across both', whole, NEVER_SEEN, across, 'surface_none'],
  ['the present one never seen, asked about now', whole, NEVER_SEEN, undefined, 'surface_none'],
]
for (const [name, formerSeen, ownSeen, asked, want] of merged)
  test(`a machine with a former life, ${name}: ${want}`, () => {
    const seenOf = (deviceNo: number): Seen => (deviceNo === before.deviceNo ? formerSeen : ownSeen)
    const judged = judgeDevice(after, undefined, seenOf, asked, nowMs)
    assert.equal(judged.unknownReason ?? judged.verdict, want)
  })

const versions: readonly (readonly [Ecosystem, string, string, boolean])[] = [
  ['npm', '1.14.1', '1.14.1', true],
  ['npm', '1.14.1 || 0.30.4', '0.30.4', true],
  ['npm', '^1.14.0', '1.14.1', true],
  ['npm', '^1.14.0', '2.0.0', false],
  ['npm', '>=1.0.0', '2.0.0-rc.1', false],
  ['npm', '>=2.0.0-rc.0', '2.0.0-rc.1', true],
  ['npm', '^1.0.0', 'workspace', false],
  ['npm', '*', 'workspace', true],
  ['npm', 'workspace', 'workspace', true],
  ['pypi', '>=6,<7', '6.0', true],
  ['pypi', '~=1.4', '1.5.2', true],
  ['pypi', '==1.0', '1.0.0', true],
  ['pypi', '1.0', '1.0', true],
  ['homebrew', '>=5.6.0 <5.6.2', '5.6.1', true],
  ['homebrew', '5.6.0 || 5.6.1', '5.6.1', true],
  ['homebrew', '>5.6.1', '5.6.1_2', true],
  ['homebrew', '5.6.1', '5.6.1', true],
  ['mcp', 'latest', 'latest', true],
  ['deb', '>=3.0.11-1 <3.0.12', '3.0.11-1~deb12u2', false],
  ['deb', '<3.0.11-1', '3.0.11-1~deb12u2', true],
  ['deb', '>=2.0', '1:1.0', true],
  ['rpm', '>=5.14.0-362', '5.14.0-427.el9', true],
  ['rpm', '5.14.0-427.el9', '5.14.0-427.el9', true],
  ['golang', '0.14.0', 'v0.14.0', true],
  ['golang', 'v0.14.0', 'v0.14.0', true],
  ['golang', '<0.1.0', 'v0.0.0-20240101000000-abcdef012345', true],
  ['golang', '>=2.0.0', 'v2.0.0+incompatible', true],
  ['cargo', '^1.0.100', '1.0.203', true],
  ['vscode', '>=2024.2.0', '2024.10.0', true],
]

for (const [ecosystem, asked, version, want] of versions)
  test(`${ecosystem} ${version} ${want ? 'is' : 'is not'} ${asked}`, () =>
    assert.equal(matchesVersion(version, readVersions(asked, ecosystem), ecosystem), want))

test('Homebrew versions compare by numbers, then text, then revision', () => {
  const sorted = ['1.2.10', '1.10', '1.9', '1.9_1', '1.9_10', '1.9a', '2022-01-02']
  assert.deepEqual(
    sorted.toSorted(compareHomebrew),
    ['1.2.10', '1.9', '1.9_1', '1.9_10', '1.10', '1.9a', '2022-01-02'].toSorted(compareHomebrew),
  )
  assert.ok(compareHomebrew('1.9', '1.10') < 0)
  assert.ok(compareHomebrew('1.9_2', '1.9_10') < 0)
  assert.equal(compareHomebrew('1.0', '1'), 0)
})

test('a version that cannot be read is marked so', () => {
  assert.equal(isUnparsed('workspace', 'npm'), true)
  assert.equal(isUnparsed('1.0.0', 'npm'), false)
  assert.equal(isUnparsed('', 'npm'), false)
})

const typed: readonly (readonly [q: string, ecosystems: readonly string[], name: string, versions: unknown])[] = [
  ['axios', ECOSYSTEMS, 'axios', undefined],
  ['axios@1.14.1', ECOSYSTEMS, 'axios', '1.14.1'],
  ['@bitwarden/cli@2026.4.0', ECOSYSTEMS, '@bitwarden/cli', '2026.4.0'],
  ['axios@>=1.14.0 <1.15.0', ECOSYSTEMS, 'axios', '>=1.14.0 <1.15.0'],
  ['django>=4,<5', ECOSYSTEMS, 'django', '>=4,<5'],
  ['pkg:npm/axios@1.14.1', ['npm'], 'axios', '1.14.1'],
  ['pkg:npm/%40bitwarden/cli@2026.4.0?x=y', ['npm'], '@bitwarden/cli', '2026.4.0'],
  ['pkg:pypi/Zope.Interface', ['pypi'], 'zope-interface', undefined],
  ['npm:axios', ['npm'], 'axios', undefined],
  ['mcp:weather-mcp', ['mcp'], 'weather-mcp', undefined],
  ['host:mcp.example.org', ['mcp'], 'mcp.example.org', undefined],
  ['deb:openssl@1:3.0.11-1~deb12u2', ['deb'], 'openssl', '1:3.0.11-1~deb12u2'],
  ['deb/libstdc++6', ['deb'], 'libstdc++6', undefined],
  ['rpm/kernel@>=6.1', ['rpm'], 'kernel', '>=6.1'],
  ['golang/golang.org/x/text@v0.14.0', ['golang'], 'golang.org/x/text', 'v0.14.0'],
  ['cargo/serde@^1.0', ['cargo'], 'serde', '^1.0'],
  ['vscode:MS-Python.python', ['vscode'], 'ms-python.python', undefined],
  ['npm/@s/a', ['npm'], '@s/a', undefined],
  ['pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64&distro=bookworm', ['deb'], 'openssl', '3.0.11-1~deb12u2'],
  ['pkg:rpm/fedora/openssl@1:3.0.7-1.fc39', ['rpm'], 'openssl', '1:3.0.7-1.fc39'],
  ['pkg:golang/golang.org/x/text@v0.14.0', ['golang'], 'golang.org/x/text', 'v0.14.0'],
  ['pkg:cargo/serde@1.0.203', ['cargo'], 'serde', '1.0.203'],
  ['pkg:vscode-extension/ms-python/python', ['vscode'], 'ms-python.python', undefined],
]

for (const [q, ecosystems, name, want] of typed)
  test(`${JSON.stringify(q)} asks for ${name} in ${ecosystems.join(', ')}`, () => {
    const read = readQuestion({ q })
    assert.ok(read.ok)
    assert.deepEqual(
      read.value.subjects.map(({ ecosystem }) => ecosystem),
      ecosystems,
    )
    assert.ok(read.value.subjects.some(({ names }) => names.includes(name)))
    assert.equal(read.value.versions, want)
  })

test('a path and a device may stand beside the name', () => {
  const read = readQuestion({ q: 'path:/home/ada axios@1.14.1 device:dev_1' })
  assert.ok(read.ok)
  assert.equal(read.value.pathPrefix, '/home/ada')
  assert.equal(read.value.deviceId, 'dev_1')
  assert.equal(read.value.versions, '1.14.1')
})

const unclear = [
  {},
  { q: 'axios', names: ['axios'] },
  { names: [] },
  { names: [' '] },
  { q: 'path:/home' },
  { q: 'axios', window: { from: '2026-04-01T00:00:00Z', to: '2026-03-01T00:00:00Z' } },
] as const

for (const asked of unclear)
  test(`${JSON.stringify(asked)} is refused`, () =>
    assert.equal(readQuestion(asked as Parameters<typeof readQuestion>[0]).ok, false))
