// One heartbeat after the other until the server wants no more of them (telemetry 15.2).
// What an answer means is decide.ts, what a heartbeat says body.ts.
import { randomUUID } from 'node:crypto'
import type { HeartbeatCeiling } from '@muster/contract/device'
import { type Log, Secret, toIso } from '@muster/kernel'
import type { ServerAccess } from '../../../configuration/server-access.ts'
import { loadOrMakeKey } from '../../../folder/device-key.ts'
import { agentVersion } from '../../../program/version.ts'
import type { Collector } from '../facts/collect.ts'
import { type Identity, readCertificate, readIdentity, writeIdentity } from '../identity.ts'
import { type Answer, connectPlatform, type Platform } from '../platform.ts'
import { writeRejection } from '../rejection.ts'
import { type Time, waitUntil } from '../time.ts'
import { fullHeartbeat, minimalHeartbeat } from './body.ts'
import { type BeatVerdict, decideBeat, type Rhythm } from './decide.ts'
import { type LastBeat, readLastBeat, writeLastBeat } from './last.ts'
import { createRotation, type Rotation } from './rotate.ts'

export interface BeatNeeds {
  readonly dataDir: string
  readonly access: ServerAccess
  readonly intervalSeconds: number
  /** What the owner lets this agent do. */
  readonly ceiling: HeartbeatCeiling
  readonly collect: Collector
  readonly time: Time
  readonly log: Log
  /** The server took a heartbeat. */
  readonly onAccepted: () => void
}

/** `left`: somebody reset this device beside the running agent. */
export type BeatsEnd =
  | { readonly end: 'stopped' }
  | { readonly end: 'left' }
  | { readonly end: 'rejected'; readonly status: number; readonly code: string }

interface Beating extends BeatNeeds {
  readonly bootId: string
  readonly rotation: Rotation
  readonly signal: AbortSignal
  sequence: number
  rhythm: Rhythm
  platform: Platform | null
}

const firstBeatSpreadMs = 5_000

/** The certificate is shown while it is that of the device's key; the token alone says who this is, too. */
const connection = (beating: Beating, { server }: Identity): Platform => {
  if (beating.platform !== null) return beating.platform
  const { dataDir, access } = beating
  const [held, key] = [readCertificate(dataDir), loadOrMakeKey(dataDir)]
  const isOurs = held?.leaf.checkPrivateKey(key.privateKey) === true
  const identity = held !== null && isOurs ? { certificatePem: held.pem, keyPem: key.privatePem } : null
  beating.platform = connectPlatform({ server, access, identity })
  return beating.platform
}

/** The next sentence starts from the files as they then are, a new certificate among them. */
const disconnect = (beating: Beating): void => {
  beating.platform?.close()
  beating.platform = null
}

const nextBody = async (beating: Beating): Promise<object> => {
  const collection = await beating.collect()
  beating.sequence += 1
  const { bootId, sequence, time, rhythm, ceiling } = beating
  const beat = { heartbeatId: randomUUID(), observedMs: time.nowMs(), agentVersion, bootId, sequence }
  return rhythm.minimalLeft > 0 ? minimalHeartbeat(collection, beat) : fullHeartbeat(collection, beat, ceiling)
}

/** On the disk before the next heartbeat speaks with it; where it cannot be kept, the old one still counts. */
const keepRenewed = ({ dataDir, log }: Beating, body: Readonly<Record<string, unknown>>): void => {
  const { service_account_token: token, service_account_token_expires_at: expiresAt } = body
  const identity = readIdentity(dataDir)
  if (typeof token !== 'string' || token === '' || identity === null) return
  try {
    const serviceAccountTokenExpiresAt = typeof expiresAt === 'string' ? expiresAt : null
    writeIdentity(dataDir, { ...identity, serviceAccountToken: new Secret(token), serviceAccountTokenExpiresAt })
    log.info('token renewed')
  } catch (err) {
    log.error('renewed token cannot be kept', { err })
  }
}

const faultOf = (answer: Answer): { readonly code: string; readonly detail: string } =>
  answer.isHeard
    ? {
        code: answer.code ?? `http_${answer.status}`,
        detail: `the server answered ${answer.status} ${answer.code ?? ''}`,
      }
    : answer

const isTrustFault = (code: string): boolean => /CERT|SIGNED|ISSUER|TLS|SSL/.test(code)

const tell = ({ log }: Beating, answer: Answer, verdict: BeatVerdict): void => {
  const { code } = faultOf(answer)
  const fields = { 'error.code': code, ...(answer.isHeard && { 'http.status': answer.status }) }
  if (verdict.verdict === 'accepted') log.debug('heartbeat accepted')
  else if (verdict.verdict === 'rejected') log.error('server rejects this device; nothing more is sent', fields)
  else if (verdict.verdict === 'dropped') log.warn('heartbeat dropped', fields)
  else {
    const all = { ...fields, 'retry.in_ms': Math.round(verdict.wait.ms) }
    if (isTrustFault(code)) log.error('server is not trusted', all)
    else log.warn('heartbeat not delivered', all)
  }
}

const note = ({ dataDir, time, rhythm, log }: Beating, answer: Answer, isAccepted: boolean): void => {
  const at = toIso(time.nowMs())
  const last: LastBeat = {
    at,
    fault: isAccepted ? null : faultOf(answer).detail.trim(),
    acceptedAt: isAccepted ? at : (readLastBeat(dataDir)?.acceptedAt ?? null),
    intervalSeconds: rhythm.intervalSeconds,
  }
  try {
    writeLastBeat(dataDir, last)
  } catch (err) {
    log.warn('note of the last heartbeat cannot be written', { err })
  }
}

/** Says one heartbeat and does what its answer asks for; null when it is too late, or somebody took the identity away. */
const beatOnce = async (beating: Beating): Promise<BeatVerdict | null> => {
  const { dataDir, time, onAccepted, signal } = beating
  const body = await nextBody(beating)
  const identity = readIdentity(dataDir)
  if (identity === null || signal.aborted) return null
  const speaker = { agentId: identity.agentId, token: identity.serviceAccountToken }
  const platform = connection(beating, identity)
  const answer = await platform.heartbeat(speaker, body)
  if (signal.aborted) return null
  const verdict = decideBeat(answer, { rhythm: beating.rhythm, nowMs: time.nowMs(), jitter: time.random() })
  tell(beating, answer, verdict)
  if (verdict.verdict !== 'rejected') beating.rhythm = verdict.rhythm
  note(beating, answer, verdict.verdict === 'accepted')
  if (verdict.verdict === 'rejected') writeRejection(dataDir, time.nowMs(), verdict.status, verdict.code)
  if (verdict.verdict === 'accepted') {
    onAccepted()
    if (answer.isHeard) keepRenewed(beating, answer.body)
    if (await beating.rotation.rotateIfDue(platform, speaker)) disconnect(beating)
  }
  if (!answer.isHeard) disconnect(beating)
  return verdict
}

const untilAborted = (signal: AbortSignal): Promise<null> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })

const keepBeating = async (beating: Beating): Promise<BeatsEnd> => {
  const { time, signal } = beating
  // A fact that hangs must not keep a lane that is to stop.
  const aborted = untilAborted(signal)
  await time.pause(time.random() * firstBeatSpreadMs, signal)
  while (!signal.aborted) {
    const startedMs = time.monotonicMs()
    const verdict = await Promise.race([beatOnce(beating), aborted])
    if (signal.aborted) break
    if (verdict === null) return { end: 'left' }
    if (verdict.verdict === 'rejected') return { end: 'rejected', status: verdict.status, code: verdict.code }
    const { from, ms } = verdict.wait
    const dueMs = (from === 'start' ? startedMs : time.monotonicMs()) + ms
    await waitUntil(time, dueMs, beating.rhythm.intervalSeconds, signal)
  }
  return { end: 'stopped' }
}

/** Beats until the signal, or until the server has said that it wants no more. */
export const runBeats = async (needs: BeatNeeds, signal: AbortSignal): Promise<BeatsEnd> => {
  const { intervalSeconds } = needs
  const beating: Beating = {
    ...needs,
    bootId: randomUUID(),
    rotation: createRotation(needs),
    signal,
    sequence: 0,
    rhythm: { intervalSeconds, failures: 0, minimalLeft: 0 },
    platform: null,
  }
  const end = (): void => disconnect(beating)
  signal.addEventListener('abort', end, { once: true })
  try {
    return await keepBeating(beating)
  } finally {
    signal.removeEventListener('abort', end)
    disconnect(beating)
  }
}
