// What a process has used, as the kernel counts it: CPU time of all its threads, and memory.
// When to look is the measurement's business.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** User and system time of all threads, those that ended among them, in seconds; exact to a hundredth. */
export const cpuSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is a name in parentheses that may hold spaces; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Resident memory in bytes. */
export const residentBytes = (pid: number): number => {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

export interface Memory {
  readonly residentBytes: number
  /** Written by this process and shared with nobody; the pages of its program are not among them. */
  readonly privateBytes: number
  /** The most that was ever resident. */
  readonly peakBytes: number
}

const kilobytesOf = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1])

export const memoryOf = (pid: number): Memory => {
  const mapped = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return {
    residentBytes: kilobytesOf(mapped, 'Rss') * 1024,
    privateBytes: kilobytesOf(mapped, 'Private_Dirty') * 1024,
    peakBytes: kilobytesOf(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmHWM') * 1024,
  }
}
