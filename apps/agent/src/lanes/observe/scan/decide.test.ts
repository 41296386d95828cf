// What stands although it was not seen, what is told, and when everything is told again (sensor-agent 11.6, 15).
// The comparison itself is tested in diff.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Unseen } from '../collect/snapshot.ts'
import { readyRules } from '../rules/decide.ts'
import { packageItem as item, snapshotOf } from '../testing/stores.ts'
import { decideScan, isResnapshotDue, mostUnreadableMs, type ScanFacts } from './decide.ts'

const nowMs = 1_000_000_000
const facts: ScanFacts = {
  isBaseline: false,
  unreadableSinceMs: new Map(),
  completedMs: nowMs,
  rules: readyRules([], 'javascriptPackages'),
  told: new Set(),
}
const lock = '/p/a/package-lock.json'
const before = [item('a', '1', { path: lock }), item('b', '1', { path: '/p/b/package-lock.json' })]
const file: Unseen = { path: lock, extent: 'file', because: 'unreadable' }
const tree: Unseen = { path: '/p/a', extent: 'tree', because: 'budget' }

const cases: { name: string; unseen: Unseen[]; sinceMs?: number; want: string[] }[] = [
  { name: 'what is gone is removed', unseen: [], want: ['a', 'b'] },
  { name: 'what lies in a file that cannot be read stays', unseen: [file], want: ['b'] },
  { name: 'for ten minutes', unseen: [file], sinceMs: nowMs - mostUnreadableMs, want: ['b'] },
  { name: 'and no longer', unseen: [file], sinceMs: nowMs - mostUnreadableMs - 1, want: ['a', 'b'] },
  { name: 'what lies where the budget did not reach stays', unseen: [tree], want: ['b'] },
  { name: 'however long that lasts', unseen: [tree], sinceMs: 0, want: ['b'] },
  {
    name: 'a neighbour whose name begins alike is not meant',
    unseen: [{ ...tree, path: '/p/a/package' }],
    want: ['a', 'b'],
  },
]
for (const { name, unseen, sinceMs, want } of cases)
  test(name, () => {
    const unreadableSinceMs = new Map(sinceMs === undefined ? [] : unseen.map(({ path }) => [path, sinceMs]))
    const { changes } = decideScan(snapshotOf([], { unseen }), before, { ...facts, unreadableSinceMs })
    assert.deepEqual(
      changes.map(({ kind, item }) => [kind, item.name]),
      want.map((gone) => ['removed', gone]),
    )
  })

const differing: readonly {
  readonly name: string
  readonly unseen: Unseen
  readonly sinceMs: number
  readonly want: number
}[] = [
  { name: 'where it cannot be read is as it was', unseen: file, sinceMs: nowMs - mostUnreadableMs, want: 0 },
  { name: 'is believed after ten minutes', unseen: file, sinceMs: nowMs - mostUnreadableMs - 1, want: 1 },
  { name: 'is believed though the budget ended near it', unseen: tree, sinceMs: nowMs, want: 1 },
]
for (const { name, unseen, sinceMs, want } of differing)
  test(`what differs ${name}`, () => {
    const now = [item('a', '1', { path: lock, origin: 'unknown' })]
    const unreadableSinceMs = new Map([[unseen.path, sinceMs]])
    const { changes } = decideScan(snapshotOf(now, { unseen: [unseen] }), before.slice(0, 1), {
      ...facts,
      unreadableSinceMs,
    })
    assert.deepEqual(
      changes.map(({ kind }) => kind),
      Array.from({ length: want }, () => 'modified'),
    )
  })

test('what is new where something cannot be read is told', () => {
  const now = [...before, item('c', '1', { path: lock })]
  const { changes } = decideScan(snapshotOf(now, { unseen: [file] }), before, facts)
  assert.deepEqual(
    changes.map(({ kind, item: { name } }) => `${kind} ${name}`),
    ['added c'],
  )
})

test('since when a place is unreadable is remembered, and forgotten once it is read again', () => {
  const first = decideScan(snapshotOf([], { unseen: [file] }), before, facts)
  assert.deepEqual(first.unreadableSinceMs, new Map([[lock, nowMs]]))
  const later = { ...facts, completedMs: nowMs + 5, unreadableSinceMs: first.unreadableSinceMs }
  assert.deepEqual(
    decideScan(snapshotOf([], { unseen: [file] }), before, later).unreadableSinceMs,
    first.unreadableSinceMs,
  )
  assert.deepEqual(decideScan(snapshotOf(before), before, later).unreadableSinceMs, new Map())
})

test('a place unreadable since a time that lies ahead counts from now, because the clock was put back', () => {
  const ahead = { ...facts, unreadableSinceMs: new Map([[lock, nowMs + 9_000_000]]) }
  assert.deepEqual(
    decideScan(snapshotOf([], { unseen: [file] }), before, ahead).unreadableSinceMs,
    new Map([[lock, nowMs]]),
  )
})

const due = { isWanted: true, waitingBytes: 0, mostWaitingBytes: 100, lastMs: 0, nowMs }
const dueCases = [
  { name: 'wanted and never done', facts: due, want: true },
  { name: 'not wanted', facts: { ...due, isWanted: false }, want: false },
  { name: 'done a moment ago', facts: { ...due, lastMs: nowMs - 600_000 + 1 }, want: false },
  { name: 'done ten minutes ago', facts: { ...due, lastMs: nowMs - 600_000 }, want: true },
  { name: 'done in a future the clock came back from', facts: { ...due, lastMs: nowMs + 5_000_000 }, want: true },
  { name: 'while the queue is more than half full', facts: { ...due, waitingBytes: 51 }, want: false },
]
for (const { name, facts, want } of dueCases)
  test(`a resnapshot is ${want ? '' : 'not '}due: ${name}`, () => assert.equal(isResnapshotDue(facts), want))
