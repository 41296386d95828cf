// What every case stands on: the run's folder, its scale, and one enrolled fleet that all of them copy.
// What is measured on it is each case's own.
import { cpSync } from 'node:fs'
import { type Device, enrollFleet } from '../fleet/fleet.ts'
import type { Window } from '../harness/measure.ts'
import type { Scratch } from '../harness/scratch.ts'
import { type Server, startServer } from '../harness/server.ts'
import { readProfiles, showProfiles } from '../report/profile.ts'
import type { Scale } from './scale.ts'

export interface Fleet {
  /** A data folder of its own; nothing serves it yet. */
  readonly dataDir: string
  readonly devices: readonly Device[]
}

export interface Served {
  readonly server: Server
  /** Stops the server and, when this run profiles, shows where its time went in that window. */
  finish(window?: Window): Promise<void>
}

export interface Ground {
  readonly scratch: Scratch
  readonly scale: Scale
  /** Says what is being done, for people who wait. */
  readonly tell: (what: string) => void
  /** A copy of the fleet, of which the case uses that many devices. */
  prepare(devices: number): Promise<Fleet>
  /** A server on a data folder. */
  serve(dataDir: string): Promise<Served>
  /** A server on a copy of the fleet. */
  open(devices: number): Promise<Served & Fleet>
}

export interface GroundNeeds extends Pick<Ground, 'scratch' | 'scale' | 'tell'> {
  readonly profiles: boolean
  /** How many devices the largest case wants. */
  readonly mostDevices: number
}

/** The fleet is enrolled once, by the first case that wants it. */
export const createGround = ({ scratch, scale, tell, profiles, mostDevices }: GroundNeeds): Ground => {
  let founded: Promise<Fleet> | undefined
  const found = async (): Promise<Fleet> => {
    tell(`enrolling ${mostDevices} devices`)
    const dataDir = scratch.fresh('fleet')
    const server = await startServer({ dataDir })
    const devices = await enrollFleet(server, mostDevices)
    await server.stop()
    return { dataDir, devices }
  }
  const prepare = async (count: number): Promise<Fleet> => {
    founded ??= found()
    const { dataDir, devices } = await founded
    const own = scratch.fresh('server')
    cpSync(dataDir, own, { recursive: true })
    return { dataDir: own, devices: devices.slice(0, count) }
  }
  const serve = async (dataDir: string): Promise<Served> => {
    const profileDir = profiles ? scratch.fresh('profile') : undefined
    const server = await startServer({ dataDir, profileDir })
    return {
      server,
      async finish(window) {
        await server.stop()
        if (profileDir !== undefined && window !== undefined) tell(showProfiles(readProfiles(profileDir, window)))
      },
    }
  }
  const open = async (count: number): Promise<Served & Fleet> => {
    const fleet = await prepare(count)
    return { ...fleet, ...(await serve(fleet.dataDir)) }
  }
  return { scratch, scale, tell, prepare, serve, open }
}
