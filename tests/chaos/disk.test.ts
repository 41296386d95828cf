// Disks that run full, and disks whose fsync fails: the server stops acknowledging, says why, and recovers by itself.
// How such disks are made is small-disk.ts; what happens when the power goes is power.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseSeed, createDice } from './dice.ts'
import { readDataFolder } from './facts.ts'
import { openGround, proveRecovery, proveRefusal, tryReading } from './ground.ts'
import { makeFailingDisk, makeFullDisk } from './small-disk.ts'

const seed = chooseSeed('MUSTER_CHAOS_SEED')
const dice = createDice(seed)

for (const { name, make } of [
  { name: 'a full disk', make: makeFullDisk },
  { name: 'a disk whose fsync fails', make: makeFailingDisk },
])
  test(`${name}: the server acknowledges nothing more, says why, and goes on by itself once the disk is well`, async (t) => {
    await using stack = new AsyncDisposableStack()
    const disk = make()
    stack.defer(() => disk.remove())
    t.diagnostic(`a disk that ${disk.fault}, seed ${seed}`)
    const { dataDir } = disk
    const ground = await openGround(stack, { dataDir, dice, read: () => readDataFolder(dataDir) })
    await disk.fail(ground.program.pid)
    await proveRefusal(ground)
    assert.equal(await tryReading(dataDir, ground), 'done')
    await disk.heal(ground.program.pid)
    await proveRecovery(ground, ground.program)
  })
