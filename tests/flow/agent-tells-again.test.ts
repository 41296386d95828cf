// Our own agent and our own server, each the program itself, where the agent tells more than what it saw change: all it
// has, because it could not join before or was asked to, and what no file event told it of.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestResnapshot } from '@muster/contract'
import { call } from '@muster/http/client'
import { value } from '@muster/server/testing'
import { chooseSeed, createDice } from '../chaos/dice.ts'
import { pinnedIn, workOn } from './machine.ts'
import { linesOf, openPair, preload } from './pair.ts'
import { readFindings, readLastSequence, readTold, spell } from './pair-readings.ts'
import { findFaults } from './pair-verdict.ts'
import { untilAlike, untilSaid, untilWhole } from './pair-waits.ts'
import { until } from './programs.ts'

const dice = createDice(chooseSeed('MUSTER_CHAOS_SEED'))

test('a machine that looked around before it could join tells what it has, and what was found in it, once', async () => {
  await using stack = new AsyncDisposableStack()
  const pair = await openPair(stack, { dice: dice.fork() })
  workOn(pair, 0)
  pair.network.pull()
  const alone = pair.run()
  await untilSaid(alone, 'agent ready')
  await alone.kill()
  workOn(pair, 1)
  pair.network.putBack()
  pair.run()
  const id = await untilAlike(pair)
  const found = (await readFindings(pair.owner, id)).filter(({ ruleId }) => ruleId === 'pair.present')
  assert.deepEqual(
    found
      .map(({ evidence, itemName, itemId }) => `${evidence.path} ${itemName}@${itemId.split('/').at(-1)}`)
      .toSorted(),
    pair.onDisk().filter((item) => item.includes(' bad-')),
  )
  assert.ok(found.every(({ count, itemPresent }) => count === 1 && itemPresent))
})

test('asked for everything, the agent tells everything again, once, and nothing is there twice for it', async () => {
  await using stack = new AsyncDisposableStack()
  const pair = await openPair(stack, { dice: dice.fork() })
  workOn(pair, 0)
  const agent = pair.run()
  await untilAlike(pair)
  workOn(pair, 1)
  const id = await untilWhole(pair)
  const onDisk = pair.onDisk()
  const [told, findings] = [await readTold(pair.owner, id), await readFindings(pair.owner, id)]

  const asked = await value(call(pair.owner, requestResnapshot, { params: { id }, body: {} }))
  assert.equal(asked.resnapshotRequested, true)
  await until(
    () => readLastSequence(pair.owner, id),
    (last) => last >= told.length + onDisk.length,
  )
  await pair.drained()
  assert.equal((await pair.device()).resnapshotRequested, false)
  assert.deepEqual(
    (await readTold(pair.owner, id)).slice(told.length).map(spell).toSorted(),
    onDisk.map((item) => `added ${item}`),
  )
  assert.deepEqual(await findFaults(pair.owner, id, { onDisk, mayRepeat: true }), [])
  assert.deepEqual(await readFindings(pair.owner, id), findings)

  // Whatever it was asked a second time it would put off by ten minutes, and do in its next life.
  await agent.stop()
  const later = pair.run([preload('moved-clock', `?${11 * 60_000}`)])
  await untilSaid(later, 'agent ready')
  await pair.drained()
  assert.equal(await readLastSequence(pair.owner, id), told.length + onDisk.length)
})

test('where nothing can be watched, the first look after an edit finds it', async () => {
  await using stack = new AsyncDisposableStack()
  const pair = await openPair(stack, { dice: dice.fork() })
  workOn(pair, 0)
  const agent = pair.run([preload('no-watching')])
  await untilSaid(agent, 'file events cannot be relied on; polling goes on')
  await untilWhole(pair)
  for (let round = 1; round < 3; round += 1) {
    const before = linesOf(agent).length
    pair.lock('shop', pinnedIn(round, 50))
    await untilWhole(pair)
    const scans = linesOf(agent)
      .slice(before)
      .filter(({ msg }) => msg === 'surface scanned')
    // One look may have begun before the edit.
    assert.ok(scans.findIndex(({ level }) => level === 'info') <= 1, JSON.stringify(scans))
  }
})
