// Rules of a device's life: which step is allowed from where, how alive it is, who may be merged into whom.
// Reading and writing devices is store.ts.
import {
  type Coverage,
  type DeviceStatus,
  LIVENESSES,
  type Liveness,
  type LivenessThresholds,
  STALE_AFTER_MS,
} from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'
import type { Scanned } from '../tables.ts'

/** Silence up to which a device counts as that lively (fleet-product 5.1); a dormant one may be silent for ever. */
const silenceMs = (thresholds: LivenessThresholds, liveness: Liveness): number =>
  liveness === 'dormant' ? Number.POSITIVE_INFINITY : thresholds[`${liveness}Seconds`] * 1000

export const decideLiveness = (
  lastContactMs: number | null,
  nowMs: number,
  thresholds: LivenessThresholds,
): Liveness => {
  const silentMs = nowMs - (lastContactMs ?? Number.NEGATIVE_INFINITY)
  return LIVENESSES.find((liveness) => silentMs < silenceMs(thresholds, liveness)) ?? 'dormant'
}

/** Contacts later than `afterMs` and not later than `throughMs`; null where it has no end. */
export interface ContactWindow {
  readonly afterMs: number | null
  readonly throughMs: number | null
}

/** Who was heard then is that lively. Never heard of counts as dormant. */
export const livenessWindow = (liveness: Liveness, nowMs: number, thresholds: LivenessThresholds): ContactWindow => {
  const livelier = LIVENESSES[LIVENESSES.indexOf(liveness) - 1]
  return {
    afterMs: liveness === 'dormant' ? null : nowMs - silenceMs(thresholds, liveness),
    throughMs: livelier === undefined ? null : nowMs - silenceMs(thresholds, livelier),
  }
}

/** What a device of that coverage as a whole has in common: how much was scanned, and when it was heard. */
export const coverageParts = (
  coverage: Coverage,
  nowMs: number,
): { readonly scanned: Scanned; readonly heard?: ContactWindow } => {
  if (coverage === 'none') return { scanned: 'not' }
  if (coverage === 'partial') return { scanned: 'partly' }
  // A contact exactly that long ago still counts.
  const edgeMs = nowMs - STALE_AFTER_MS - 1
  const heard = coverage === 'stale' ? { afterMs: null, throughMs: edgeMs } : { afterMs: edgeMs, throughMs: null }
  return { scanned: 'wholly', heard }
}

export const STEPS = ['revoke', 'retire', 'reactivate'] as const
export type Step = (typeof STEPS)[number]

type StepAction = 'device.revoked' | 'device.retired' | 'device.reactivated'

const steps: Record<Step, { from: readonly DeviceStatus[]; to: DeviceStatus; done: StepAction }> = {
  revoke: { from: ['active', 'retired'], to: 'revoked', done: 'device.revoked' },
  retire: { from: ['active'], to: 'retired', done: 'device.retired' },
  reactivate: { from: ['revoked', 'retired'], to: 'active', done: 'device.reactivated' },
}

export interface StepTaken {
  readonly status: DeviceStatus
  /** The action of the audit entry, and the topic of what is announced. */
  readonly action: StepAction
}

export interface LifeFacts {
  readonly status: DeviceStatus
  /** Somebody asked for its data to be deleted, and some of it is still there. */
  readonly isDeleting: boolean
}

/** A device that came back while its data goes would lose what it reports first. */
export const decideStep = ({ status, isDeleting }: LifeFacts, step: Step): Result<StepTaken, 'state_conflict'> => {
  const { from, to, done } = steps[step]
  if (!from.includes(status)) return refuse('state_conflict', `The device is ${status}.`)
  if (to === 'active' && isDeleting)
    return refuse('state_conflict', 'Its data is being deleted; try again in a moment.')
  return ok({ status: to, action: done })
}

/** Only of a device that may not speak; what is read under another goes with that one (fleet-product 5.5). */
export const decideDataDeletion = (
  { deviceId, status, mergedIntoId }: MergeSide & { readonly mergedIntoId: string | null },
  confirm: string,
): Result<'data_deletion', 'state_conflict' | 'request_malformed'> => {
  if (status === 'active') return refuse('state_conflict', 'Revoke or retire the device first.')
  if (status === 'merged') return refuse('state_conflict', `Its data is read, and deleted, under ${mergedIntoId}.`)
  if (confirm !== deviceId) return refuse('request_malformed', 'body.confirm: Say the id of the device once more.')
  return ok('data_deletion')
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
