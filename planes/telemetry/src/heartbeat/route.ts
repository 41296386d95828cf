// The heartbeat route, the gateway's half: limits, company, and the reply (telemetry 10.5 and 20).
// Reading and storing happen in the unit beside the database; who speaks was decided at the door.
import { HEARTBEAT_INTERVAL, type HeartbeatReply, heartbeat } from '@muster/contract/device'
import { encodedJson, type Said, type Served, serveView } from '@muster/http'
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
const paceMs = 50
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

/** Takes one heartbeat along with others that come in the same moment; undefined when too many wait already. */
const createQueue = (unit: RouteNeeds<HeardAgent>['unit']) => {
  let waiting = 0
  const enter = createGroup<ToldHeartbeat, HeartbeatAnswer>({
    maxItems: maxGroup,
    paceMs,
    async run(group) {
      try {
        const batch = toBatch(group, group.at(-1)?.call.receivedMs ?? 0)
        const answers = await unit(batch, [batch.bodies.buffer])
        return answers.map(answerOf)
      } finally {
        waiting -= group.length
      }
    },
  })
  return (one: ToldHeartbeat): Promise<HeartbeatAnswer> | undefined => {
    if (waiting >= maxWaiting) return undefined
    waiting += 1
    return enter(one)
  }
}

type SaidHeartbeat<Agent extends HeardAgent> = Said<typeof heartbeat, BoundAgent<Agent>, Uint8Array>

const toldOf = <Agent extends HeardAgent>(
  { speaker, receivedMs, requestId, body, idempotencyKey }: SaidHeartbeat<Agent>,
  isLenient: RouteNeeds<Agent>['isLenient'],
): ToldHeartbeat => {
  const { agentId, tenantId, siteId, collectorId, assetId, deviceNo, state } = speaker.agent
  if (deviceNo === null) throw new Error(`agent ${agentId} was let in without a device`)
  const bound = { agentId, tenantId, siteId, collectorId, assetId }
  const call = {
    bound,
    deviceNo,
    receivedMs,
    requestId,
    idempotencyKey: idempotencyKey ?? null,
    isLenient: isLenient(tenantId),
    beginsRun: state === 'enrolled',
  }
  return { call, body }
}

/** What follows from an answer of the unit, and the reply; without a promise where nothing more has to be written. */
const createReply = <Agent extends HeardAgent>({
  onHeard,
  renewToken,
  noteRefusal,
  onTaken,
}: Pick<RouteNeeds<Agent>, 'onHeard' | 'renewToken' | 'noteRefusal' | 'onTaken'>) => {
  const noteOverride = ({ speaker, requestId, ip }: SaidHeartbeat<Agent>, code: string): void => {
    const { agentId, tenantId } = speaker.agent
    const actor = { type: 'device', id: agentId, ip } as const
    noteRefusal({ tenantId, actor, attempted: 'heartbeat', code, requestId, countedForMs })
  }
  const accept = ({ speaker, receivedMs }: SaidHeartbeat<Agent>, outcome: HeartbeatOutcome) => {
    const { agent, credentialExpiresMs } = speaker
    const reply = (renewed: RenewedToken | null) => ok(encodedJson(replyText(agent, outcome, receivedMs, renewed)))
    const renewing = credentialExpiresMs === null ? null : renewToken(agent, credentialExpiresMs)
    return renewing === null ? reply(null) : renewing.then(reply)
  }
  return (said: SaidHeartbeat<Agent>, answer: HeartbeatAnswer) => {
    if (!answer.ok) {
      const { code } = answer.refusal
      if (code === 'identity_override_rejected') noteOverride(said, code)
      return answer
    }
    const outcome = answer.value
    onTaken(outcome)
    const { agent } = said.speaker
    const heard = outcome.isDuplicate ? undefined : onHeard(agent, outcome, said.receivedMs, said.requestId)
    return heard === undefined ? accept(said, outcome) : heard.then(() => accept(said, outcome))
  }
}

export const serveHeartbeat = <Agent extends HeardAgent>(needs: RouteNeeds<Agent>): Served<BoundAgent<Agent>> => {
  const limits = createLimits()
  const take = createQueue(needs.unit)
  const reply = createReply(needs)
  return serveView<typeof heartbeat, BoundAgent<Agent>>(heartbeat, (said) => {
    const told = toldOf(said, needs.isLenient)
    const room = limits.enter(told.call.bound.agentId, said.receivedMs)
    if (room === undefined) return refuse('rate_limited')
    const taken = take(told)
    if (taken === undefined) {
      limits.leave(room)
      return refuse('store_busy')
    }
    // An agent has its room back as soon as its heartbeat is on disk, or cannot be.
    return taken.then(
      (answer) => {
        limits.leave(room)
        return reply(said, answer)
      },
      (fault: unknown) => {
        limits.leave(room)
        throw fault
      },
    )
  })
}
