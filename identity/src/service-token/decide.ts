// Rules of service-account tokens: how long they live, when the next one is due, which keys sign and verify (telemetry 8).
// Signing and reading them is service-token.ts.
import { can } from '../agents/decide.ts'
import type { KnownAgent } from '../agents/known.ts'

const dayMs = 86_400_000

export const tokenAudience = 'oneprotect-agent-telemetry'
export const heartbeatScope = 'agent_heartbeat'
/** How far clocks may differ. */
export const leewaySeconds = 60

const renewedDays = 30
const unrenewedDays = 400

/** An agent that cannot renew must not fall silent because its token ended under it. */
export const tokenLifeMs = (agent: Pick<KnownAgent, 'capabilities'>): number =>
  (can(agent, 'token_renewal') ? renewedDays : unrenewedDays) * dayMs

/** When less than a third is left, to agents that can take a new one. Time is asked first: it says no to nearly all. */
export const isRenewalDue = (agent: Pick<KnownAgent, 'capabilities'>, expiresMs: number, nowMs: number): boolean =>
  expiresMs - nowMs < (renewedDays * dayMs) / 3 && can(agent, 'token_renewal')

const endingMs = 14 * dayMs

/** Whether the token of an agent ends soon with none to follow: an agent that can renew is due before it ends (8.2). */
export const isTokenEnding = (
  agent: Pick<KnownAgent, 'capabilities' | 'state' | 'tokenExpiresMs'>,
  nowMs: number,
): boolean => {
  const { state, tokenExpiresMs } = agent
  if (state !== 'active' || tokenExpiresMs === null || tokenExpiresMs - nowMs >= endingMs) return false
  return !can(agent, 'token_renewal') || isRenewalDue(agent, tokenExpiresMs, nowMs)
}

/** At most so often for one agent: its next heartbeat may be under way already. */
export const renewalPauseMs = 10 * 60_000

const keyLifeDays = 180

/** A key signs for half a year; it verifies for one more token life, which is longer. */
export const isKeyDue = (createdMs: number, nowMs: number): boolean => nowMs - createdMs > keyLifeDays * dayMs

export const isKeyOver = (supersededMs: number | undefined, nowMs: number): boolean =>
  supersededMs !== undefined && nowMs - supersededMs > unrenewedDays * dayMs
