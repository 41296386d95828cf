// Rules of a device's life: which step is allowed from where, how alive it is, who may be merged into whom.
// Reading and writing devices is store.ts.
import { type DeviceStatus, LIVENESSES, type Liveness } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** Silence up to which a device counts as that lively (fleet-product 5.1); a dormant one may be silent for ever. */
const silenceMs: Record<Liveness, number> = {
  online: 3 * minuteMs,
  idle: 15 * minuteMs,
  offline: 7 * dayMs,
  dormant: Number.POSITIVE_INFINITY,
}

export const decideLiveness = (lastContactMs: number | null, nowMs: number): Liveness =>
  LIVENESSES.find((liveness) => nowMs - (lastContactMs ?? Number.NEGATIVE_INFINITY) < silenceMs[liveness]) ?? 'dormant'

/** Contacts later than `afterMs` and not later than `throughMs` are that lively. Never heard of counts as dormant. */
export const livenessWindow = (
  liveness: Liveness,
  nowMs: number,
): { afterMs: number | null; throughMs: number | null } => {
  const livelier = LIVENESSES[LIVENESSES.indexOf(liveness) - 1]
  return {
    afterMs: liveness === 'dormant' ? null : nowMs - silenceMs[liveness],
    throughMs: livelier === undefined ? null : nowMs - silenceMs[livelier],
  }
}

export const STEPS = ['revoke', 'retire', 'reactivate'] as const
export type Step = (typeof STEPS)[number]

const steps: Record<Step, { from: readonly DeviceStatus[]; to: DeviceStatus; done: string }> = {
  revoke: { from: ['active', 'retired'], to: 'revoked', done: 'device.revoked' },
  retire: { from: ['active'], to: 'retired', done: 'device.retired' },
  reactivate: { from: ['revoked', 'retired'], to: 'active', done: 'device.reactivated' },
}

export interface StepTaken {
  readonly status: DeviceStatus
  /** The action of the audit entry. */
  readonly action: string
}

export const decideStep = (status: DeviceStatus, step: Step): Result<StepTaken, 'state_conflict'> => {
  const { from, to, done } = steps[step]
  return from.includes(status) ? ok({ status: to, action: done }) : refuse('state_conflict', `The device is ${status}.`)
}

export interface MergeSide {
  readonly deviceId: string
  readonly status: DeviceStatus
}

/** Merged records point at a living one, never at each other, so that a history is found in one step. */
export const decideMerge = (device: MergeSide, into: MergeSide): Result<'merged', 'state_conflict'> => {
  if (device.deviceId === into.deviceId) return refuse('state_conflict', 'A device cannot be merged into itself.')
  if (device.status === 'merged') return refuse('state_conflict', 'The device is merged already.')
  if (into.status !== 'active') return refuse('state_conflict', `The device to merge into is ${into.status}.`)
  return ok('merged')
}
