// Heartbeats of a machine that is in the fleet already, as they would have come through a day with a working morning in it.
// When each is said is the fleet's, which moves the clock.
import { heartbeatAt } from '@muster/contract/testing'
import { type AgentClient, certificateRequest, joinAgent } from '../wire/agent-client.ts'
import type { Ground } from '../wire/ground.ts'
import type { Sensor } from '../wire/sensor-client.ts'

const stepMs = 10 * 60_000
const hourMs = 3_600_000
/** The machine was asleep for so long, so that a chart has a gap. */
const asleepHours: readonly [from: number, to: number] = [14, 9]

/** Before now, oldest first; a machine that sleeps says nothing. */
const momentsBefore = (nowMs: number): readonly number[] => {
  const [from, to] = asleepHours.map((hours) => nowMs - hours * hourMs) as [number, number]
  return Array.from({ length: 141 }, (_one, at) => nowMs - (140 - at) * stepMs).filter((at) => at < from || at > to)
}

const bodyAt = (atMs: number, nowMs: number) => {
  const hours = (nowMs - atMs) / hourMs
  const load = 18 + 14 * Math.sin(hours * 1.9) + (hours < 4 ? 32 + 9 * Math.sin(hours * 17) : 0)
  return heartbeatAt(atMs, {
    hostname: 'ada-macbook',
    os_family: 'macos',
    os_version: 'macOS 15.5',
    uptime_seconds: Math.round((nowMs - atMs) / 1000) + 3600,
    cpu_usage_percent: Math.round(load * 10) / 10,
    memory_used_bytes: Math.round((7 + 3 * Math.cos(hours / 3)) * 1024 ** 3),
    disks: [{ mount: '/', total_bytes: 512_110_190_592, used_bytes: Math.round((240 - hours) * 1e9) }],
  })
}

export interface Beats {
  readonly moments: readonly number[]
  /** Joins at the first of them. */
  beat(atMs: number): Promise<void>
  close(): void
}

export const beatsOf = (ground: Ground, sensor: Sensor, nowMs: number): Beats => {
  let agent: AgentClient | undefined
  return {
    moments: momentsBefore(nowMs),
    async beat(atMs) {
      agent ??= await joinAgent(ground, await ground.token(), {
        csr_pem: certificateRequest(sensor.keys),
        hostname: 'ada-macbook',
        os_family: 'macos',
      })
      const { status } = await agent.heartbeat({ body: bodyAt(atMs, nowMs) })
      if (status !== 202) throw new Error(`a heartbeat was not taken: ${status}`)
    },
    close: () => agent?.close(),
  }
}
