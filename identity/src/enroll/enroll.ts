// How a machine comes in: an enrolment token and a public key are traded for a device id and a certificate.
// The rules are in decide.ts; requests waiting together share one transaction, and each keeps its verdict.
import { type BodyOf, type enroll as enrollRoute, ID_PREFIX, type ReplyOf } from '@muster/contract'
import { type Log, newId, ok, type Result, refuse, sha256Hex, toIso } from '@muster/kernel'
import { createGroup, type Db } from '@muster/storage'
import type { Authority } from '../authority/authority.ts'
import { toPem } from '../authority/certificate.ts'
import { type DeviceKey, parseDeviceKey } from '../keys/public-key.ts'
import { cleanHost } from '../texts.ts'
import { canRenew } from '../renew/decide.ts'
import type { TakeTurn, Turn } from '../turns.ts'
import { type Admitted, countTokens, writeAdmitted } from './admit.ts'
import { decideEnrollments } from './decide.ts'
import { type Candidate, type LoadedFacts, loadFacts, type Verdict } from './facts.ts'
import { recordAdmission, recordRefusal } from './record.ts'
import { tellSharedKeys } from './shared-keys.ts'
import { findTokens } from './store.ts'

export interface EnrollCall {
  readonly body: BodyOf<typeof enrollRoute>
  readonly ip: string
  readonly requestId: string
}

type Reply = ReplyOf<typeof enrollRoute>

/**
 * One reply for every reason a token does not let in; the audit history has the true one (sensor-protocol 4.4).
 * Throws StoreError `busy` when the database cannot take it, and when this process lacks the authority's key.
 */
export type Enroll = (call: EnrollCall) => Promise<Result<Reply, 'enrollment_refused' | 'public_key_unacceptable'>>

export interface EnrollNeeds {
  /** For a look before a turn is taken: strangers with made-up tokens never reach the writer. */
  readonly db: Db
  readonly takeTurn: TakeTurn
  readonly authority: Authority
  readonly log: Log
  /** Enrolling is being heard of. */
  readonly noteContact: (deviceId: string) => void
  readonly noteUnknownToken: (call: { readonly ip: string; readonly requestId: string }) => void
}

type Fate = Admitted | 'refused'

const maxGroup = 64

const toCandidate = ({ body, ip, requestId }: EnrollCall, key: DeviceKey): Candidate => ({
  tokenDigest: sha256Hex(body.token),
  key,
  keyFingerprint: key.fingerprint,
  freshDeviceId: newId(ID_PREFIX.device),
  texts: cleanHost(body),
  ip,
  requestId,
})

const toReply = ({ token, verdict, certificate }: Admitted): Reply => ({
  tenantId: token.tenant_id,
  deviceId: verdict.deviceId,
  clientCertificate: Buffer.from(toPem(certificate.der)).toString('base64'),
  certificateExpiresAt: toIso(certificate.notAfterMs),
})

const settle = (turn: Turn, authority: Authority, facts: LoadedFacts, candidate: Candidate, verdict: Verdict): Fate => {
  const token = verdict.token && facts.tokenRows.get(verdict.token.tokenNo)
  if (token === undefined) return 'refused'
  if (verdict.outcome === 'refused') {
    recordRefusal(turn, token, candidate, verdict.reason)
    return 'refused'
  }
  const { deviceId } = verdict
  const { key, texts } = candidate
  const renews = canRenew(texts.sensorVersion)
  const certificate = authority.issue({ tenantId: token.tenant_id, deviceId, spki: key.spki, renews })
  const admitted = { candidate, verdict, token, was: facts.deviceRows.get(deviceId), certificate }
  recordAdmission(turn, admitted)
  return admitted
}

export const createEnroll = (needs: EnrollNeeds): Enroll => {
  const { db, takeTurn, authority, log, noteContact, noteUnknownToken } = needs
  const enrollKnown = (candidates: readonly Candidate[]): Promise<readonly Fate[]> =>
    takeTurn(async (turn) => {
      const facts = await loadFacts(turn, candidates)
      const verdicts = decideEnrollments(facts, candidates)
      const fates = verdicts.map((verdict, index) =>
        settle(turn, authority, facts, candidates[index] as Candidate, verdict),
      )
      await countTokens(turn, facts, verdicts)
      const admitted = fates.filter((fate) => fate !== 'refused')
      await tellSharedKeys(turn, admitted, log)
      await writeAdmitted(turn, admitted)
      return fates
    })
  const enrollGroup = async (candidates: readonly Candidate[]): Promise<readonly Fate[]> => {
    const digests = candidates.map(({ tokenDigest }) => ({ digest: tokenDigest }))
    const held = await findTokens(db, digests)
    const known = candidates.filter((_, index) => held[index] !== undefined)
    const decided = known.length === 0 ? [] : await enrollKnown(known)
    const fates = new Map(known.map((candidate, index) => [candidate, decided[index] as Fate]))
    return candidates.map((candidate) => {
      const fate = fates.get(candidate)
      if (fate === undefined) noteUnknownToken(candidate)
      return fate ?? 'refused'
    })
  }
  const join = createGroup<Candidate, Fate>({ maxItems: maxGroup, run: enrollGroup })

  return async (call) => {
    const key = parseDeviceKey(call.body.publicKey)
    if (!key.ok) return key
    const fate = await join(toCandidate(call, key.value))
    if (fate === 'refused') return refuse('enrollment_refused')
    noteContact(fate.verdict.deviceId)
    return ok(toReply(fate))
  }
}
