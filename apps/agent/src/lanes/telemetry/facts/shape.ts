// Makes what a machine said fit for a heartbeat: sorted, bounded, without what its owner excluded (telemetry 10.2). Pure.
// Reading it off the machine is each system's own file.
import { matchesGlob } from '../../../program/glob.ts'
import type { Disk, NetworkInterface } from './facts.ts'

const mostEntries = 64
const mostAddresses = 32
const mostVersionLength = 128
const mostHostnameLength = 253

const isExcluded = (name: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => matchesGlob(pattern, name))

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

export const shapeDisks = (disks: readonly Disk[], excluded: readonly string[]): readonly Disk[] =>
  disks
    .filter(({ mount, total_bytes: total }) => total > 0 && !isExcluded(mount, excluded))
    .map((disk) => ({ ...disk, used_bytes: Math.min(Math.max(disk.used_bytes, 0), disk.total_bytes) }))
    .toSorted((left, right) => byText(left.mount, right.mount))
    .slice(0, mostEntries)

const macForm = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/
const noMac = '00:00:00:00:00:00'

/** A hardware address in its one spelling; null for none, all zeros, and what is no Ethernet address. */
export const macOf = (said: string | undefined): string | null => {
  const mac = (said ?? '').trim().toLowerCase().replaceAll('-', ':')
  return macForm.test(mac) && mac !== noMac ? mac : null
}

/** An address without the zone that only means something on the machine itself. */
const withoutZone = (address: string): string => address.split('%', 1)[0] ?? address

export const shapeInterfaces = (
  interfaces: readonly NetworkInterface[],
  excluded: readonly string[],
): readonly NetworkInterface[] =>
  interfaces
    .filter(({ name }) => !isExcluded(name, excluded))
    .map((one) => ({
      ...one,
      ip_addresses: [...new Set(one.ip_addresses.map(withoutZone))].slice(0, mostAddresses),
    }))
    .toSorted((left, right) => byText(left.name, right.name))
    .slice(0, mostEntries)

export const shapeHostname = (hostname: string): string => hostname.slice(0, mostHostnameLength)

export const shapeVersion = (version: string): string => version.trim().slice(0, mostVersionLength)
