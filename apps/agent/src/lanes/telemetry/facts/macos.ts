// macOS asked for its facts (telemetry 18.2): Node where it knows them, otherwise programs of the system, by absolute path.
// What they print is macos-texts.ts.
import { availableParallelism, hostname, totalmem, uptime } from 'node:os'
import { measureDisks } from './disk-sizes.ts'
import type { Disk, FactReaders } from './facts.ts'
import { availableBytesIn, interfacesIn, localMountsIn, osVersionIn, processCountIn } from './macos-texts.ts'
import { processorTimes } from './processors.ts'
import { runTool } from './run-tool.ts'

/** It changes by a restart only, and this process does not outlive one. */
let version: string | null = null

const readVersion = async (signal: AbortSignal): Promise<string> => {
  version ??= osVersionIn(await runTool('/usr/bin/sw_vers', [], signal))
  return version
}

/** `mount` lists from memory and asks no other machine; only disks of this one are then measured. */
const readDisks = async (signal: AbortSignal): Promise<readonly Disk[]> =>
  measureDisks(localMountsIn(await runTool('/sbin/mount', [], signal)))

export const readers: FactReaders = {
  hostname,
  osVersion: readVersion,
  uptimeSeconds: () => Math.floor(uptime()),
  cpuCount: availableParallelism,
  processorTimes,
  memory: async (signal) => {
    const totalBytes = totalmem()
    return { totalBytes, usedBytes: totalBytes - availableBytesIn(await runTool('/usr/bin/vm_stat', [], signal)) }
  },
  disks: readDisks,
  networkInterfaces: async (signal) => interfacesIn(await runTool('/sbin/ifconfig', ['-a'], signal)),
  processCount: async (signal) => processCountIn(await runTool('/bin/ps', ['-axo', 'pid='], signal)),
}
