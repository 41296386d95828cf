// How large a run is: `full` is what the bars are written for, `small` is for trying the bench itself.
// How long each phase lasts can be said on the command line.
import type { HomePlan } from '../home/generate.ts'

export interface Scale {
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly checkInConnections: number
  /** More than a group of the server's waits for at once, so that it always has more to do. */
  readonly heartbeatConnections: number
  /** Agents that each keep a connection and send a heartbeat a minute. */
  readonly soakAgents: number
  readonly largeSyncConnections: number
  readonly smallSyncConnections: number
  readonly reconnecting: number
  readonly idle: number
  /** Millions of intervals to search in, one database after the other. */
  readonly intervals: readonly number[]
  readonly searches: number
  /** Devices in the list, and how often each question is asked of it. */
  readonly listedDevices: number
  readonly listRounds: number
  /** How often each page of the dashboard is opened. */
  readonly paints: number
  readonly home: HomePlan
  /** What an agent at rest has scanned, and sent. */
  readonly restingHome: HomePlan
  readonly agentIdleSeconds: number
}

const full: Scale = {
  seconds: 10,
  warmUpSeconds: 3,
  checkInConnections: 256,
  heartbeatConnections: 2048,
  soakAgents: 10_000,
  largeSyncConnections: 32,
  smallSyncConnections: 256,
  reconnecting: 20_000,
  idle: 5000,
  intervals: [5, 50],
  searches: 120,
  listedDevices: 100_000,
  listRounds: 5,
  paints: 5,
  home: { lockfiles: 1000, packages: 200_000 },
  restingHome: { lockfiles: 1000, packages: 200_000 },
  agentIdleSeconds: 600,
}

const small: Scale = {
  ...full,
  seconds: 3,
  warmUpSeconds: 1,
  soakAgents: 1000,
  reconnecting: 1000,
  idle: 500,
  intervals: [1],
  searches: 30,
  listedDevices: 10_000,
  listRounds: 2,
  paints: 1,
  restingHome: { lockfiles: 100, packages: 20_000 },
  agentIdleSeconds: 10,
}

export const SCALES = { full, small } as const
export type ScaleName = keyof typeof SCALES
