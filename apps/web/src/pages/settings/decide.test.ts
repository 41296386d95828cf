// What is typed in the settings, as tables.
// That the server takes it is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RetentionTerm } from '@muster/contract'
import {
  firstTokenWish,
  judgeDays,
  judgeLiveness,
  judgeToken,
  readSettingsView,
  type TokenWish,
  type TypedLiveness,
  tabsFor,
} from './decide.ts'

test('an address names a tab or none', () => {
  assert.deepEqual([readSettingsView({ tab: 'holds' }), readSettingsView({ tab: 'x' })], [{ tab: 'holds' }, {}])
})

test('whoever may see nothing else sees what crosses the wire', () => {
  assert.deepEqual(
    tabsFor((capability) => capability === 'fleet:read'),
    ['wire'],
  )
})

const wishes: readonly (readonly [name: string, change: Partial<TokenWish>, faults: readonly string[]])[] = [
  ['a name is enough', { name: 'ci' }, []],
  ['without a name', {}, ['name']],
  ['networks', { name: 'ci', networks: '192.0.2.0/24 2001:db8::/32' }, []],
  ['a network that is none', { name: 'ci', networks: 'office' }, ['networks']],
]
for (const [name, change, faults] of wishes)
  test(name, () => {
    const judged = judgeToken({ ...firstTokenWish, ...change })
    assert.deepEqual(judged.ok ? [] : Object.keys(judged.faults), faults)
  })

test('a token is limited to groups, networks and deeds, and to no deed that its role may not do', () => {
  const judged = judgeToken({
    ...firstTokenWish,
    name: ' ci ',
    role: 'analyst',
    groups: ['web team'],
    scopes: ['inventory:search', 'audit:read'],
    networks: '192.0.2.0/24',
  })
  assert.deepEqual(judged, {
    ok: true,
    body: {
      name: 'ci',
      role: 'analyst',
      expiresInSeconds: 7_776_000,
      groups: ['web team'],
      scopes: ['inventory:search'],
      networks: ['192.0.2.0/24'],
    },
  })
})

const term = (days: number, pending: RetentionTerm['pending'] = null): RetentionTerm => ({
  kind: 'events',
  days,
  pending,
  isOwn: false,
  minDays: 7,
  maxDays: 400,
})

test('only what is changed is said', () => {
  assert.deepEqual(judgeDays([term(90)], { events: '90' }), { ok: true, days: {}, isChanged: false })
  assert.deepEqual(judgeDays([term(90)], { events: '30' }), { ok: true, days: { events: 30 }, isChanged: true })
})

test('saying the old number undoes a shortening that has not come yet', () => {
  const terms = [term(90, { days: 30, effectiveAt: '2026-06-02T12:00:00.000Z' })]
  assert.deepEqual(judgeDays(terms, { events: '30' }), { ok: true, days: {}, isChanged: false })
  assert.deepEqual(judgeDays(terms, { events: '90' }), { ok: true, days: { events: 90 }, isChanged: true })
})

for (const text of ['6', '401', 'long', '1.5', ''])
  test(`days: ${text === '' ? 'nothing' : text} is refused`, () =>
    assert.equal(judgeDays([term(90)], { events: text }).ok, false))

const typed: TypedLiveness = { onlineSeconds: '180', idleSeconds: '900', offlineSeconds: '604800' }
const livenesses: readonly (readonly [name: string, change: Partial<TypedLiveness>, faults: readonly string[]])[] = [
  ['as it comes', {}, []],
  ['idle before online', { idleSeconds: '180' }, ['idleSeconds']],
  ['offline before idle', { offlineSeconds: '900' }, ['offlineSeconds']],
  ['too short', { onlineSeconds: '5' }, ['onlineSeconds']],
]
for (const [name, change, faults] of livenesses)
  test(`liveness ${name}`, () => {
    const judged = judgeLiveness({ ...typed, ...change })
    assert.deepEqual(judged.ok ? [] : Object.keys(judged.faults), faults)
  })
