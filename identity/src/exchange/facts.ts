// What has to be known before an exchange can be decided, and the verdict it comes to; read and judged twice, before a turn
// and within it. The rules are decide.ts and enroll/decide.ts; what a verdict changes is admit.ts.
import { sha256Hex } from '@muster/kernel'
import { type AgentRow, type Db, loadAgentOfKey, loadTwins } from '../agents/store.ts'
import { type Admission, decideEnrollments, type EnrollRefusal } from '../enroll/decide.ts'
import { type Candidate, type DeviceRow, type LoadedFacts, loadFacts, type TokenRow } from '../enroll/facts.ts'
import {
  decideEntry,
  decideForm,
  decideTwins,
  type Entry,
  type Fingerprint,
  type Form,
  type FormRefusal,
  isCompletion,
  type KeyHolder,
  type TwinVerdict,
} from './decide.ts'

/** One exchange, parsed, cut and hashed; the raw token goes no further than exchange.ts. */
export interface Asked extends Form {
  readonly tokenDigest: string
  readonly candidate: Candidate
  readonly fingerprint: Fingerprint | null
  readonly osFamily: string
  readonly architecture: string | null
  readonly agentVersion: string
  readonly capabilities: readonly string[]
  readonly fresh: { readonly agentId: string; readonly collectorId: string; readonly assetId: string }
  readonly isOverride: boolean
}

export interface ExchangeFacts {
  readonly enroll: LoadedFacts
  readonly candidate: Candidate
  readonly token: TokenRow | undefined
  readonly isNonceUsed: boolean
  readonly agent: AgentRow | undefined
  readonly twins: readonly AgentRow[]
}

export type Judged =
  | {
      readonly kind: 'refused'
      readonly code: 'enrollment_refused' | FormRefusal
      /** The true one, for the audit history. */
      readonly reason: string
      readonly verdict: Admission | EnrollRefusal
    }
  | { readonly kind: 'pending'; readonly verdict: Admission }
  | {
      readonly kind: 'admitted'
      readonly entry: Exclude<Entry, 'pending'>
      readonly verdict: Admission
      readonly agentId: string
      readonly twins: TwinVerdict
    }

export const fingerprintDigest = ({ text }: Fingerprint): string => sha256Hex(text)
export const nonceDigest = (nonce: string): string => sha256Hex(nonce)

const isNonceUsed = async (db: Db, tenantId: string, nonce: string): Promise<boolean> => {
  const row = await db
    .selectFrom('identity_nonce')
    .select('digest')
    .where('tenant_id', '=', tenantId)
    .where('digest', '=', nonceDigest(nonce))
    .executeTakeFirst()
  return row !== undefined
}

const holderOf = (agent: AgentRow | undefined, tokenId: string | undefined): KeyHolder | undefined =>
  agent && {
    state: agent.state,
    isWaiting: agent.device_no === null,
    enrolledMs: agent.enrolled_ms,
    isSameToken: agent.enrollment_token_id === tokenId,
  }

/** A machine that is known keeps what another wire said of it and this one does not. */
const withTexts = (candidate: Candidate, was: DeviceRow | undefined): Candidate =>
  was === undefined
    ? candidate
    : {
        ...candidate,
        texts: {
          hostname: candidate.texts.hostname,
          osVersion: candidate.texts.osVersion === '' ? was.os_version : candidate.texts.osVersion,
          hardwareModel: was.hardware_model,
          sensorVersion: was.sensor_version,
        },
      }

export const loadExchange = async (
  at: { readonly tx: Db; readonly nowMs: number },
  asked: Asked,
): Promise<ExchangeFacts> => {
  const enroll = await loadFacts(at, [asked.candidate])
  const [token] = enroll.tokenRows.values()
  const [was] = enroll.deviceRows.values()
  const { keyFingerprint } = asked.candidate
  const agent = token && (await loadAgentOfKey(at.tx, token.tenant_id, keyFingerprint))
  const digest = asked.fingerprint && fingerprintDigest(asked.fingerprint)
  return {
    enroll,
    token,
    agent,
    candidate: {
      ...withTexts(asked.candidate, was),
      isCompletion: isCompletion(holderOf(agent, token?.token_id), at.nowMs),
    },
    isNonceUsed: token !== undefined && (await isNonceUsed(at.tx, token.tenant_id, asked.nonce)),
    twins: token && digest ? await loadTwins(at.tx, token.tenant_id, digest, keyFingerprint) : [],
  }
}

/** In the order of telemetry 4.4: token, class, nonce, request, key, hardware. */
export const judgeExchange = (facts: ExchangeFacts, asked: Asked, isApprovalRequired: boolean): Judged => {
  const { enroll, token, agent, candidate } = facts
  const [verdict] = decideEnrollments(enroll, [candidate]) as [Admission | EnrollRefusal]
  const refused = (reason: string, code: 'enrollment_refused' | FormRefusal = 'enrollment_refused'): Judged => ({
    kind: 'refused',
    code,
    reason,
    verdict,
  })
  if (verdict.outcome === 'refused' && verdict.reason.startsWith('token_')) return refused(verdict.reason)
  const form = decideForm(asked, JSON.parse(token?.agent_classes ?? '[]') as string[], facts.isNonceUsed)
  if (!form.ok) return refused([form.refusal.code, form.refusal.detail ?? []].flat().join(': '), form.refusal.code)
  const isRepeat = verdict.outcome === 'admitted' && verdict.isRepeat
  const entry = decideEntry({ holder: holderOf(agent, token?.token_id), isRepeat, isApprovalRequired })
  if (!entry.ok) return refused(entry.refusal.code)
  // A revoked machine stays out on this wire, whatever the token would forgive it on another.
  const was = enroll.deviceRows.values().next().value
  if (was?.status === 'revoked') return refused('revoked_key')
  if (verdict.outcome === 'refused') return refused(verdict.reason)
  if (entry.value === 'pending') return { kind: 'pending', verdict }
  const isNewcomer = entry.value === 'joined' || entry.value === 'completed'
  const twins = facts.twins.map((row) => ({
    agentId: row.agent_id,
    assetId: row.asset_id,
    lastSeenMs: row.last_seen_ms ?? row.enrolled_ms,
  }))
  return {
    kind: 'admitted',
    entry: entry.value,
    verdict,
    agentId: agent?.agent_id ?? asked.fresh.agentId,
    twins: isNewcomer ? decideTwins(asked.fingerprint?.confidence, twins, enroll.nowMs) : { kind: 'none' },
  }
}
