// What tests of an agent and its server wait for; each is a state that comes, or a failure after far longer than it takes.
// How the two are started is pair.ts, what must be there in the end pair-verdict.ts.
import assert from 'node:assert/strict'
import type { Pair } from './pair.ts'
import { readInventory, readLastSequence } from './pair-readings.ts'
import { findFaults } from './pair-verdict.ts'
import { type AgentProcess, until } from './programs.ts'

export const untilSaid = (agent: AgentProcess, words: string): Promise<string> =>
  until(
    async () => agent.log(),
    (log) => log.includes(words),
  )

/** Resolves with the device's id once the server shows of it what is on the disk, and nothing is left to be told. */
export const untilAlike = async (pair: Pair, id?: string): Promise<string> => {
  const deviceId = id ?? (await pair.device()).id
  await until(
    () => readInventory(pair.owner, deviceId),
    (shown) => shown.join() === pair.onDisk().join(),
  )
  await pair.drained()
  return deviceId
}

/** The same, and that nothing is lost or there twice. */
export const untilWhole = async (pair: Pair, id?: string): Promise<string> => {
  const deviceId = await untilAlike(pair, id)
  assert.deepEqual(await findFaults(pair.owner, deviceId, { onDisk: pair.onDisk() }), [])
  return deviceId
}

/** More than any sentence of an agent has but a batch of events. */
const batchBytes = 10_000

/** Waits until the server has taken something of what this makes the machine tell, and the agent never hears of it. */
export const loseAnswer = async (pair: Pair, change: () => void): Promise<void> => {
  const { id } = await pair.device()
  const before = await readLastSequence(pair.owner, id)
  pair.network.holdReplies(batchBytes)
  change()
  await until(
    () => readLastSequence(pair.owner, id),
    (last) => last > before,
  )
}
