// This device and its server: joining, hearing, heeding (sensor-agent 11.2, 12.2).
// Each sentence is said in sync, policy and enroll; the rhythm is lane.ts.
import { existsSync } from 'node:fs'
import type { Clock, Log } from '@muster/kernel'
import type { ServerAccess } from '../../configuration/server-access.ts'
import type { DeviceKey } from '../../folder/device-key.ts'
import { type Database, inTransaction } from './database/open.ts'
import { type Enrollment, enrollmentFile, isNamed } from './enroll/enrollment.ts'
import { createRenewal, type Renewal } from './enroll/renew.ts'
import type { MembershipKeeper } from './membership.ts'
import { readNote, writeNote } from './notes.ts'
import type { OutboxStore } from './outbox/store.ts'
import type { Policy } from './policy/policy.ts'
import type { ScanStore } from './scan/store.ts'
import type { SensorServer } from './sync/sensor-server.ts'
import type { Heard, Sync } from './sync/sync.ts'

export interface TalkNeeds {
  readonly db: Database
  readonly scans: ScanStore
  readonly outbox: OutboxStore
  readonly policy: Policy
  readonly sync: Sync
  readonly membership: MembershipKeeper
  readonly key: DeviceKey
  readonly access: ServerAccess
  readonly clock: Clock
  readonly log: Log
  readonly dataDir: string
  /** Something was heard or learnt that makes a scan worth its while now. */
  readonly onScanWanted: () => void
  /** Watches, rules or timing changed. */
  readonly onPolicyApplied: () => void
}

interface Talk extends TalkNeeds {
  key: DeviceKey
  readonly renewal: Renewal
  enrollment: Enrollment | null
  sensors: SensorServer | null
  /** The offer that was answered with something other than a new policy; it is not asked for again. */
  settledGeneration: string | null
  prunedMs: number
  warnedMs: number
  /** Whether the server was asked for its policy since the start. */
  isPolicyAsked: boolean
}

const pruneEveryMs = 60 * 60_000
const warnEveryMs = 24 * 60 * 60_000
const expiryWarningMs = 30 * 24 * 60 * 60_000

/** Once a day: an agent may run for months, and a server without the route renews nothing. */
const warnOfExpiry = (talk: Talk, member: Enrollment): void => {
  const { clock, log } = talk
  const { certificateExpiresAt } = member
  if (isNamed(member) || performance.now() - talk.warnedMs < warnEveryMs) return
  talk.warnedMs = performance.now()
  const leftMs = Date.parse(certificateExpiresAt) - clock.nowMs()
  if (leftMs <= 0) log.error('certificate has expired; enrol again with a new token')
  else if (leftMs < expiryWarningMs) log.warn('certificate expires', { 'certificate.expires': certificateExpiresAt })
}

/** From here on events are addressed to this device; what waits for another identity is not sent as its own. */
const adopt = (talk: Talk, next: Enrollment): void => {
  const { db, outbox, scans } = talk
  inTransaction(db, () => {
    outbox.raiseSequence(next.deviceId, next.nextLocalSequence)
    if (readNote(db, 'outbox.device_id') === next.deviceId) return
    outbox.forgetOthers(next.deviceId)
    scans.wantIntroduction()
    writeNote(db, 'outbox.device_id', next.deviceId)
  })
  talk.policy.belongTo(next.deviceId)
  talk.enrollment = next
}

const join = async (talk: Talk): Promise<Enrollment | null> => {
  if (talk.enrollment !== null) return talk.enrollment
  const joined = await talk.membership.join()
  if (joined.is === 'outsider') {
    if (joined.because !== 'not_due') writeNote(talk.db, 'sync.last_fault', joined.detail)
    return null
  }
  adopt(talk, joined.enrollment)
  return joined.enrollment
}

/** The sentences, and what carries them, are loaded when the first is said: a start need not wait for them. */
const connection = async (talk: Talk, member: Enrollment): Promise<SensorServer> => {
  const { connectSensorServer } = await import('./sync/sensor-server.ts')
  talk.sensors ??= connectSensorServer({
    server: member.server,
    access: talk.access,
    identity: isNamed(member) ? null : { certificatePem: member.clientCertificate, keyPem: talk.key.privatePem },
  })
  return talk.sensors
}

/** The next sentence starts from the files as they then are, a renewed CA among them. */
const disconnect = (talk: Talk): void => {
  talk.sensors?.close()
  talk.sensors = null
}

const fetchPolicy = async (talk: Talk, member: Enrollment, offered: string | null): Promise<void> => {
  talk.isPolicyAsked = true
  if (isNamed(member)) return
  if (offered !== null && offered === talk.settledGeneration) return
  try {
    const fetched = await talk.policy.fetch(member, await connection(talk, member))
    writeNote(talk.db, 'policy.fault', talk.policy.fault())
    if (fetched !== 'failed') talk.settledGeneration = offered
    if (fetched === 'applied') talk.onPolicyApplied()
  } catch (err) {
    talk.log.warn('policy could not be fetched', { err })
  }
}

/** The connection was made with the old certificate; the next one shows the new. */
const renew = async (talk: Talk, member: Enrollment, isAsked: boolean): Promise<void> => {
  if (isNamed(member)) return
  const renewed = await talk.renewal.renewIfDue(member, await connection(talk, member), isAsked)
  if (renewed === null) return
  talk.enrollment = renewed.enrollment
  talk.key = renewed.key
  disconnect(talk)
}

const heed = async (talk: Talk, member: Enrollment, heard: Heard): Promise<void> => {
  if (heard.isResnapshotAsked) {
    talk.scans.wantResnapshot()
    talk.onScanWanted()
  }
  if (heard.offeredGeneration !== null) await fetchPolicy(talk, member, heard.offeredGeneration)
  if (heard.isReached) await renew(talk, member, heard.isRenewalAsked)
  else disconnect(talk)
}

const prune = (talk: Talk): void => {
  if (performance.now() - talk.prunedMs < pruneEveryMs) return
  talk.prunedMs = performance.now()
  inTransaction(talk.db, () => talk.outbox.prune(talk.clock.nowMs()))
}

/** Somebody reset this device beside the running agent: it is nobody until it has joined again (sensor-agent 12.4). */
const leaveIfReset = (talk: Talk): void => {
  const { enrollment } = talk
  if (enrollment === null || isNamed(enrollment) || existsSync(enrollmentFile(talk.dataDir))) return
  talk.log.warn('enrolment was reset')
  talk.enrollment = null
  talk.isPolicyAsked = false
  talk.settledGeneration = null
  disconnect(talk)
}

const turn = async (talk: Talk, signal: AbortSignal): Promise<number> => {
  prune(talk)
  leaveIfReset(talk)
  const wasOutsider = talk.enrollment === null
  const member = await join(talk)
  if (member === null || signal.aborted) return 0
  warnOfExpiry(talk, member)
  if (!talk.isPolicyAsked) await fetchPolicy(talk, member, null)
  if (wasOutsider) talk.onScanWanted()
  const settings = talk.policy.effective().settings.sync
  const speaker = {
    enrollment: member,
    sensors: await connection(talk, member),
    settings,
    generation: isNamed(member) ? '' : talk.policy.generation(),
  }
  const heard = await talk.sync.tick(speaker, signal)
  await heed(talk, member, heard)
  return heard.pauseMs
}

export const createTalk = (needs: TalkNeeds) => {
  const talk: Talk = {
    ...needs,
    renewal: createRenewal(needs),
    enrollment: null,
    sensors: null,
    settledGeneration: null,
    prunedMs: Number.NEGATIVE_INFINITY,
    warnedMs: Number.NEGATIVE_INFINITY,
    isPolicyAsked: false,
  }
  return {
    /** Who this device is, and null as long as it is nobody. */
    recipient: (): Enrollment | null => talk.enrollment,

    /**
     * Joins and fetches a policy if there is none yet; what fails here is tried again in the turns. A device that has
     * both starts with what it has, and asks later.
     */
    async begin(): Promise<void> {
      const member = await join(talk)
      if (member !== null && talk.policy.generation() === '') await fetchPolicy(talk, member, null)
    },

    /** One exchange with the server, and what follows from it. Resolves with how long to keep away, 0 if not at all. */
    turn: (signal: AbortSignal): Promise<number> => turn(talk, signal),

    /** Ends the sentence that is on, if any. */
    end: (): void => {
      talk.membership.end()
      disconnect(talk)
    },
  }
}

export type Conversing = ReturnType<typeof createTalk>
