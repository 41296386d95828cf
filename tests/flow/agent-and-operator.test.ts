// Our own agent and our own server, each the program itself, while an operator acts: a policy is published, a device is
// revoked and comes back, a certificate nears its end. The device stays who it is, and nothing of it is lost.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publishRevision, reactivateDevice, revokeDevice, savePolicy } from '@muster/contract'
import { call } from '@muster/http/client'
import { value } from '@muster/server/testing'
import { chooseSeed, createDice } from '../chaos/dice.ts'
import type { Pinned } from './machine.ts'
import { linesOf, openPair, type Pair, preload, readIdentity } from './pair.ts'
import { readFindings, readInventory } from './pair-readings.ts'
import { ruleAgainst } from './pair-verdict.ts'
import { untilSaid, untilWhole } from './pair-waits.ts'
import { type AgentProcess, until } from './programs.ts'

const dice = createDice(chooseSeed('MUSTER_CHAOS_SEED'))
const dayMs = 24 * 60 * 60_000

const few = (version: string): Pinned =>
  Object.fromEntries(Array.from({ length: 60 }, (_, at) => [at % 20 === 0 ? `bad-${at}` : `package-${at}`, version]))

const untilCertificates = (pair: Pair, count: number) =>
  until(pair.device, ({ certificates }) => certificates.length === count)

test('a certificate near its end is renewed, also after answers that got lost with whoever asked', async () => {
  await using stack = new AsyncDisposableStack()
  // Certificates live ninety days and are renewed in the last thirty.
  const then = preload('moved-clock', `?${-65 * dayMs}`)
  const pair = await openPair(stack, { dice: dice.fork(), preloads: [then] })
  pair.lock('shop', few('1.0.0'))
  const young = pair.run([then])
  const id = await untilWhole(pair)
  await young.stop()
  await pair.server().stop()

  await pair.startServer()
  const old = pair.run()
  await untilSaid(old, 'certificate renewed')
  await untilCertificates(pair, 2)
  pair.lock('shop', few('2.0.0'))
  assert.equal(await untilWhole(pair), id)
  await old.stop()
  const { keyFingerprint } = await pair.device()
  const { clientCertificate } = readIdentity(pair.dataDir)

  for (const [words, issued] of [
    [['renew'], 3],
    [['renew', '--new-key'], 4],
  ] as const) {
    pair.network.holdReplies()
    const asking = pair.begin(...words)
    await untilCertificates(pair, issued)
    await asking.kill()
    pair.network.putBack()
    assert.equal(readIdentity(pair.dataDir)['clientCertificate'], clientCertificate)
    const agent = pair.run()
    pair.lock('shop', few(`${issued}.0.0`))
    assert.equal(await untilWhole(pair), id)
    await agent.stop()
  }

  assert.match((await pair.command('renew', '--new-key')).out, /^renewed with a new key; /)
  const renewed = await untilCertificates(pair, 5)
  assert.notEqual(renewed.keyFingerprint, keyFingerprint)
  pair.run()
  pair.lock('shop', few('5.0.0'))
  assert.equal(await untilWhole(pair), id)
})

const denied = ruleAgainst('pair.denied', 'denied-')

const policyYaml = `apiVersion: fleet/v1
kind: Policy
metadata: { name: pair }
agent:
  watch: { pollIntervalSeconds: 30, excludeDirectories: [vendored] }
  sync: { maxBatchEvents: 25 }
  rules:
    - ${JSON.stringify(denied)}
`

const publish = async (pair: Pair): Promise<string> => {
  const { policy, revision } = await value(call(pair.owner, savePolicy, { body: { yaml: policyYaml } }))
  const asked = { params: { id: revision.id }, body: {}, ifMatch: policy.version }
  return (await value(call(pair.owner, publishRevision, asked))).generation
}

const deniedOn = async (pair: Pair, id: string): Promise<readonly string[]> => {
  const findings = await readFindings(pair.owner, id)
  return findings.filter(({ ruleId }) => ruleId === denied.id).map(({ itemName, count }) => `${itemName} ${count}`)
}

/** Since it said that; from its beginning where it did not. */
const largestBatch = (agent: AgentProcess, since = ''): number => {
  const lines = linesOf(agent)
  const batches = lines.slice(lines.findIndex(({ msg }) => msg === since) + 1).filter(({ msg }) => msg === 'batch sent')
  return Math.max(...batches.map((line) => Number(line['batch.events'])))
}

test('a policy reaches the agent, rules what it looks at, finds and sends, and outlives a restart without the server', async () => {
  await using stack = new AsyncDisposableStack()
  const pair = await openPair(stack, { dice: dice.fork() })
  pair.lock('shop', { ...few('1.0.0'), 'denied-1': '1.0.0' })
  const all = pair.onDisk()
  pair.lock('vendored', few('1.0.0'))
  const agent = pair.run()
  const id = await untilWhole(pair)

  const generation = await publish(pair)
  await untilSaid(agent, 'policy applied')
  const { policy } = await until(pair.device, (device) => device.policy.status === 'current')
  assert.deepEqual([policy.assignedGeneration, policy.reportedGeneration], [generation, generation])
  await until(
    () => readInventory(pair.owner, id),
    (shown) => shown.join() === all.join(),
  )
  await until(
    () => deniedOn(pair, id),
    (found) => found.length > 0,
  )
  await pair.drained()
  assert.equal(largestBatch(agent, 'policy applied'), 25)

  await pair.server().kill()
  await agent.kill()
  pair.lock('shop', { ...few('2.0.0'), 'denied-1': '1.0.0', 'denied-2': '1.0.0' })
  pair.lock('vendored', few('2.0.0'))
  const alone = pair.run()
  await untilSaid(alone, 'server not reached')
  await until(
    async () => JSON.parse((await pair.command('status', '--json')).out),
    ({ policyGeneration, outbox }) => policyGeneration === generation && outbox.waitingEvents > 0,
  )
  await pair.startServer()
  await until(
    () => deniedOn(pair, id),
    (found) => found.length > 1,
  )
  await pair.drained()
  assert.deepEqual((await deniedOn(pair, id)).toSorted(), ['denied-1 1', 'denied-2 1'])
  assert.equal(largestBatch(alone), 25)
  assert.deepEqual(
    await readInventory(pair.owner, id),
    pair.onDisk().filter((item) => !item.includes('/vendored/')),
  )
  await until(pair.device, (device) => device.policy.status === 'current')
})

test('a revoked device keeps away, says what to do and keeps what it finds; let in again, it goes on', async () => {
  await using stack = new AsyncDisposableStack()
  const pair = await openPair(stack, { dice: dice.fork() })
  pair.lock('shop', few('1.0.0'))
  const agent = pair.run()
  const id = await untilWhole(pair)
  const params = { params: { id }, body: {} }

  await value(call(pair.owner, revokeDevice, params))
  await untilSaid(agent, 'server does not accept this device until an operator reactivates it')
  pair.lock('shop', few('2.0.0'))
  const waiting = await until(
    async () => JSON.parse((await pair.command('status', '--json')).out),
    ({ outbox }) => outbox.waitingEvents > 0,
  )
  assert.match(waiting.lastFault, /^device_not_active; an operator .* can reactivate it; what is found meanwhile waits/)
  assert.deepEqual([waiting.deviceId, waiting.isRunning], [id, true])
  await value(call(pair.owner, reactivateDevice, params))
  assert.equal(await untilWhole(pair), id)

  await value(call(pair.owner, revokeDevice, params))
  pair.lock('shop', few('3.0.0'))
  await pair.command('reset')
  pair.configure(await pair.token({ allowReenroll: true }))
  assert.equal(await untilWhole(pair), id)
  assert.equal((await pair.device(id)).status, 'active')

  await agent.stop()
  await pair.command('reset', '--all')
  pair.configure(await pair.token())
  pair.run()
  const [another] = await until(
    async () => (await pair.devices()).filter((device) => device.id !== id),
    ({ length }) => length > 0,
  )
  await untilWhole(pair, another?.id)
})
