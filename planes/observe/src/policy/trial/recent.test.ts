// Proof that the last 30 days are told again as agents would have told them under other rules.
// Which rules a change sets off is tested in decide-recent.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { RecentTrial, type Rule } from '@muster/contract'
import { eachEngine } from '@muster/storage/testing'
import {
  findingPayload,
  itemPayload,
  npmItem,
  openTestFleet,
  type TestFleet,
  type ToldEvent,
} from '../../testing/fleet.ts'
import { tellAgain } from './recent.ts'
import { rule } from './rule.fixture.ts'

const dayMs = 24 * 3600 * 1000
const nowMs = Date.UTC(2026, 5, 2, 12)
const enrolledMs = nowMs - 200 * dayMs
const firstMs = nowMs - 90 * dayMs
const daysAgo = (days: number) => nowMs - days * dayMs

const firstScan = (sequence: number, name: string, version: string): ToldEvent => ({
  sequence,
  atMs: firstMs,
  collectedMs: firstMs,
  payload: itemPayload(npmItem(name, version)),
})
const change = (sequence: number, days: number, kind: ToldEvent['kind'], name: string, version: string): ToldEvent => ({
  sequence,
  kind: kind ?? 'added',
  atMs: daysAgo(days),
  payload: itemPayload(npmItem(name, version)),
})
const brew = (sequence: number, days: number, kind: ToldEvent['kind'], version: string): ToldEvent => {
  const { payload, ...event } = change(sequence, days, kind, 'xz', version)
  assert.equal(payload.body, 'inventoryItem')
  const item = { ...npmItem('xz', version, '/opt/homebrew/xz'), surface: 'homebrew', itemId: 'homebrew/formula/xz' }
  return { ...event, payload: itemPayload({ ...item, kind: 'formula' }) }
}

eachEngine((engine) => {
  let fleet: TestFleet
  const tell = async (rules: readonly Rule[], deviceNos = [1, 2]): Promise<RecentTrial> =>
    RecentTrial.parse(
      await tellAgain(
        {
          db: fleet.storage.db,
          tenantId: 'default',
          deviceNos,
          nowMs,
          namesOf: (nos) => fleet.devices.readMany({ tenantId: 'default', groupNos: null }, nos),
          readable: (said) => said,
        },
        rules,
      ),
    )
  const found = async (rules: readonly Rule[], deviceNos?: number[]) =>
    (await tell(rules, deviceNos)).rules.map(({ id, matches, devices }) => `${id} ${matches} on ${devices}`).toSorted()

  before(async () => {
    fleet = await openTestFleet(
      engine,
      [1, 2].map((no) => ({ no, enrolledMs, lastContactMs: nowMs })),
    )
    const ada = [
      firstScan(1, 'axios', '1.0.0'),
      firstScan(2, 'left-pad', '1.0.0'),
      brew(3, 60, 'added', '5.4.0'),
      change(4, 40, 'added', 'axios', '1.1.0'),
      change(5, 20, 'removed', 'axios', '1.1.0'),
      change(6, 20, 'added', 'axios', '1.2.0'),
      change(7, 10, 'removed', 'axios', '1.2.0'),
      change(8, 5, 'added', 'axios', '1.2.0'),
      brew(9, 4, 'modified', '5.6.0'),
      { sequence: 10, atMs: daysAgo(3), payload: findingPayload('axios', '1.2.0', daysAgo(3), 'name') },
      { sequence: 11, atMs: daysAgo(50), payload: findingPayload('left-pad', '1.0.0', daysAgo(50), 'name') },
    ]
    await fleet.tell(1, ada, nowMs)
    await fleet.tell(2, [firstScan(1, 'left-pad', '1.0.0'), change(2, 1, 'added', 'axios', '0.30.4')], nowMs)
  })
  after(() => fleet.close())

  test('an item counts once for each rule, however often it came', async () => {
    assert.deepEqual(await found([rule('came', { triggers: ['added'] })]), ['came 2 on 2'])
    assert.deepEqual(await found([rule('came', { triggers: ['added'] })], [2]), ['came 1 on 1'])
    assert.deepEqual(await found([rule('came', { triggers: ['added'] })], []), [])
  })

  test('what went counts for rules that look at what goes, a first scan and earlier changes for none', async () => {
    assert.deepEqual(await found([rule('went', { triggers: ['removed'] })]), ['went 2 on 1'])
    assert.deepEqual(await found([rule('old', { values: ['left-pad'], triggers: ['added', 'present'] })]), [])
  })

  test('another version in the same place is a modification', async () => {
    const xz = { surface: 'homebrew', values: ['xz'] } as const
    const rules = [rule('added', { ...xz, triggers: ['added'] }), rule('modified', { ...xz, triggers: ['modified'] })]
    assert.deepEqual(await found(rules), ['modified 1 on 1'])
  })

  test('samples say where it was, and rules may look at the place', async () => {
    const { rules, matches, isCut, since } = await tell([
      rule('place', { field: 'path', values: ['/app/'], triggers: ['added'] }),
    ])
    assert.deepEqual([matches, isCut, since], [2, false, new Date(daysAgo(30)).toISOString()])
    assert.deepEqual(
      rules[0]?.samples.map(({ hostname, itemName, path }) => `${hostname} ${itemName} ${path}`).toSorted(),
      ['host-1 axios /home/ada/app/package-lock.json', 'host-2 axios /home/ada/app/package-lock.json'],
    )
  })

  test('findings of that time are missed when their rule goes, or looks for something else', async () => {
    const missed = async (rules: readonly Rule[]) => (await tell(rules)).notMade
    assert.equal((await missed([rule('acme.denied')])).findings, 0)
    const gone = await missed([rule('acme.other')])
    assert.deepEqual(gone.rules, [{ id: 'acme.denied', surface: 'javascriptPackages', findings: 1 }])
    assert.deepEqual([gone.findings, gone.samples.length], [1, 1])
    assert.equal((await missed([rule('acme.denied', { values: ['left-pad'] })])).findings, 1)
    assert.equal((await tell([], [2])).notMade.findings, 0)
  })
})
