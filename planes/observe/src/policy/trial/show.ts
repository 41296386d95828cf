// What a trial found, as whoever asks may read it: the ground it is tried on, and the tally with names and places.
// What is counted is trial.ts, and recent.ts for the time before.
import type { Db } from '@muster/storage'
import { type Sample, type Tally, topDevices } from './decide.ts'
import { loadPaths } from './store.ts'

export interface DeviceName {
  readonly id: string
  readonly hostname: string
}

/** The devices that rules are tried on, and how whoever asks sees them. */
export interface TrialGround {
  readonly db: Db
  readonly tenantId: string
  readonly deviceNos: readonly number[]
  readonly nowMs: number
  namesOf(deviceNos: readonly number[]): Promise<ReadonlyMap<number, DeviceName>>
  /** What devices said, without what only some may read. */
  readable<Said>(said: Said): Said
}

/** With names and places, as whoever asks may read them. */
export const showTally = async (ground: TrialGround, tally: Tally) => {
  const found = [...tally.byRule.values()].filter(({ matches }) => matches > 0)
  const top = topDevices(tally)
  const samples = [...found, ...top.map(([, tallied]) => tallied)].flatMap((one) => one.samples)
  const names = await ground.namesOf([
    ...new Set([...top.map(([deviceNo]) => deviceNo), ...samples.map(({ deviceNo }) => deviceNo)]),
  ])
  const paths = await loadPaths(ground.db, new Set(samples.map(({ pathNo }) => pathNo)))
  const deviceOf = (deviceNo: number) => {
    const { id = '', hostname = '' } = names.get(deviceNo) ?? {}
    return { deviceId: id, hostname }
  }
  const showSample = ({ content: { name, version }, deviceNo, pathNo }: Sample) =>
    ground.readable({ ...deviceOf(deviceNo), itemName: name, version, path: paths.get(pathNo) ?? '' })
  return {
    rules: found
      .toSorted((left, right) => right.matches - left.matches)
      .map(({ rule: { id, surface, severity }, matches, deviceNos, samples: shown }) => ({
        id,
        surface,
        severity,
        matches,
        devices: deviceNos.size,
        samples: shown.map(showSample),
      })),
    devices: top.map(([deviceNo, { matches, samples: shown }]) => ({
      ...deviceOf(deviceNo),
      matches,
      samples: shown.map(showSample),
    })),
  }
}
