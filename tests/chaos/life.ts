// One life of a server: born with interruptions, killed again and again under load, and looked at after every death.
// How many lives and deaths there are is the test's choice; what must be left is verdict.ts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Crowd, createCrowd, workThrough, workUntil } from './crowd.ts'
import type { Dice } from './dice.ts'
import { readDataFolder } from './facts.ts'
import { type Address, endpointOf, findAddress, launch, ownerOf, type Program, readAuthority } from './program.ts'
import { findFaults } from './verdict.ts'

export interface Life {
  readonly dataDir: string
  readonly address: Address
  readonly crowd: Crowd
  /** Lets everybody work for a while, kills the server, and answers what is wrong with what it left. */
  die(): Promise<readonly string[]>
  /** Lets everybody work until something of each kind was confirmed, so that the deaths that follow have it to lose. */
  achieve(): Promise<void>
  /** A server that is up, for the end of this life. */
  revive(): Promise<Program>
  end(): Promise<void>
}

/** How long a whole start takes on this machine, to know when it can be interrupted; a guess until the first. */
let startMs = 800

const start = async (dataDir: string, address: Address): Promise<Program> => {
  const beganMs = performance.now()
  const program = launch(dataDir, address)
  await program.started
  startMs = performance.now() - beganMs
  return program
}

const killAtStart = async (dice: Dice, dataDir: string, address: Address): Promise<void> => {
  const program = launch(dataDir, address)
  await wait(dice.between(0, startMs))
  await program.kill()
}

const shortestMs = 150
const longestMs = 1200
const birthPains = 2

const hasSomethingToLose = ({ operator, devices }: Crowd): boolean => {
  const { tokenIds, revisionIds, tags } = operator.confirmed
  const isAnyAcked = devices().some((device) => device.ackedCount() > 0)
  return isAnyAcked && tokenIds.length > 0 && revisionIds.length > 0 && tags.size > 0
}

/** The data folder does not exist before; devices and operator are new. */
export const beginLife = async (dice: Dice): Promise<Life> => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-chaos-'))
  const dataDir = join(folder, 'data')
  const address = await findAddress(dice)
  for (let times = 0; times < birthPains; times += 1) await killAtStart(dice, dataDir, address)
  let program: Program | undefined = await start(dataDir, address)
  const [ca, owner] = [await readAuthority(address), ownerOf(dataDir, address)]
  const crowd = createCrowd({ endpoint: endpointOf(address), ca, owner, dice: dice.fork(), devices: 5 })

  const revive = async (): Promise<Program> => {
    if (program === undefined && dice.chance(0.3)) await killAtStart(dice, dataDir, address)
    program ??= await start(dataDir, address)
    return program
  }
  return {
    dataDir,
    address,
    crowd,
    revive,
    async die() {
      const living = await revive()
      await workThrough(crowd, dice.between(shortestMs, longestMs), () => living.kill())
      program = undefined
      return findFaults(crowd, await readDataFolder(dataDir))
    },
    async achieve() {
      await revive()
      await workUntil(crowd, () => hasSomethingToLose(crowd))
    },
    async end() {
      crowd.close()
      await program?.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
