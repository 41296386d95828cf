// Puts the plane together from its needs; built once, in an app's wire.ts.
// No rule lives here: each feature folder holds its own.
import type { Served } from '@muster/http'
import type { RefusalNote } from '@muster/identity'
import type { Clock, Log } from '@muster/kernel'
import type { Db, Storage } from '@muster/storage'
import { type Assets, createAssets } from './asset/asset.ts'
import type { BoundAgent } from './binding/binding.ts'
import { type HeartbeatAnswers, type HeartbeatBatch, toBatch } from './heartbeat/batch.ts'
import type { ForgetOrder } from './heartbeat/forget.ts'
import type { HeardDevices, RecentHeartbeats } from './heartbeat/recent.ts'
import { type HeardAgent, type RouteNeeds, serveHeartbeat } from './heartbeat/route.ts'
import { loadLoggedNos } from './heartbeat/store.ts'
import type { Hold } from './presence/holds.ts'
import { createHeartbeatPoints, type HeartbeatPoints } from './presence/points.ts'
import { createPresences, type Presences } from './presence/presence.ts'
import { lookAfterAge } from './presence/roll-up.ts'

export interface TelemetryNeeds<Agent extends HeardAgent> extends Omit<RouteNeeds<Agent>, 'unit'> {
  readonly storage: Storage
  /** Notes that a device was heard, by something that is on disk and tells it again after a restart. */
  readonly hear: (deviceNo: number, atMs: number) => void
  readonly noteRefusal: (note: RefusalNote) => void
  /** What nothing may go of, whatever its age; asked within each deletion. */
  readonly holds: (db: Db) => Promise<readonly Hold[]>
  readonly clock: Clock
  readonly log: Log
}

export interface Telemetry<Agent extends HeardAgent> {
  /** Heartbeats, for the gateway. */
  readonly agentRoutes: readonly Served<BoundAgent<Agent>>[]
  readonly presences: Presences
  readonly points: HeartbeatPoints
  readonly assets: Assets
  /** Everything a device told this plane goes; answers how many rows. It has to be out of service. */
  forget(deviceNo: number): Promise<number>
  /** Packs and marks that are due, and devices that others heard; happens every ten seconds anyway. */
  tick(): Promise<void>
  /** Rolls days up and lets go of what is old; happens every hour anyway. */
  age(): Promise<void>
  close(): Promise<void>
}

const tickMs = 10_000
const ageMs = 3_600_000

/** What repeats, one run at a time. */
const repeating = (everyMs: number, work: () => Promise<void>) => {
  let running: Promise<void> = Promise.resolve()
  const run = (): Promise<void> => {
    running = running.then(work)
    return running
  }
  const timer = setInterval(() => void run(), everyMs).unref()
  const stop = async (): Promise<void> => {
    clearInterval(timer)
    await running
  }
  return { run, stop }
}

/** Has told identity who was heard before the last stop when it resolves. */
export const createTelemetry = async <Agent extends HeardAgent>(
  needs: TelemetryNeeds<Agent>,
): Promise<Telemetry<Agent>> => {
  const { storage, hear, holds, clock, log } = needs
  const unit = storage.unit<HeartbeatBatch, HeartbeatAnswers>('heartbeats')
  const heardSince = storage.unit<number, HeardDevices>('heardSince')
  const forget = storage.unit<ForgetOrder, number>('forgetHeartbeats')
  const recent = storage.unit<readonly number[], readonly RecentHeartbeats[]>('recentHeartbeats')
  let heardMs = 0

  /** What this process did not hear itself: what came before it started, and what other gateways take. */
  const learn = async (): Promise<void> => {
    const heard = await heardSince(heardMs)
    for (let at = 0; at < heard.length; at += 2) {
      const atMs = heard[at + 1] as number
      hear(heard[at] as number, atMs)
      heardMs = Math.max(heardMs, atMs)
    }
  }
  const tick = async (): Promise<void> => {
    try {
      await unit(toBatch([], clock.nowMs(), true))
      if (storage.engine === 'postgres') await learn()
    } catch (err) {
      log.warn('heartbeats not looked after', { err })
    }
  }
  const stop = new AbortController()
  await learn()
  const ticking = repeating(tickMs, tick)
  const aging = repeating(ageMs, () => lookAfterAge({ storage, holds, clock, log }, stop.signal))
  const presences = createPresences({ storage, recent, clock })
  return {
    agentRoutes: [
      serveHeartbeat<Agent>({
        ...needs,
        unit,
        onHeard(agent, outcome, atMs, requestId) {
          if (agent.deviceNo !== null) hear(agent.deviceNo, atMs)
          return needs.onHeard(agent, outcome, atMs, requestId)
        },
      }),
    ],
    presences,
    points: createHeartbeatPoints(presences, clock),
    assets: createAssets({ storage, presences }),
    forget: async (deviceNo) => forget({ deviceNo, heartbeatNos: await loadLoggedNos(storage.db, deviceNo) }),
    tick: ticking.run,
    age: aging.run,
    async close() {
      stop.abort()
      await ticking.stop()
      await aging.stop()
    },
  }
}
