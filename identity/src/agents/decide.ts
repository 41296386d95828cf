// Rules of an agent's life: what each state lets it do, what an operator may do to it, and when a silence locks it out
// (telemetry 9). Facts are handed in; storing is store.ts.
import {
  type AGENT_CAPABILITIES,
  AGENT_LIVENESS_SECONDS,
  type AgentLiveness,
  type AgentState,
  type DeviceStatus,
} from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'

const dayMs = 86_400_000

/** What an agent says it can do; other words mean nothing. */
export const can = (
  { capabilities }: { readonly capabilities: readonly string[] },
  word: (typeof AGENT_CAPABILITIES)[number],
): boolean => capabilities.includes(word)

/** Whoever waits for an approval may come back for so long, whatever became of the token (telemetry 4.3). */
export const completionMs = 7 * dayMs

export type AgentStep = 'approve' | 'deny' | 'revoke' | 'reactivate'

const steps: Record<AgentStep, { readonly from: readonly AgentState[]; readonly to: AgentState }> = {
  approve: { from: ['pending'], to: 'enrolled' },
  deny: { from: ['pending'], to: 'revoked' },
  revoke: { from: ['pending', 'enrolled', 'active', 'stale'], to: 'revoked' },
  reactivate: { from: ['stale'], to: 'enrolled' },
}

/** The state afterwards. Revoking twice is once; nothing leads out of `revoked`. */
export const decideAgentStep = (state: AgentState, step: AgentStep): Result<AgentState, 'state_conflict'> => {
  const { from, to } = steps[step]
  if (from.includes(state) || (step === 'revoke' && state === 'revoked')) return ok(to)
  return refuse('state_conflict', `It is ${state}.`)
}

/** An agent cannot be better off than its device: revocation is one and the same on every wire (ARCHITECTURE 2). */
export const standingOf = (state: AgentState, device: DeviceStatus | undefined): AgentState =>
  device === undefined || device === 'active' ? state : 'revoked'

/** Has no effect on what is accepted (telemetry 9, rule 2). */
export const agentLiveness = (lastSeenMs: number | null, nowMs: number): AgentLiveness => {
  if (lastSeenMs === null) return 'never'
  const silentSeconds = (nowMs - lastSeenMs) / 1000
  if (silentSeconds <= AGENT_LIVENESS_SECONDS.online) return 'online'
  return silentSeconds <= AGENT_LIVENESS_SECONDS.late ? 'late' : 'offline'
}

/** A time in which nobody could be heard, through no fault of theirs. */
export interface Outage {
  readonly fromMs: number
  readonly throughMs: number
}

/** For how long somebody was silent who could have been heard; outages do not overlap (telemetry 9, rule 5). */
export const silentMs = (sinceMs: number, nowMs: number, outages: readonly Outage[]): number =>
  outages.reduce(
    (silent, { fromMs, throughMs }) => silent - Math.max(0, Math.min(throughMs, nowMs) - Math.max(fromMs, sinceMs)),
    Math.max(0, nowMs - sinceMs),
  )

/** Marks come once a minute; a gap beyond this was an outage, and not a slow minute. */
export const outageAfterMs = 5 * 60_000

export const outageBetween = (lastAliveMs: number | undefined, nowMs: number): Outage | undefined =>
  lastAliveMs !== undefined && nowMs - lastAliveMs > outageAfterMs
    ? { fromMs: lastAliveMs, throughMs: nowMs }
    : undefined

export interface Silence {
  readonly state: AgentState
  readonly enrolledMs: number
  readonly lastSeenMs: number | null
}

const unusedDays = 7

/** Whether an agent was silent for so long that it is locked out; `staleAfterDays` 0 means never. */
export const isStale = (
  { state, enrolledMs, lastSeenMs }: Silence,
  staleAfterDays: number,
  nowMs: number,
  outages: readonly Outage[],
): boolean => {
  if (staleAfterDays === 0 || (state !== 'enrolled' && state !== 'active')) return false
  const sinceMs = Math.max(enrolledMs, lastSeenMs ?? 0)
  const neverHeard = state === 'enrolled' && (lastSeenMs === null || lastSeenMs < enrolledMs)
  const limitDays = neverHeard ? Math.min(unusedDays, staleAfterDays) : staleAfterDays
  return silentMs(sinceMs, nowMs, outages) > limitDays * dayMs
}
