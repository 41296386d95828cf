// How an agent keeps its certificate fresh: a new request for the next one; the present counts for another day
// (telemetry 5.1). Who may ask was settled before, as for a heartbeat.
import { type BodyOf, IDENTITY_KEYS, nonceForm, type ReplyOf, type rotateCertificate } from '@muster/contract'
import { type Clock, type Log, ok, type Result, refuse, toIso } from '@muster/kernel'
import type { KnownAgent } from '../agents/known.ts'
import { type Db, updateAgent } from '../agents/store.ts'
import type { Authority } from '../authority/authority.ts'
import { type IssuedCertificate, toPem } from '../authority/certificate.ts'
import { unlessUnavailable } from '../authority/unavailable.ts'
import type { DeviceKey } from '../keys/public-key.ts'
import { isKeyTaken, loadKey, writeCertificate, writeKey } from '../renew/store.ts'
import type { TakeTurn, Turn } from '../turns.ts'
import { certificateReply } from './admit.ts'
import { readCertificateRequest } from './csr.ts'
import { nonceDigest } from './facts.ts'

type Body = BodyOf<typeof rotateCertificate>

export interface RotateCall {
  readonly agent: KnownAgent
  readonly body: Body
  readonly ip: string
  readonly requestId: string
}

export type RotateRefusal =
  | 'identity_override_rejected'
  | 'nonce_invalid'
  | 'nonce_replayed'
  | 'csr_invalid'
  | 'key_taken'
  | 'identity_revoked'
  | 'authority_unavailable'

export type Rotate = (call: RotateCall) => Promise<Result<ReplyOf<typeof rotateCertificate>, RotateRefusal>>

export interface RotateNeeds {
  readonly db: Db
  readonly takeTurn: TakeTurn
  readonly authority: Authority
  readonly clock: Clock
  readonly log: Log
}

/** How long the former certificates of an agent go on counting. */
const overlapMs = 24 * 60 * 60_000

const namesAnother = (agent: KnownAgent, body: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(IDENTITY_KEYS).some(([key, part]) => Object.hasOwn(body, key) && body[key] !== agent[part])

const useNonce = async ({ tx, nowMs }: Turn, tenantId: string, nonce: string): Promise<boolean> => {
  const row = { tenant_id: tenantId, digest: nonceDigest(nonce), kept_until_ms: nowMs + overlapMs }
  const used = await tx
    .insertInto('identity_nonce')
    .values(row)
    .onConflict((conflict) => conflict.columns(['tenant_id', 'digest']).doNothing())
    .returning('digest')
    .executeTakeFirst()
  return used !== undefined
}

/** They end a day from now at the latest, by their own dates in the directory and not by a beat. */
const endFormer = async ({ tx, nowMs }: Turn, deviceNo: number): Promise<void> => {
  await tx
    .updateTable('identity_certificate')
    .set({ expires_ms: nowMs + overlapMs })
    .where('device_no', '=', deviceNo)
    .where('revoked_ms', 'is', null)
    .where('expires_ms', '>', nowMs + overlapMs)
    .execute()
}

const tell = (turn: Turn, { agent, ip, requestId }: RotateCall, issued: IssuedCertificate, isNewKey: boolean): void => {
  const { tenantId, agentId, deviceId } = agent
  turn.record({
    by: { actor: { type: 'device', id: deviceId ?? '', ip }, requestId },
    tenantId,
    action: 'certificate.rotated',
    target: { type: 'certificate', id: issued.serial },
    details: {
      agentId,
      fingerprint: issued.fingerprint,
      expiresAt: toIso(issued.notAfterMs),
      ...(isNewKey ? { keyChanged: true } : {}),
    },
  })
  turn.agent({
    type: 'agent.certificate.rotated',
    tenantId,
    subjectId: agentId,
    requestId,
    payload: {
      agent_id: agentId,
      certificate_serial_number: issued.serial,
      certificate_fingerprint_sha256: issued.fingerprint,
      certificate_expires_at: toIso(issued.notAfterMs),
    },
  })
}

const writeRotation = async (turn: Turn, call: RotateCall, key: DeviceKey, issued: IssuedCertificate) => {
  const { agent, body } = call
  const { tenantId, agentNo } = agent
  const deviceNo = agent.deviceNo as number
  if (!(await useNonce(turn, tenantId, body.nonce))) return refuse('nonce_replayed')
  const present = await loadKey(turn.tx, deviceNo)
  if (present === undefined) return refuse('identity_revoked')
  if (await isKeyTaken(turn.tx, tenantId, key.fingerprint, deviceNo)) return refuse('key_taken')
  const isNewKey = present !== key.fingerprint
  if (isNewKey) {
    await writeKey(turn.tx, deviceNo, key.fingerprint, turn.nowMs)
    await updateAgent(turn.tx, agentNo, { key_fingerprint: key.fingerprint })
  }
  await endFormer(turn, deviceNo)
  await writeCertificate(turn.tx, { deviceNo, tenantId }, issued, turn.nowMs)
  turn.changed('device', deviceNo)
  turn.changed('agent', agentNo)
  tell(turn, call, issued, isNewKey)
  return ok(issued)
}

export const createRotate =
  ({ takeTurn, authority, clock, log }: RotateNeeds): Rotate =>
  async (call) => {
    const { agent, body } = call
    if (namesAnother(agent, body)) return refuse('identity_override_rejected')
    if (!nonceForm.test(body.nonce)) return refuse('nonce_invalid')
    const request = readCertificateRequest(body.csr_pem)
    if (!request.ok) return request
    const { key, challenge } = request.value
    if (challenge !== null && challenge !== body.nonce) return refuse('nonce_invalid')
    const { tenantId, agentId, deviceId } = agent
    if (deviceId === null) throw new Error('an agent without a device asked for a certificate')
    const renews = agent.capabilities.includes('certificate_rotation')
    const rotated = await unlessUnavailable(log, async () => {
      const issued = await authority.issue({ tenantId, deviceId, agentId, spki: key.spki, renews })
      return takeTurn((turn) => writeRotation(turn, call, key, issued))
    })
    if (!rotated.ok) return rotated
    const issued = rotated.value
    return ok({
      agent_id: agentId,
      ...certificateReply(issued, toPem(issued.der), authority.current().certificatePem),
      server_time: toIso(clock.nowMs()),
    })
  }
