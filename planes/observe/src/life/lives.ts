// Turns in the life of devices, as identity tells of them: noted in the transaction that makes them true.
// What is left to do then, and may take a while, is endings.ts.
import type { LifeTurn } from '@muster/identity'
import type { Tx } from '@muster/storage'
import { newSensor } from '../sensor/decide.ts'
import { loadSensors, storeSensors } from '../sensor/store.ts'
import { dropClosing, forgetCoverage, insertEnding } from './store.ts'

/**
 * A device that comes back reports everything anew. Until it has, nobody can say what is on it: what is known of its
 * surfaces is forgotten, so that a search answers `unknown` rather than `not_observed`, and it is asked to scan again.
 */
const beginAgain = async (tx: Tx, { tenantId, deviceNo, atMs }: LifeTurn): Promise<void> => {
  await dropClosing(tx, deviceNo)
  await forgetCoverage(tx, deviceNo)
  const [state = newSensor] = await loadSensors(tx, [deviceNo])
  await storeSensors(tx, [{ deviceNo, tenantId, state: { ...state, resnapshotRequested: true } }], atMs)
}

/** For identity, as its `onLives`. */
export const noteLives = async (tx: Tx, turns: readonly LifeTurn[]): Promise<void> => {
  for (const turn of turns) {
    if (turn.what === 'begun_again') await beginAgain(tx, turn)
    else await insertEnding(tx, turn, turn.what === 'ended' ? 'close' : 'delete')
  }
}
