// macOS asked for its facts (telemetry 18.2): Node where it knows them, otherwise programs of the system, by absolute path.
// What they print is macos-texts.ts.
import { statfs } from 'node:fs/promises'
import { availableParallelism, hostname, totalmem, uptime } from 'node:os'
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
const readDisks = async (signal: AbortSignal): Promise<readonly Disk[]> => {
  const disks: Disk[] = []
  for (const mount of localMountsIn(await runTool('/sbin/mount', [], signal))) {
    try {
      const { bsize, blocks, bfree } = await statfs(mount)
      disks.push({ mount, total_bytes: bsize * blocks, used_bytes: bsize * (blocks - bfree) })
    } catch {
      // A disk that was taken out meanwhile must not cost the others.
    }
  }
  return disks
}

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
