// The time that processors spent since boot, as Node knows it on every system; Linux has a cheaper way.
// What two readings mean is collect.ts.
import { cpus } from 'node:os'
import type { ProcessorTimes } from './facts.ts'

export const processorTimes = (): ProcessorTimes => {
  const all = cpus().map(({ times }) => times)
  const idle = all.reduce((sum, times) => sum + times.idle, 0)
  const total = all.reduce((sum, { user, nice, sys, idle: rest, irq }) => sum + user + nice + sys + rest + irq, 0)
  return { busy: total - idle, total }
}
