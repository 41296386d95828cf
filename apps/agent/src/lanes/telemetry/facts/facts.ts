// The facts a heartbeat carries (telemetry 10.2), and how each operating system is asked for them.
// The asking is linux.ts, macos.ts and windows.ts; patience with what does not answer is collect.ts.

import type {
  COLLECTION_ERROR_CODES,
  FactName,
  Disk as WireDisk,
  NetworkInterface as WireInterface,
} from '@muster/contract/device'

export type Disk = Readonly<Pick<WireDisk, 'mount' | 'total_bytes' | 'used_bytes'>>

export interface NetworkInterface extends Readonly<Pick<WireInterface, 'name' | 'mac_address'>> {
  readonly ip_addresses: readonly string[]
}

export interface Memory {
  readonly totalBytes: number
  readonly usedBytes: number
}

/** Time the processors spent since boot, in any unit; only differences mean something. */
export interface ProcessorTimes {
  readonly busy: number
  readonly total: number
}

type Read<Value> = (signal: AbortSignal) => Value | Promise<Value>

/** What is asked of an operating system; each may throw, hang until the signal, and be asked again after that. */
export interface FactReaders {
  readonly hostname: Read<string>
  readonly osVersion: Read<string>
  readonly uptimeSeconds: Read<number>
  readonly cpuCount: Read<number>
  readonly processorTimes: Read<ProcessorTimes>
  readonly memory: Read<Memory>
  readonly disks: Read<readonly Disk[]>
  readonly networkInterfaces: Read<readonly NetworkInterface[]>
  readonly processCount: Read<number>
}

export type OsFamily = 'linux' | 'macos' | 'windows'

/** As the contract spells them; null is a fact that could not be had this time. */
export interface Facts {
  readonly hostname: string | null
  readonly os_family: OsFamily
  readonly os_version: string | null
  readonly uptime_seconds: number | null
  readonly cpu_count: number | null
  readonly cpu_usage_percent: number | null
  readonly memory_total_bytes: number | null
  readonly memory_used_bytes: number | null
  readonly disks: readonly Disk[] | null
  readonly network_interfaces: readonly NetworkInterface[] | null
  readonly process_count: number | null
}

export type FailureCode = (typeof COLLECTION_ERROR_CODES)[number]

export interface CollectionError {
  readonly fact: FactName
  readonly code: FailureCode
}

export interface Collection {
  readonly facts: Facts
  readonly errors: readonly CollectionError[]
}

/** What the owner of this machine keeps out of the facts: patterns in which `*` stands for anything. */
export interface Exclusions {
  readonly mounts: readonly string[]
  readonly interfaces: readonly string[]
}
