// A PostgreSQL that crashes under load and comes back: nothing is acknowledged meanwhile, nothing lost or doubled
// afterwards, and the server needs no restart. What the storage edge does about it is tested there.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { makeCluster } from './cluster.ts'
import { workThrough } from './crowd.ts'
import { chooseSeed, createDice } from './dice.ts'
import { openGround, proveRecovery, proveRefusal, tryReading } from './ground.ts'
import { findPort } from './program.ts'

const seed = chooseSeed('MUSTER_CHAOS_SEED')
const crashes = 3

/** A server over a PostgreSQL of its own. */
const open = async (t: TestContext, stack: AsyncDisposableStack) => {
  t.diagnostic(`seed ${seed}`)
  const dice = createDice(seed)
  const cluster = await makeCluster(await findPort(dice))
  stack.defer(() => cluster.remove())
  const folder = mkdtempSync(join(tmpdir(), 'muster-away-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const dataDir = join(folder, 'data')
  const ground = await openGround(stack, { dataDir, flags: ['--db', cluster.url], dice, read: () => cluster.read() })
  return { dice, cluster, dataDir, ground }
}

test('PostgreSQL crashes under load and comes back: 503 meanwhile, and everything once afterwards', async (t) => {
  await using stack = new AsyncDisposableStack()
  const { dice, cluster, dataDir, ground } = await open(t, stack)
  for (let times = 1; times <= crashes; times += 1) {
    await workThrough(ground.crowd, dice.between(100, 800), () => cluster.stop())
    await proveRefusal(ground)
    assert.equal(await tryReading(dataDir, ground), 'store_busy')
    await cluster.start()
    assert.deepEqual(await ground.faults(), [], `after crash ${times}`)
  }
  await proveRecovery(ground, ground.program)
})

test('a server over PostgreSQL is killed under load: everything once afterwards', async (t) => {
  await using stack = new AsyncDisposableStack()
  const { dice, ground } = await open(t, stack)
  let { program } = ground
  for (let times = 1; times <= crashes; times += 1) {
    const living = program
    await workThrough(ground.crowd, dice.between(100, 800), () => living.kill())
    assert.deepEqual(await ground.faults(), [], `after death ${times}`)
    program = await ground.restart()
  }
  await proveRecovery(ground, program)
})
