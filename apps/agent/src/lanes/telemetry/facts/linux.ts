// Linux asked for its facts (telemetry 18.2): /proc, /sys and statfs, no program but for disks that a program answers for.
// What the texts mean is linux-texts.ts and linux-mounts.ts.
import { readdirSync, readFileSync } from 'node:fs'
import { stat, statfs } from 'node:fs/promises'
import { availableParallelism, hostname, release } from 'node:os'
import { addressedInterfaces } from './addresses.ts'
import type { Disk, FactReaders, Memory, NetworkInterface } from './facts.ts'
import { localMounts, type Mount } from './linux-mounts.ts'
import {
  isCountedInterface,
  memoryIn,
  osVersionIn,
  processCountIn,
  processorTimesIn,
  reclaimableIn,
  uptimeSecondsIn,
} from './linux-texts.ts'
import { macOf } from './shape.ts'

// These files are made of memory: reading them on this thread takes microseconds and never waits for a disk.
const textOf = (path: string): string => readFileSync(path, 'utf8')

const textOrNull = (path: string): string | null => {
  try {
    return textOf(path)
  } catch {
    // A file that this kernel does not have, or that this account may not read, is a fact that is not there.
    return null
  }
}

/** Where a container sees its own limit; on a host these files are not there, or say more than there is. */
const limits = [
  { limit: '/sys/fs/cgroup/memory.max', used: '/sys/fs/cgroup/memory.current', stat: '/sys/fs/cgroup/memory.stat' },
  {
    limit: '/sys/fs/cgroup/memory/memory.limit_in_bytes',
    used: '/sys/fs/cgroup/memory/memory.usage_in_bytes',
    stat: '/sys/fs/cgroup/memory/memory.stat',
  },
]

const limitedMemory = (host: Memory): Memory | null => {
  for (const { limit, used, stat: stats } of limits) {
    const totalBytes = Number(textOrNull(limit) ?? Number.NaN)
    const usedBytes = Number(textOrNull(used) ?? Number.NaN)
    if (totalBytes < host.totalBytes && usedBytes >= 0)
      return { totalBytes, usedBytes: Math.max(0, usedBytes - reclaimableIn(textOrNull(stats) ?? '')) }
  }
  return null
}

const readMemory = (): Memory => {
  const host = memoryIn(textOf('/proc/meminfo'))
  return limitedMemory(host) ?? host
}

/** `stat -f` in a process of its own, which can be killed where a thread of this one could not. */
const sizesOutside = async (mount: string, signal: AbortSignal) => {
  const { runTool } = await import('./run-tool.ts')
  const [blockBytes, blocks, free] = (await runTool('/usr/bin/stat', ['-f', '-c', '%S %b %f', '--', mount], signal))
    .trim()
    .split(' ')
    .map(Number)
  return { bsize: blockBytes ?? 0, blocks: blocks ?? 0, bfree: free ?? 0 }
}

const diskAt = async ({ mount, isForeign }: Mount, signal: AbortSignal): Promise<readonly Disk[]> => {
  try {
    // In a container single files are mounts too, of a disk that is somebody else's.
    if (!isForeign && !(await stat(mount)).isDirectory()) return []
    const { bsize, blocks, bfree } = isForeign ? await sizesOutside(mount, signal) : await statfs(mount)
    return [{ mount, total_bytes: bsize * blocks, used_bytes: bsize * (blocks - bfree) }]
  } catch {
    // One disk that was unmounted meanwhile, or is not ours to see, must not cost the others.
    return []
  }
}

const readDisks = async (signal: AbortSignal): Promise<readonly Disk[]> => {
  const disks: Disk[] = []
  for (const mount of localMounts(textOf('/proc/self/mountinfo'))) disks.push(...(await diskAt(mount, signal)))
  return disks
}

const interfaces = '/sys/class/net'

const readInterfaces = (): readonly NetworkInterface[] => {
  const addressed = addressedInterfaces()
  let names: readonly string[]
  try {
    names = readdirSync(interfaces)
  } catch {
    // Without sysfs, as in some containers, only those with an address can be seen.
    return addressed
  }
  return names.flatMap((name) => {
    if (!isCountedInterface(textOrNull(`${interfaces}/${name}/flags`) ?? '')) return []
    const mac = macOf(textOrNull(`${interfaces}/${name}/address`) ?? '')
    const ips = addressed.find((one) => one.name === name)?.ip_addresses ?? []
    return [{ name, mac_address: mac, ip_addresses: ips }]
  })
}

export const readers: FactReaders = {
  hostname,
  osVersion: () => osVersionIn(textOrNull('/etc/os-release') ?? textOrNull('/usr/lib/os-release') ?? '', release()),
  uptimeSeconds: () => uptimeSecondsIn(textOf('/proc/uptime')),
  cpuCount: availableParallelism,
  processorTimes: () => processorTimesIn(textOf('/proc/stat')),
  memory: readMemory,
  disks: readDisks,
  networkInterfaces: readInterfaces,
  processCount: () => processCountIn(readdirSync('/proc')),
}
