// How an agent comes in: an enrolment token, a certificate request and a nonce for an identity with its credentials
// (telemetry 4). Facts and verdict are facts.ts, what a verdict changes admit.ts; outside, refused tokens look alike.
import {
  type BodyOf,
  DEFAULT_TENANT_ID,
  type exchange as exchangeRoute,
  HEARTBEAT_INTERVAL,
  ID_PREFIX,
  type ReplyOf,
} from '@muster/contract'
import { type Clock, type Log, newId, ok, type Result, refuse, sha256Hex, toIso } from '@muster/kernel'
import type { Db } from '@muster/storage'
import { type AgentRow, updateAgent } from '../agents/store.ts'
import type { Authority } from '../authority/authority.ts'
import { type IssuedCertificate, toPem } from '../authority/certificate.ts'
import { unlessUnavailable } from '../authority/unavailable.ts'
import type { Directory } from '../directory/directory.ts'
import type { IssuedToken, ServiceTokens } from '../service-token/service-token.ts'
import type { Settings } from '../settings/settings.ts'
import { cleanHost } from '../texts.ts'
import type { TakeTurn, Turn } from '../turns.ts'
import { certificateReply, freshIds, writeAdmission, writeNonce, writePending, writeRefusal } from './admit.ts'
import { readCertificateRequest } from './csr.ts'
import { decideFingerprint, defaultAgentClass, type Fingerprint, triesToOverride } from './decide.ts'
import { type Asked, type ExchangeFacts, type Judged, judgeExchange, loadExchange } from './facts.ts'
import type { ExchangeLimits } from './limits.ts'

type Body = BodyOf<typeof exchangeRoute>
type Reply = ReplyOf<typeof exchangeRoute>

export interface ExchangeCall {
  readonly body: Body
  readonly ip: string
  readonly requestId: string
}

export type ExchangeRefusal =
  | 'enrollment_refused'
  | 'agent_class_not_allowed'
  | 'nonce_replayed'
  | 'nonce_invalid'
  | 'csr_invalid'
  | 'fingerprint_invalid'
  | 'rate_limited'
  | 'authority_unavailable'

/** 201 for who is let in, 200 for the same again within the grace, 202 for who has to wait. */
export interface Exchanged {
  readonly status: 200 | 201 | 202
  readonly reply: Reply
}

export type Exchange = (call: ExchangeCall) => Promise<Result<Exchanged, ExchangeRefusal>>

export interface ExchangeNeeds {
  readonly db: Db
  readonly takeTurn: TakeTurn
  readonly authority: Authority
  readonly serviceTokens: ServiceTokens
  readonly directory: Pick<Directory, 'byNo'>
  readonly settings: Pick<Settings, 'agentsOf'>
  readonly limits: ExchangeLimits
  readonly clock: Clock
  readonly log: Log
  /** Coming in is being heard of. */
  readonly noteContact: (deviceId: string) => void
}

/** How long an agent waits before it asks whether it was approved. */
const pollAfterSeconds = 60
const maxAttempts = 10

const nobodysKey = { spki: Buffer.alloc(0), fingerprint: '' }

const readAsked = ({ body, ip, requestId }: ExchangeCall, fingerprint: Fingerprint | null): Asked => {
  const request = readCertificateRequest(body.csr_pem)
  const key = request.ok ? request.value.key : nobodysKey
  const tokenDigest = sha256Hex(body.enrollment_token.trim())
  const texts = { hostname: body.hostname, osVersion: body.os_version ?? '', hardwareModel: '', sensorVersion: '' }
  return {
    tokenDigest,
    candidate: {
      tokenDigest,
      key,
      keyFingerprint: key.fingerprint,
      freshDeviceId: newId(ID_PREFIX.device),
      plane: 'telemetry',
      texts: cleanHost(texts),
      ip,
      requestId,
    },
    request,
    nonce: body.nonce,
    agentClass: body.agent_class ?? defaultAgentClass,
    fingerprint,
    osFamily: body.os_family,
    architecture: body.architecture ?? null,
    agentVersion: body.agent_version,
    capabilities: body.capabilities ?? [],
    fresh: freshIds(),
    isOverride: triesToOverride(body),
  }
}

/** As dear as telling of a token that is known but over: nobody learns from the time which it was. */
const recordStranger = (turn: Turn, { candidate: { ip, requestId } }: Asked): void =>
  turn.record({
    by: { actor: { type: 'token', id: 'unknown', ip }, requestId },
    tenantId: DEFAULT_TENANT_ID,
    action: 'enrollment_token.refused',
    target: { type: 'enrollment_token', id: 'unknown' },
    outcome: 'refused',
    details: { reason: 'token_unknown', plane: 'telemetry' },
  })

type Fate =
  | { readonly kind: 'refused'; readonly code: Extract<Judged, { kind: 'refused' }>['code'] }
  | { readonly kind: 'pending'; readonly row: AgentRow }
  | {
      readonly kind: 'admitted'
      readonly row: AgentRow
      readonly isRepeat: boolean
      readonly deviceId: string
      readonly issued: IssuedToken
    }

/** What the certificate made before the turn was made for. */
interface Certified {
  readonly subject: string
  readonly certificate: IssuedCertificate
}

const subjectOf = ({ agentId, verdict }: Extract<Judged, { kind: 'admitted' }>): string =>
  JSON.stringify([verdict.token.tenantId, verdict.deviceId, agentId])

export const createExchange = (needs: ExchangeNeeds): Exchange => {
  const { db, takeTurn, authority, serviceTokens, directory, settings, limits, clock, log } = needs

  const judge = (facts: ExchangeFacts, asked: Asked): Judged =>
    judgeExchange(facts, asked, settings.agentsOf(facts.token?.tenant_id ?? '').approvalRequired)

  /** Signed before the turn is taken, because who signs may be slow and the turn holds up every writer. */
  const certify = async (asked: Asked): Promise<Certified | undefined> => {
    const judged = judge(await loadExchange({ tx: db, nowMs: clock.nowMs() }, asked), asked)
    if (judged.kind !== 'admitted') return undefined
    const { agentId, verdict } = judged
    const { spki } = asked.candidate.key
    const renews = asked.capabilities.includes('certificate_rotation')
    const name = { tenantId: verdict.token.tenantId, deviceId: verdict.deviceId, agentId, spki, renews }
    return { subject: subjectOf(judged), certificate: await authority.issue(name) }
  }
  const signToken = async (turn: Turn, row: AgentRow): Promise<IssuedToken> => {
    const issued = await serviceTokens.issue({
      agentId: row.agent_id,
      tenantId: row.tenant_id,
      collectorId: row.collector_id,
      assetId: row.asset_id,
      capabilities: JSON.parse(row.capabilities) as string[],
      tokenEpoch: row.token_epoch,
    })
    await updateAgent(turn.tx, row.agent_no, { token_expires_ms: issued.expiresMs })
    return issued
  }
  const settle = async (turn: Turn, asked: Asked, certified: Certified | undefined): Promise<Fate | undefined> => {
    const facts = await loadExchange(turn, asked)
    const judged = judge(facts, asked)
    if (judged.kind === 'admitted' && subjectOf(judged) !== certified?.subject) return undefined
    if (facts.token === undefined) recordStranger(turn, asked)
    else await writeNonce(turn, facts.token, asked.nonce)
    if (judged.kind === 'refused') {
      await writeRefusal(turn, facts, asked, judged)
      return { kind: 'refused', code: judged.code }
    }
    if (judged.kind === 'pending') return { kind: 'pending', row: await writePending(turn, facts, asked, judged) }
    const { certificate } = certified as Certified
    const row = await writeAdmission(turn, facts, asked, judged, { certificate, directory })
    const issued = await signToken(turn, row)
    return {
      kind: 'admitted',
      row,
      isRepeat: judged.entry === 'graced',
      deviceId: judged.verdict.deviceId,
      issued,
    }
  }
  const reply = (fate: Extract<Fate, { kind: 'admitted' }>, { certificate }: Certified): Reply => ({
    status: 'enrolled',
    agent_id: fate.row.agent_id,
    tenant_id: fate.row.tenant_id,
    site_id: fate.row.site_id,
    collector_id: fate.row.collector_id,
    asset_id: fate.row.asset_id,
    service_account_token: fate.issued.token,
    service_account_token_expires_at: toIso(fate.issued.expiresMs),
    ...certificateReply(certificate, toPem(certificate.der), authority.current().certificatePem),
    heartbeat_interval_seconds: HEARTBEAT_INTERVAL.defaultSeconds,
    server_time: toIso(clock.nowMs()),
  })
  const answer = (fate: Fate, certified: Certified | undefined): Result<Exchanged, ExchangeRefusal> => {
    if (fate.kind === 'refused') return refuse(fate.code)
    if (fate.kind === 'pending') {
      const pending = { status: 'pending', agent_id: fate.row.agent_id, poll_after_seconds: pollAfterSeconds } as const
      return ok({ status: 202, reply: pending })
    }
    needs.noteContact(fate.deviceId)
    return ok({ status: fate.isRepeat ? 200 : 201, reply: reply(fate, certified as Certified) })
  }
  /** Another process may change the agent or the token between the look and the turn; then both are done again. */
  const exchangeAsked = async (asked: Asked): Promise<Result<Exchanged, ExchangeRefusal>> => {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const certified = await certify(asked)
      const fate = await takeTurn((turn) => settle(turn, asked, certified))
      if (fate !== undefined) return answer(fate, certified)
    }
    throw new Error(`an exchange was decided otherwise ${maxAttempts} times in a row`)
  }

  return async (call) => {
    const { body, ip } = call
    if (!limits.mayTry(ip)) return refuse('rate_limited')
    const fingerprint = decideFingerprint(body.hardware_fingerprint, body.fingerprint_source)
    if (!fingerprint.ok) return fingerprint
    const asked = readAsked(call, fingerprint.value)
    if (limits.isSpurned(asked.tokenDigest)) return refuse('enrollment_refused')
    const exchanged = await unlessUnavailable(log, () => exchangeAsked(asked))
    if (!exchanged.ok && exchanged.refusal.code !== 'authority_unavailable') limits.noteFailure(asked.tokenDigest)
    return exchanged
  }
}
