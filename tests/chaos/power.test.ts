// Power that is cut: what was acknowledged had reached the disk, whatever the kernel still held in memory.
// How power is cut is small-disk.ts; where this process may not mount disks, killing the server has to do.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { workThrough } from './crowd.ts'
import { createDevice } from './device.ts'
import { chooseSeed, createDice } from './dice.ts'
import { readDataFolder } from './facts.ts'
import { type Ground, openGround, proveRecovery, proveRefusal } from './ground.ts'
import { createOperator } from './operator.ts'
import { endpointOf, findAddress, launch, ownerOf, type Program, readAuthority } from './program.ts'
import { makeFailingDisk, makeFullDisk, makeMortalDisk, type SmallDisk } from './small-disk.ts'

const seed = chooseSeed('MUSTER_CHAOS_SEED')
const dice = createDice(seed)

const insert = (t: TestContext, stack: AsyncDisposableStack, make: () => SmallDisk): SmallDisk => {
  const disk = make()
  stack.defer(() => disk.remove())
  t.diagnostic(`a disk that ${disk.fault}, seed ${seed}`)
  return disk
}

const openOn = (disk: SmallDisk, stack: AsyncDisposableStack): Promise<Ground> =>
  openGround(stack, { dataDir: disk.dataDir, dice, read: () => readDataFolder(disk.dataDir) })

/** What is left of a server that went with the power holds everything that was acknowledged. */
const provePowerCut = async (ground: Ground, program: Program, disk: SmallDisk): Promise<void> => {
  await program.kill()
  await disk.cutPower()
  assert.deepEqual(await ground.faults(), [])
}

const cuts = 3

test('the power is cut under load, again and again: what was acknowledged had reached the disk', async (t) => {
  await using stack = new AsyncDisposableStack()
  const disk = insert(t, stack, makeMortalDisk)
  const ground = await openOn(disk, stack)
  let { program } = ground
  for (let times = 1; times <= cuts; times += 1) {
    const living = program
    await workThrough(ground.crowd, dice.between(100, 600), () => living.kill())
    await provePowerCut(ground, living, disk)
    program = await ground.restart()
  }
  await proveRecovery(ground, program)
})

for (const { name, make } of [
  { name: 'a full disk', make: makeFullDisk },
  { name: 'a disk whose fsync fails', make: makeMortalDisk },
])
  test(`${name}, and then the power is cut: what was acknowledged is there afterwards`, async (t) => {
    await using stack = new AsyncDisposableStack()
    const disk = insert(t, stack, make)
    const ground = await openOn(disk, stack)
    await disk.fail(ground.program.pid)
    await proveRefusal(ground)
    await provePowerCut(ground, ground.program, disk)
    await proveRecovery(ground, await ground.restart())
  })

for (const { name, make } of [
  { name: 'without a journal', make: makeFailingDisk },
  { name: 'with a journal', make: makeMortalDisk },
])
  test(`the power is cut right after the first start, on a disk ${name}: the folder, the authority and the first token are whole`, async (t) => {
    await using stack = new AsyncDisposableStack()
    const disk = insert(t, stack, make)
    const address = await findAddress(dice)
    const first = launch(disk.dataDir, address)
    await first.started
    const ca = await readAuthority(address)
    await first.kill()
    await disk.cutPower()

    const second = launch(disk.dataDir, address)
    stack.defer(() => second.kill())
    await second.started
    assert.equal(await readAuthority(address), ca)
    const owner = ownerOf(disk.dataDir, address)
    stack.defer(() => owner.close())
    const asked = await createOperator(owner, dice.fork()).askToken('newcomer')
    assert.ok(typeof asked === 'object')
    const wishes = { name: 'newcomer', endpoint: endpointOf(address), ca, token: asked.token, dice: dice.fork() }
    const newcomer = createDevice(wishes)
    stack.defer(() => newcomer.close())
    assert.equal(await newcomer.step(), 'done')
  })
