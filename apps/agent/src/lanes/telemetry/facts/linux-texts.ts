// What Linux says of itself in /proc, /sys and /etc, taken apart. Pure; the texts are those of proc(5) and sysfs.
// Reading the files is linux.ts.
import type { ProcessorTimes } from './facts.ts'

/** `/proc/stat`: waiting for a disk is idling, and guests' time is within `user` already. */
export const processorTimesIn = (stat: string): ProcessorTimes => {
  const ticks = /^cpu +(.*)$/m.exec(stat)?.[1]?.trim().split(/ +/).map(Number)
  if (ticks === undefined || ticks.length < 5) throw new Error('/proc/stat has no line of all processors')
  const total = ticks.slice(0, 8).reduce((sum, part) => sum + part, 0)
  return { total, busy: total - (ticks[3] ?? 0) - (ticks[4] ?? 0) }
}

const kibibytes = (meminfo: string, name: string): number => {
  const said = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1]
  if (said === undefined) throw new Error(`/proc/meminfo has no ${name}`)
  return Number(said) * 1024
}

/** `/proc/meminfo`: what is available is the kernel's own estimate; "free" alone would look far too little. */
export const memoryIn = (meminfo: string) => {
  const totalBytes = kibibytes(meminfo, 'MemTotal')
  return { totalBytes, usedBytes: totalBytes - kibibytes(meminfo, 'MemAvailable') }
}

/** `inactive_file` of memory.stat: file pages that go as soon as somebody needs room. */
export const reclaimableIn = (memoryStat: string): number =>
  Number(/^(?:total_)?inactive_file (\d+)$/m.exec(memoryStat)?.[1] ?? 0)

const unquoted = (text: string): string => text.replace(/^(["'])(.*)\1$/, '$2').replaceAll(/\\(.)/g, '$1')

const releaseValue = (osRelease: string, key: string): string | undefined => {
  const said = new RegExp(`^${key}=(.*)$`, 'm').exec(osRelease)?.[1]
  return said === undefined ? undefined : unquoted(said.trim())
}

/** `/etc/os-release`; the kernel's release is not the version of the system, and only stands in when nothing else does. */
export const osVersionIn = (osRelease: string, kernelRelease: string): string => {
  const pretty = releaseValue(osRelease, 'PRETTY_NAME')
  if (pretty) return pretty
  const name = releaseValue(osRelease, 'NAME') ?? 'Linux'
  return `${name} ${releaseValue(osRelease, 'VERSION_ID') ?? kernelRelease}`
}

/** `/proc/uptime`, in whole seconds. */
export const uptimeSecondsIn = (uptime: string): number => {
  const seconds = Math.floor(Number(uptime.split(' ')[0]))
  if (!Number.isSafeInteger(seconds) || uptime.trim() === '') throw new Error('/proc/uptime has no number')
  return seconds
}

/** How many of the names in `/proc` are processes. */
export const processCountIn = (names: readonly string[]): number => names.filter((name) => /^\d+$/.test(name)).length

const isUp = 0x1
const isLoopback = 0x8

/** The flags of `/sys/class/net/NAME/flags`: whether an interface counts. */
export const isCountedInterface = (flags: string): boolean => {
  const bits = Number(flags.trim())
  return (bits & isUp) !== 0 && (bits & isLoopback) === 0
}
