// How a machine comes in: an enrolment token and a public key are traded for a device id and a certificate.
// The rules are in decide.ts; requests waiting together share one transaction, and each keeps its verdict.
import { type BodyOf, type enroll as enrollRoute, ID_PREFIX, type ReplyOf } from '@muster/contract'
import { type Clock, type Log, newId, ok, type Result, refuse, sha256Hex, toIso } from '@muster/kernel'
import { createGroup, type Db } from '@muster/storage'
import type { Authority } from '../authority/authority.ts'
import { type IssuedCertificate, toPem } from '../authority/certificate.ts'
import { unlessUnavailable } from '../authority/unavailable.ts'
import { type DeviceKey, parseDeviceKey } from '../keys/public-key.ts'
import { canRenew } from '../renew/decide.ts'
import { cleanHost } from '../texts.ts'
import type { TakeTurn, Turn } from '../turns.ts'
import { type Admitted, countTokens, writeAdmitted } from './admit.ts'
import { type Admission, decideEnrollments } from './decide.ts'
import { type Candidate, type LoadedFacts, loadFacts, type Verdict } from './facts.ts'
import { recordAdmission, recordRefusal } from './record.ts'
import { tellSharedKeys } from './shared-keys.ts'

export interface EnrollCall {
  readonly body: BodyOf<typeof enrollRoute>
  readonly ip: string
  readonly requestId: string
}

type Reply = ReplyOf<typeof enrollRoute>

/**
 * One reply for every reason a token does not let in; the audit history has the true one (sensor-protocol 4.4).
 * Throws StoreError `busy` when the database cannot take it.
 */
export type Enroll = (
  call: EnrollCall,
) => Promise<Result<Reply, 'enrollment_refused' | 'public_key_unacceptable' | 'authority_unavailable'>>

export interface EnrollNeeds {
  /** For a look before a turn is taken: strangers with made-up tokens never reach the writer. */
  readonly db: Db
  readonly takeTurn: TakeTurn
  readonly authority: Authority
  readonly clock: Clock
  readonly log: Log
  /** Enrolling is being heard of. */
  readonly noteContact: (deviceId: string) => void
  readonly noteUnknownToken: (call: { readonly ip: string; readonly requestId: string }) => void
}

type Fate = Admitted | 'refused'

const maxGroup = 64
const maxAttempts = 10

const toCandidate = ({ body, ip, requestId }: EnrollCall, key: DeviceKey): Candidate => ({
  tokenDigest: sha256Hex(body.token),
  key,
  keyFingerprint: key.fingerprint,
  freshDeviceId: newId(ID_PREFIX.device),
  plane: 'observe',
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

/** Certificates made before a turn, by the request they answer; a lost reply that is asked for again gets another. */
type Certificates = ReadonlyMap<Candidate, { readonly subject: string; readonly certificate: IssuedCertificate }>

/** Whom a certificate names; the key in it is that of the request. */
const subjectOf = ({ token, deviceId }: Admission): string => JSON.stringify([token.tenantId, deviceId])

/** Who of a group is let in, with the facts at hand. */
const admissionsOf = (candidates: readonly Candidate[], verdicts: readonly Verdict[]) =>
  verdicts.flatMap((verdict, index) =>
    verdict.outcome === 'admitted' ? [{ candidate: candidates[index] as Candidate, verdict }] : [],
  )

const settle = (
  turn: Turn,
  certificates: Certificates,
  facts: LoadedFacts,
  candidate: Candidate,
  verdict: Verdict,
): Fate => {
  const token = verdict.token && facts.tokenRows.get(verdict.token.tokenNo)
  if (token === undefined) return 'refused'
  if (verdict.outcome === 'refused') {
    recordRefusal(turn, token, candidate, verdict.reason)
    return 'refused'
  }
  const was = facts.deviceRows.get(verdict.deviceId)
  const { certificate } = certificates.get(candidate) as { readonly certificate: IssuedCertificate }
  const admitted = { candidate, verdict, token, was, certificate }
  recordAdmission(turn, admitted)
  return admitted
}

export const createEnroll = (needs: EnrollNeeds): Enroll => {
  const { db, takeTurn, authority, clock, log, noteContact, noteUnknownToken } = needs

  /** Signed before the turn is taken, because who signs may be slow and the turn holds up every writer. */
  const certify = async (candidates: readonly Candidate[], facts: LoadedFacts): Promise<Certificates> => {
    const admissions = admissionsOf(candidates, decideEnrollments(facts, candidates))
    const issued = admissions.map(async ({ candidate, verdict }) => {
      const { key, texts } = candidate
      const { token, deviceId } = verdict
      const renews = canRenew(texts.sensorVersion)
      const certificate = await authority.issue({ tenantId: token.tenantId, deviceId, spki: key.spki, renews })
      return [candidate, { subject: subjectOf(verdict), certificate }] as const
    })
    return new Map(await Promise.all(issued))
  }
  const enrollCertified = (
    candidates: readonly Candidate[],
    certificates: Certificates,
  ): Promise<readonly Fate[] | 'decided otherwise'> =>
    takeTurn(async (turn) => {
      const facts = await loadFacts(turn, candidates)
      const verdicts = decideEnrollments(facts, candidates)
      const isCertified = admissionsOf(candidates, verdicts).every(
        ({ candidate, verdict }) => certificates.get(candidate)?.subject === subjectOf(verdict),
      )
      if (!isCertified) return 'decided otherwise'
      const fates = verdicts.map((verdict, index) =>
        settle(turn, certificates, facts, candidates[index] as Candidate, verdict),
      )
      await countTokens(turn, facts, verdicts)
      const admitted = fates.filter((fate) => fate !== 'refused')
      await tellSharedKeys(turn, admitted, log)
      await writeAdmitted(turn, admitted)
      return fates
    })
  /** Another process may change a device or a token between the look and the turn; then both are done again. */
  const enrollKnown = async (candidates: readonly Candidate[], facts: LoadedFacts): Promise<readonly Fate[]> => {
    let seen = facts
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const fates = await enrollCertified(candidates, await certify(candidates, seen))
      if (fates !== 'decided otherwise') return fates
      seen = await loadFacts({ tx: db, nowMs: clock.nowMs() }, candidates)
    }
    throw new Error(`enrolments were decided otherwise ${maxAttempts} times in a row`)
  }
  const enrollGroup = async (candidates: readonly Candidate[]): Promise<readonly Fate[]> => {
    const facts = await loadFacts({ tx: db, nowMs: clock.nowMs() }, candidates)
    const known = candidates.filter(({ tokenDigest }) => facts.tokens.has(tokenDigest))
    const decided = known.length === 0 ? [] : await enrollKnown(known, facts)
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
    return unlessUnavailable(log, async () => {
      const fate = await join(toCandidate(call, key.value))
      if (fate === 'refused') return refuse('enrollment_refused')
      noteContact(fate.verdict.deviceId)
      return ok(toReply(fate))
    })
  }
}
