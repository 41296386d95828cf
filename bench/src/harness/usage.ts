// What a process has used, as the kernel counts it: CPU time of all its threads, and memory.
// When to look is the measurement's business.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** User and system time of all threads, and of children that ended, in seconds; exact to a hundredth. */
export const cpuSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is a name in parentheses that may hold spaces; the process's own user and system time are fields
  // 14 and 15, those of its children 16 and 17.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((ticks, field) => ticks + Number(field), 0) / ticksPerSecond
}

/** Bytes this process caused to be written to disk. */
export const writtenBytes = (pid: number): number =>
  Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])

/** Resident memory in bytes. */
export const residentBytes = (pid: number): number => {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

export interface Memory {
  readonly residentBytes: number
  /** Written by this process and shared with nobody; the pages of its program are not among them. */
  readonly privateBytes: number
  /** Resident, and not of a file. */
  readonly anonymousBytes: number
}

const kilobytesOf = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1])

export const memoryOf = (pid: number): Memory => {
  const mapped = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return {
    residentBytes: kilobytesOf(mapped, 'Rss') * 1024,
    privateBytes: kilobytesOf(mapped, 'Private_Dirty') * 1024,
    anonymousBytes: kilobytesOf(mapped, 'Anonymous') * 1024,
  }
}

/** A process and those below it. */
const familyOf = (pid: number): readonly number[] => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return [pid, ...children.flatMap((child) => familyOf(Number(child)))]
}

/** What a family has resident: the pages of their program, which they share, are counted once. */
const familyBytes = (pid: number): number => {
  const memories = familyOf(pid).flatMap((one) => {
    try {
      return [memoryOf(one)]
    } catch {
      return [] // It has just ended.
    }
  })
  const ofFiles = memories.map(({ residentBytes, anonymousBytes }) => residentBytes - anonymousBytes)
  return Math.max(0, ...ofFiles) + memories.reduce((sum, { anonymousBytes }) => sum + anonymousBytes, 0)
}

const lookEveryMs = 20

/** Looks on from now on; returns a function that says how much the process and its children had at most. */
export const watchPeak = (pid: number): (() => number) => {
  let peakBytes = 0
  const look = (): void => {
    try {
      peakBytes = Math.max(peakBytes, familyBytes(pid))
    } catch {
      clearInterval(timer)
    }
  }
  const timer = setInterval(look, lookEveryMs)
  return () => {
    clearInterval(timer)
    const alone = kilobytesOf(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmHWM') * 1024
    return Math.max(peakBytes, alone)
  }
}
