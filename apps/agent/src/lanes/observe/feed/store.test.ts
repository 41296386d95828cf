// The lists of what happened on this machine: newest first, never longer than asked, the same whenever they are asked.
// What is written into them, and what retention leaves, is tested with the scan.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../diff/decide.ts'
import { openStores, packageItem } from '../testing/stores.ts'

const added = (name: string): Change => ({ kind: 'added', item: packageItem(name, '1'), before: null })

test('the newest of many changes come first, as many as were asked for, ties always in one order', () => {
  const { feed } = openStores()
  for (const [at, name] of ['a', 'b', 'c'].entries()) feed.addEvents([added(`${name}1`), added(`${name}2`)], 1_000 + at)
  const shown = feed.events(3)
  assert.deepEqual(
    shown.map(({ itemName }) => itemName[0]),
    ['c', 'c', 'b'],
  )
  assert.deepEqual(feed.events(3), shown)
  const ids = feed.events(50).map(({ eventId }) => eventId)
  assert.deepEqual([ids.length, new Set(ids).size], [6, 6])
  for (const pair of [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
    assert.deepEqual(pair, pair.toSorted().toReversed())
})

test('how many findings there are is counted by severity, and none are none', () => {
  const { feed, db } = openStores()
  assert.deepEqual([feed.countBySeverity(), feed.findings(9)], [{}, []])
  for (const [id, severity] of [
    ['1', 'info'],
    ['2', 'critical'],
    ['3', 'info'],
  ] as const)
    db.prepare(
      `insert into finding (finding_id, at_ms, surface, item_id, rule_id, title, rationale, severity, item_name, path)
       values (?, 1, 's', 'i', 'r', 't', 'r', ?, 'n', '/p')`,
    ).run(id, severity)
  assert.deepEqual([feed.countBySeverity(), feed.findings(2).length], [{ critical: 1, info: 2 }, 2])
})

test('words narrow what is listed: each begins a word of some column, in any case, and stands for nothing but itself', () => {
  const { feed } = openStores()
  feed.addEvents(['@types/node', 'left-pad', 'padding', 'Left.Over[1]'].map(added), 1_000)
  const shown = (...words: string[]) => {
    const names = feed.events(9, { words }).map(({ itemName }) => itemName)
    assert.equal(feed.countEvents({ words }), names.length)
    return names.toSorted()
  }
  assert.deepEqual(shown('LEFT'), ['Left.Over[1]', 'left-pad'])
  assert.deepEqual(shown('left', 'pad'), ['left-pad'])
  assert.deepEqual(shown('pad'), ['left-pad', 'padding'])
  assert.deepEqual(shown('eft'), [])
  assert.deepEqual(shown('@types/no'), ['@types/node'])
  assert.deepEqual(shown('over[1]'), ['Left.Over[1]'])
  for (const nobody of ['*', 'l?ft', '[l]eft', "'"]) assert.deepEqual(shown(nobody), [], nobody)
  assert.equal(shown('added', 'npm').length, 4)
})

test('a surface narrows what is listed, and how many there are is told whatever is shown', () => {
  const { feed } = openStores()
  const cargo = { kind: 'added', item: packageItem('serde', '1', { surface: 'cargoPackages' }), before: null } as const
  feed.addEvents([added('a'), added('b'), cargo], 1_000)
  const wanted = { surface: 'javascriptPackages' }
  assert.deepEqual([feed.events(1, wanted).length, feed.countEvents(wanted), feed.countEvents({})], [1, 2, 3])
  assert.deepEqual([feed.countFindings(wanted), feed.findings(9, { surface: 'x' })], [0, []])
})
