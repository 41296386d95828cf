// What the unit knows and the tables do not say quickly: when devices were heard, their newest heartbeat, those not packed yet.
// Who asks is presence/; how memory is kept is holding.ts.
import type { Holding } from './holding.ts'
import { samplesOf } from './tail.ts'

export interface RecentHeartbeats {
  readonly deviceNo: number
  readonly tenantId: string
  readonly lastSeenMs: number | null
  /** The heartbeats that are in no pack yet, as bytes. */
  readonly samples: Uint8Array
  /** The one with the greatest observation, wherever it is kept. */
  readonly newest: Uint8Array | null
  readonly descriptionNo: number | null
  /** How many the device ever sent. */
  readonly total: number
}

/** Pairs of device number and moment, flat, because there may be a hundred thousand. */
export type HeardDevices = Float64Array<ArrayBuffer>

export const createRecent = (holding: Holding) => ({
  /** Of devices heard after this moment since the log began. */
  async heardSince(sinceMs: number): Promise<HeardDevices> {
    await holding.start()
    const heard: number[] = []
    for (const { deviceNo, lastSeenMs } of holding.tails.all())
      if (lastSeenMs !== null && lastSeenMs > sinceMs) heard.push(deviceNo, lastSeenMs)
    return Float64Array.from(heard)
  },
  /** One entry for each of these that is in memory. */
  async recentHeartbeats(deviceNos: readonly number[]): Promise<readonly RecentHeartbeats[]> {
    await holding.start()
    return deviceNos.flatMap((deviceNo) => {
      const tail = holding.tails.get(deviceNo)
      if (tail === undefined) return []
      const { tenantId, lastSeenMs, newest, described, packed, nos } = tail
      return [
        {
          deviceNo,
          tenantId,
          lastSeenMs,
          samples: Uint8Array.from(samplesOf(tail)),
          newest: newest === null ? null : Uint8Array.from(newest),
          descriptionNo: described?.descriptionNo ?? null,
          total: (packed?.total ?? 0) + nos.length,
        },
      ]
    })
  },
})
