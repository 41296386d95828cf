// What every case stands on: the run's folder, its scale, and one enrolled fleet that all of them copy.
// What is measured on it is each case's own.
import { cpSync } from 'node:fs'
import { type Device, enrollFleet } from '../fleet/fleet.ts'
import type { Window } from '../harness/measure.ts'
import type { Scratch } from '../harness/scratch.ts'
import { type Server, startServer } from '../harness/server.ts'
import { readProfiles, showProfiles } from '../report/profile.ts'

export interface Scale {
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly checkInConnections: number
  readonly largeSyncConnections: number
  readonly smallSyncConnections: number
  readonly reconnecting: number
  readonly idle: number
  /** Millions of intervals to search in. */
  readonly intervals: readonly number[]
  readonly searches: number
}

export interface Ground {
  readonly scratch: Scratch
  readonly scale: Scale
  readonly profiles: boolean
  /** Says what is being done, for people who wait. */
  readonly tell: (what: string) => void
  /** A server of its own for a case, whose fleet has at least that many devices. */
  open(devices: number): Promise<Stand>
}

export interface Stand {
  readonly server: Server
  readonly devices: readonly Device[]
  /** Stops the server and, when this run profiles, shows where its time went in that window. */
  finish(window?: Window): Promise<void>
}

/** The fleet is enrolled once, with as many devices as the largest case wants. */
export const createGround = (parts: Pick<Ground, 'scratch' | 'scale' | 'profiles' | 'tell'>, most: number): Ground => {
  const { scratch, profiles, tell } = parts
  let fleet: Promise<{ readonly dataDir: string; readonly devices: readonly Device[] }> | undefined
  const found = async () => {
    tell(`enrolling ${most} devices`)
    const dataDir = scratch.fresh('fleet')
    const server = await startServer({ dataDir })
    const devices = await enrollFleet(server, most)
    await server.stop()
    return { dataDir, devices }
  }
  return {
    ...parts,
    async open(count) {
      fleet ??= found()
      const { dataDir, devices } = await fleet
      const own = scratch.fresh('server')
      cpSync(dataDir, own, { recursive: true })
      const profileDir = profiles ? scratch.fresh('profile') : undefined
      const server = await startServer({ dataDir: own, profileDir })
      return {
        server,
        devices: devices.slice(0, count),
        async finish(window) {
          await server.stop()
          if (profileDir !== undefined && window !== undefined) tell(showProfiles(readProfiles(profileDir, window)))
        },
      }
    },
  }
}
