// The heartbeat route, the gateway's half: limits, company, and the reply (telemetry 10.5 and 20).
// Reading and storing happen in the unit beside the database; who speaks was decided at the door.
import { HEARTBEAT_INTERVAL, type HeartbeatReply, heartbeat } from '@muster/contract/device'
import { encodedJson, type Served, serveBytes } from '@muster/http'
import type { RefusalNote } from '@muster/identity'
import { ok, refuse, toIso } from '@muster/kernel'
import { createGroup } from '@muster/storage'
import type { BoundAgent } from '../binding/binding.ts'
import type { BindingRow } from '../binding/decide.ts'
import { answerOf, type HeartbeatAnswers, type HeartbeatBatch, type ToldHeartbeat, toBatch } from './batch.ts'
import type { HeartbeatAnswer, HeartbeatOutcome } from './heartbeat.ts'
import { createLimits } from './limits.ts'

/** The agent that speaks, as far as its heartbeats ask for it. */
export interface HeardAgent extends BindingRow {
  readonly siteId: string
  /** Null while nobody let it in; then it is not heard either. */
  readonly deviceNo: number | null
}

export interface RenewedToken {
  readonly token: string
  readonly expiresMs: number
}

export interface RouteNeeds<Agent extends HeardAgent> {
  readonly unit: (batch: HeartbeatBatch, transfer: ArrayBuffer[]) => Promise<HeartbeatAnswers>
  /** Told of every heartbeat that was stored, before it is answered. */
  readonly onHeard: (agent: Agent, outcome: HeartbeatOutcome, atMs: number, requestId: string) => void | Promise<void>
  /** The next token of an agent whose present one ends soon, and that can take another. */
  readonly renewToken: (agent: Agent, credentialExpiresMs: number) => Promise<RenewedToken | null> | null
  readonly isLenient: (tenantId: string) => boolean
  readonly noteRefusal: (note: RefusalNote) => void
  /** Told of every heartbeat that was taken, new or not, to count it. */
  readonly onTaken: (outcome: HeartbeatOutcome) => void
}

/** Nobody waits for a heartbeat, and a hundred of them in a transaction cost little more than one (telemetry 20). */
const gather = { quietMs: 5, mostMs: 100 }
const maxGroup = 1000
/** Heartbeats that wait beyond this could not be stored before their agents give up. */
const maxWaiting = 20_000
const countedForMs = 10 * 60_000

const replyText = (
  agent: HeardAgent,
  { isDuplicate, warnings }: HeartbeatOutcome,
  atMs: number,
  renewed: RenewedToken | null,
): string =>
  JSON.stringify({
    status: 'accepted',
    agent_id: agent.agentId,
    asset_id: agent.assetId,
    duplicate: isDuplicate,
    received_at: toIso(atMs),
    next_heartbeat_seconds: HEARTBEAT_INTERVAL.defaultSeconds,
    warnings: [...warnings],
    ...(renewed === null
      ? {}
      : {
          service_account_token: renewed.token,
          service_account_token_expires_at: toIso(renewed.expiresMs),
        }),
  } satisfies HeartbeatReply)

/** Takes one heartbeat along with others that come in the same moment. */
const createQueue = (unit: RouteNeeds<HeardAgent>['unit']) => {
  let waiting = 0
  const enter = createGroup<ToldHeartbeat, HeartbeatAnswer>({
    maxItems: maxGroup,
    gather,
    async run(group) {
      const batch = toBatch(group, group.at(-1)?.call.receivedMs ?? 0)
      const answers = await unit(batch, [batch.bodies.buffer])
      return answers.map(answerOf)
    },
  })
  return async (one: ToldHeartbeat): Promise<HeartbeatAnswer | 'overloaded'> => {
    if (waiting >= maxWaiting) return 'overloaded'
    waiting += 1
    try {
      return await enter(one)
    } finally {
      waiting -= 1
    }
  }
}

export const serveHeartbeat = <Agent extends HeardAgent>(needs: RouteNeeds<Agent>): Served<BoundAgent<Agent>> => {
  const { onHeard, renewToken, isLenient, noteRefusal, onTaken } = needs
  const limits = createLimits()
  const take = createQueue(needs.unit)
  const hear = async ({ agent, credentialExpiresMs }: BoundAgent<Agent>, deviceNo: number, said: SaidHeartbeat) => {
    const { agentId, tenantId, siteId, collectorId, assetId, state } = agent
    const { receivedMs, requestId, body } = said
    const bound = { agentId, tenantId, siteId, collectorId, assetId }
    const call = {
      bound,
      deviceNo,
      receivedMs,
      requestId,
      idempotencyKey: said.idempotencyKey ?? null,
      isLenient: isLenient(tenantId),
      beginsRun: state === 'enrolled',
    }
    const answer = await take({ call, body })
    if (answer === 'overloaded') return refuse('store_busy')
    if (!answer.ok) {
      const { code } = answer.refusal
      const actor = { type: 'device', id: agentId, ip: said.ip } as const
      if (code === 'identity_override_rejected')
        noteRefusal({ tenantId, actor, attempted: 'heartbeat', code, requestId, countedForMs })
      return answer
    }
    onTaken(answer.value)
    const heard = answer.value.isDuplicate ? undefined : onHeard(agent, answer.value, receivedMs, requestId)
    if (heard !== undefined) await heard
    const renewed = credentialExpiresMs === null ? null : renewToken(agent, credentialExpiresMs)
    return ok(encodedJson(replyText(agent, answer.value, receivedMs, renewed && (await renewed))))
  }
  return serveBytes<typeof heartbeat, BoundAgent<Agent>>(heartbeat, async (said) => {
    const { agent } = said.speaker
    if (agent.deviceNo === null) throw new Error(`agent ${agent.agentId} was let in without a device`)
    if (!limits.enter(agent.agentId, said.receivedMs)) return refuse('rate_limited')
    try {
      return await hear(said.speaker, agent.deviceNo, said)
    } finally {
      limits.leave(agent.agentId)
    }
  })
}

interface SaidHeartbeat {
  readonly receivedMs: number
  readonly requestId: string
  readonly body: Uint8Array
  readonly ip: string
  readonly idempotencyKey?: string
}
