// What an address says about a device's page, and moments of its history on a slider; pure.
// What is asked for them is query.ts.
import type { Device } from '@muster/contract'
import { momentOf, oneOf, textOf, type Words, withoutUnsaid } from '../../parts/decide-words.ts'
import { type LoadSpan, loadSpans } from './decide-load.ts'

export const tabs = ['about', 'inventory', 'findings', 'load', 'timeline'] as const
export type Tab = (typeof tabs)[number]

export interface DeviceView {
  readonly tab?: Tab
  /** The moment whose inventory is shown, RFC 3339; absent for now. */
  readonly asOf?: string
  readonly surface?: string
  readonly name?: string
  /** Of the load; absent for a day. */
  readonly span?: LoadSpan
}

export const readDeviceView = (words: Words): DeviceView =>
  withoutUnsaid<DeviceView>({
    tab: oneOf(words['tab'], tabs),
    asOf: momentOf(words['asOf']),
    surface: textOf(words['surface']),
    name: textOf(words['name']),
    span: oneOf(words['span'], loadSpans),
  })

/** By what it calls itself; who only ever sent heartbeats says nothing there. */
export const isOwnAgent = ({ sensorVersion }: Pick<Device, 'sensorVersion'>): boolean =>
  sensorVersion.startsWith('muster-agent/')

const steps = 200

export interface Span {
  readonly fromMs: number
  readonly nowMs: number
}

/** The last step is now, and stays so while time goes on. */
export const momentAt = (step: number, { fromMs, nowMs }: Span): string | undefined =>
  step >= steps
    ? undefined
    : new Date(Math.round(fromMs + ((nowMs - fromMs) * Math.max(0, step)) / steps)).toISOString()

export const stepOf = (asOf: string | undefined, { fromMs, nowMs }: Span): number => {
  if (asOf === undefined || nowMs <= fromMs) return steps
  const step = Math.round(((Date.parse(asOf) - fromMs) / (nowMs - fromMs)) * steps)
  return Math.min(steps, Math.max(0, step))
}

export const lastStep = steps
