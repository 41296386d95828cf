// What an address says about a device's page, and moments of its history on a slider; pure.
// What is asked for them is query.ts.
export const tabs = ['about', 'inventory', 'findings', 'timeline'] as const
export type Tab = (typeof tabs)[number]

export interface DeviceView {
  readonly tab?: Tab
  /** The moment whose inventory is shown, RFC 3339; absent for now. */
  readonly asOf?: string
  readonly surface?: string
  readonly name?: string
}

type Words = Readonly<Record<string, unknown>>

const textOf = (said: unknown): string | undefined => {
  const text = typeof said === 'string' ? said.trim().slice(0, 128) : ''
  return text === '' ? undefined : text
}

const momentOf = (said: unknown): string | undefined => {
  const atMs = typeof said === 'string' ? Date.parse(said) : Number.NaN
  return Number.isNaN(atMs) ? undefined : new Date(atMs).toISOString()
}

export const readDeviceView = (words: Words): DeviceView => {
  const tab = tabs.find((one) => one === words['tab'])
  const [asOf, surface, name] = [momentOf(words['asOf']), textOf(words['surface']), textOf(words['name'])]
  return {
    ...(tab !== undefined && { tab }),
    ...(asOf !== undefined && { asOf }),
    ...(surface !== undefined && { surface }),
    ...(name !== undefined && { name }),
  }
}

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
