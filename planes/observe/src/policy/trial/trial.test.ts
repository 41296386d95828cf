// Proof that a trial finds, in what devices told, what their agents would find once they have the rules.
// Which rules are tried is tested in decide.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Rule, RuleTrial } from '@muster/contract'
import { eachEngine } from '@muster/storage/testing'
import { findingPayload, itemPayload, npmItem, openTestFleet, type TestFleet } from '../../testing/fleet.ts'
import { rule } from './rule.fixture.ts'
import type { TrialGround } from './show.ts'
import { tryRules } from './trial.ts'

const nowMs = Date.UTC(2026, 5, 2, 12)

eachEngine((engine) => {
  let fleet: TestFleet
  const ground = (deviceNos: readonly number[]): TrialGround => ({
    db: fleet.storage.db,
    tenantId: 'default',
    deviceNos,
    nowMs,
    namesOf: (nos) => fleet.devices.readMany({ tenantId: 'default', groupNos: null }, nos),
    readable: (said) => said,
  })
  const trial = async (rules: readonly Rule[], deviceNos = [1, 2], inForce: readonly Rule[] = []): Promise<RuleTrial> =>
    RuleTrial.parse(await tryRules(ground(deviceNos), inForce, rules))

  before(async () => {
    const devices = [1, 2].map((no) => ({ no, enrolledMs: nowMs - 1000, lastContactMs: nowMs }))
    fleet = await openTestFleet(engine, devices)
    const payloads = [
      itemPayload(npmItem('axios', '1.14.1')),
      itemPayload(npmItem('axios', '1.14.1', '/home/ada/other/package-lock.json')),
      itemPayload(npmItem('left-pad', '1.3.0')),
      findingPayload('axios', '1.14.1', nowMs, 'name'),
    ]
    await fleet.tell(
      1,
      payloads.map((payload, at) => ({ sequence: at + 1, atMs: nowMs, payload })),
      nowMs,
    )
    await fleet.tell(2, [{ sequence: 1, atMs: nowMs, payload: itemPayload(npmItem('axios', '0.30.4')) }], nowMs)
    await fleet.storage.unit<undefined, undefined>('settleHoldings')(undefined)
  })
  after(() => fleet.close())

  test('every place of a match counts, with samples that can be looked at', async () => {
    const { matches, isCut, rules, devices } = await trial([
      rule('acme.axios'),
      rule('acme.none', { values: ['none'] }),
    ])
    assert.deepEqual([matches, isCut], [3, false])
    assert.deepEqual(
      devices.map(({ deviceId, hostname, matches: on, samples }) => [deviceId, hostname, on, samples.length]),
      [
        ['dev_1', 'host-1', 2, 2],
        ['dev_2', 'host-2', 1, 1],
      ],
    )
    assert.deepEqual(devices[1]?.samples[0], {
      deviceId: 'dev_2',
      hostname: 'host-2',
      itemName: 'axios',
      version: '0.30.4',
      path: '/home/ada/app/package-lock.json',
    })
    const [found, ...others] = rules
    assert.deepEqual([found?.id, found?.matches, found?.devices, others.length], ['acme.axios', 3, 2, 0])
    assert.deepEqual(found?.samples.map((sample) => `${sample.hostname} ${sample.version} ${sample.path}`).toSorted(), [
      'host-1 1.14.1 /home/ada/app/package-lock.json',
      'host-1 1.14.1 /home/ada/other/package-lock.json',
      'host-2 0.30.4 /home/ada/app/package-lock.json',
    ])
  })

  test('a rule that looks at places is asked about every place', async () => {
    const { rules } = await trial([rule('acme.place', { field: 'path', values: ['/OTHER/'] })])
    assert.deepEqual([rules[0]?.matches, rules[0]?.samples[0]?.itemName], [1, 'axios'])
  })

  test('devices that it would not reach are not counted', async () => {
    assert.equal((await trial([rule('acme.axios')], [2])).matches, 1)
    assert.equal((await trial([rule('acme.axios')], [])).matches, 0)
  })

  test('open findings of a rule that goes are left behind, and only those', async () => {
    const inForce = [rule('acme.denied'), rule('acme.axios')]
    const { orphaned } = await trial([rule('acme.axios')], [1, 2], inForce)
    assert.deepEqual(orphaned.rules, [{ id: 'acme.denied', surface: 'javascriptPackages', findings: 1 }])
    assert.deepEqual([orphaned.findings, orphaned.samples.length], [1, 1])
    assert.equal((await trial(inForce, [1, 2], inForce)).orphaned.findings, 0)
    assert.equal((await trial([], [2], inForce)).orphaned.findings, 0)
  })

  test('another tenant has nothing in which to find anything', async () => {
    const elsewhere = { ...ground([1, 2]), tenantId: 'other' }
    const found = await tryRules(elsewhere, [rule('acme.denied')], [rule('acme.axios')])
    assert.deepEqual([found.matches, found.orphaned.findings], [0, 0])
  })
})
