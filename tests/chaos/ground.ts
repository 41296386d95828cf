// What tests of faults stand on: a server process, a crowd that has delivered something, and one who wants to come in.
// Which fault comes, and how it goes, is the test's; what must be left is verdict.ts.
import assert from 'node:assert/strict'
import { listDevices } from '@muster/contract'
import { call } from '@muster/http/client'
import { type Crowd, createCrowd, workUntil } from './crowd.ts'
import { createDevice, type Device } from './device.ts'
import type { Dice } from './dice.ts'
import type { Facts } from './facts.ts'
import { findFaultsShown } from './operator-view.ts'
import {
  type Address,
  apiUrlOf,
  endpointOf,
  findAddress,
  launch,
  ownerOf,
  type Program,
  readAuthority,
  readReadiness,
} from './program.ts'
import { findFaults } from './verdict.ts'

export interface GroundWishes {
  readonly dataDir: string
  readonly flags?: readonly string[]
  readonly dice: Dice
  /** What lies in the database, which may be open in a server at that moment. */
  readonly read: () => Promise<Facts>
}

export interface Ground {
  readonly program: Program
  readonly address: Address
  readonly crowd: Crowd
  /** Has a token, and has not enrolled. */
  readonly newcomer: Device
  /** Another process on the same data, when the first is gone. */
  restart(): Promise<Program>
  /** What is wrong with what lies in the database. */
  faults(): Promise<readonly string[]>
  /** What is wrong with what operators are shown. */
  faultsShown(): Promise<readonly string[]>
}

const devices = 3
const enough = 50

const haveDelivered = (crowd: Crowd, least: (device: Device) => number): boolean =>
  crowd.devices().length === devices && crowd.devices().every((device) => device.ackedCount() >= least(device))

/** Everything opened is closed with the stack, the latest first. */
export const openGround = async (stack: AsyncDisposableStack, wishes: GroundWishes): Promise<Ground> => {
  const { dataDir, flags = [], dice, read } = wishes
  const address = await findAddress(dice)
  const restart = async (): Promise<Program> => {
    const program = launch(dataDir, address, flags)
    stack.defer(() => program.kill())
    await program.started
    return program
  }
  const program = await restart()
  const [endpoint, ca, owner] = [endpointOf(address), await readAuthority(address), ownerOf(dataDir, address)]
  const crowd = createCrowd({ endpoint, ca, owner, dice: dice.fork(), devices })
  stack.defer(() => crowd.close())
  await workUntil(crowd, () => haveDelivered(crowd, () => enough))
  const asked = await crowd.operator.askToken('newcomer')
  assert.ok(typeof asked === 'object')
  const newcomer = createDevice({ name: 'newcomer', endpoint, ca, token: asked.token, dice: dice.fork() })
  stack.defer(() => newcomer.close())
  return {
    program,
    address,
    crowd,
    newcomer,
    restart,
    faults: async () => findFaults(crowd, await read()),
    faultsShown: () => findFaultsShown(owner, crowd),
  }
}

const everybodyHears = (crowd: Crowd, outcome: string): boolean =>
  [...crowd.latest().values()].every((latest) => latest === outcome)

/** Everybody who wants something written is told to come back; the server says why, and lives. */
export const proveRefusal = async ({ address, crowd, newcomer }: Ground): Promise<void> => {
  // A small write may still find room where a large one does not.
  await workUntil(
    crowd,
    async () => everybodyHears(crowd, 'store_busy') && (await readReadiness(address)).status === 503,
  )
  assert.equal(await newcomer.step(), 'store_busy')
  const { reasons } = await readReadiness(address)
  assert.deepEqual(reasons, ['the database takes no writes: it is full, busy or out of reach'])
  assert.equal((await fetch(`${apiUrlOf(address)}/healthz`)).status, 200)
}

/** What operators ask: `done`, or the code of the refusal. */
export const tryReading = async (dataDir: string, { address }: Ground): Promise<string> => {
  const owner = ownerOf(dataDir, address)
  const listed = await call(owner, listDevices, { query: {} })
  owner.close()
  return listed.ok ? 'done' : listed.refusal.code
}

/** Everything goes on, and all of it is there in the end. */
export const proveRecovery = async (ground: Ground, program: Program): Promise<void> => {
  const { address, crowd, newcomer } = ground
  const before = new Map(crowd.devices().map((device) => [device, device.ackedCount()]))
  await workUntil(
    crowd,
    async () =>
      haveDelivered(crowd, (device) => (before.get(device) ?? 0) + enough) &&
      (await readReadiness(address)).status === 200,
  )
  assert.equal(await newcomer.step(), 'done')
  await crowd.drain()
  assert.deepEqual(await ground.faultsShown(), [])
  await program.stop()
  assert.deepEqual(await ground.faults(), [])
}
