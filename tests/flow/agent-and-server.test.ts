// Our own agent and our own server, each the program itself, while one of them is killed or the network between them is
// pulled: in the end the server has what is on the disk, and how it came to be there, once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { eachEngine } from '@muster/storage/testing'
import { chooseSeed, createDice } from '../chaos/dice.ts'
import { workOn } from './machine.ts'
import { openPair } from './pair.ts'
import { loseAnswer, untilAlike, untilSaid, untilWhole } from './pair-waits.ts'
import { until } from './programs.ts'

const seed = chooseSeed('MUSTER_CHAOS_SEED')
const dice = createDice(seed)

test(`an agent killed while it joins, scans and tells loses and doubles nothing (seed ${seed})`, async () => {
  await using stack = new AsyncDisposableStack()
  const own = dice.fork()
  const pair = await openPair(stack, { dice: own })
  workOn(pair, 0)
  pair.network.holdReplies()
  const unheard = pair.run()
  await pair.device()
  await unheard.kill()
  pair.network.putBack()
  for (let round = 1; round < 5; round += 1) {
    workOn(pair, round)
    const agent = pair.run()
    await untilSaid(agent, 'agent starts')
    await wait(own.between(0, 700))
    await agent.kill()
  }
  const agent = pair.run()
  await untilAlike(pair)
  await loseAnswer(pair, () => workOn(pair, 5))
  await agent.kill()
  pair.network.putBack()
  workOn(pair, 6)
  pair.run()
  await untilWhole(pair)
  assert.equal((await pair.devices()).length, 1)
})

eachEngine((engine) => {
  test(`a server killed under a running agent loses and doubles nothing (seed ${seed})`, async () => {
    await using stack = new AsyncDisposableStack()
    const own = dice.fork()
    const pair = await openPair(stack, { dice: own, engine })
    workOn(pair, 0)
    const agent = pair.run()
    await untilSaid(agent, 'device enrolled')
    for (let round = 1; round < 3; round += 1) {
      await wait(own.between(0, 700))
      await pair.server().kill()
      workOn(pair, round)
      await pair.startServer()
    }
    await untilAlike(pair)
    await loseAnswer(pair, () => workOn(pair, 3))
    await pair.server().kill()
    pair.network.putBack()
    await pair.startServer()
    workOn(pair, 4)
    await untilWhole(pair)
  })
})

test('a network that is pulled, or swallows what is said, and is put back costs nothing', async () => {
  await using stack = new AsyncDisposableStack()
  const pair = await openPair(stack, { dice: dice.fork() })
  workOn(pair, 0)
  const agent = pair.run()
  await untilSaid(agent, 'device enrolled')
  pair.network.pull()
  workOn(pair, 1)
  await untilSaid(agent, 'server not reached')
  pair.network.putBack()
  await untilWhole(pair)
  pair.network.swallow()
  workOn(pair, 2)
  await until(async () => pair.network.hasLost(), Boolean)
  pair.network.putBack()
  await untilWhole(pair)
})
