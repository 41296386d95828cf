// Writing down what an exchange came to: the device as on any wire, the agent, its twins, its nonce, and who is told.
// Verdicts are facts.ts, the device's part enroll/admit.ts.
import { ID_PREFIX, nonceForm } from '@muster/contract'
import { newId, toIso } from '@muster/kernel'
import { type AgentRow, insertAgent, updateAgent } from '../agents/store.ts'
import { endAgentAndDevice, tellState } from '../agents/turns.ts'
import type { IssuedCertificate } from '../authority/certificate.ts'
import type { Directory } from '../directory/directory.ts'
import { countTokens, writeAdmitted } from '../enroll/admit.ts'
import type { TokenRow } from '../enroll/facts.ts'
import { byToken, recordAdmission, recordRefusal } from '../enroll/record.ts'
import { loadDeviceNos } from '../enroll/store.ts'
import { bySystem } from '../speakers.ts'
import { cleanText } from '../texts.ts'
import type { Turn } from '../turns.ts'
import { type Asked, type ExchangeFacts, fingerprintDigest, type Judged, nonceDigest } from './facts.ts'

const dayMs = 86_400_000

type Of<Kind extends Judged['kind']> = Extract<Judged, { kind: Kind }>

/** Used is used, whatever came of the attempt (telemetry 6). */
export const writeNonce = async ({ tx, nowMs }: Turn, token: TokenRow, nonce: string): Promise<void> => {
  if (!nonceForm.test(nonce)) return
  await tx
    .insertInto('identity_nonce')
    .values({
      tenant_id: token.tenant_id,
      digest: nonceDigest(nonce),
      kept_until_ms: Math.max(token.expires_ms, nowMs + dayMs),
    })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'digest']).doNothing())
    .execute()
}

const more = ({ isOverride }: Asked) => (isOverride ? { override_attempted: true } : {})

export const writeRefusal = async (
  turn: Turn,
  facts: ExchangeFacts,
  asked: Asked,
  { reason, verdict }: Of<'refused'>,
): Promise<void> => {
  const { token, candidate } = facts
  if (token === undefined) return
  recordRefusal(turn, token, candidate, reason, { plane: 'telemetry', ...more(asked) })
  await countTokens(turn, facts.enroll, [
    { outcome: 'refused', reason: 'reason' in verdict ? verdict.reason : 'device_revoked', token: verdict.token },
  ])
  turn.agent({
    type: 'agent.enrollment.failed',
    tenantId: token.tenant_id,
    subjectId: token.token_id,
    requestId: candidate.requestId,
    payload: { reason, enrollment_token_id: token.token_id, override_attempted: asked.isOverride },
  })
}

const columnsOf = (asked: Asked, candidate: ExchangeFacts['candidate'], token: TokenRow) => ({
  site_id: token.site_id,
  key_fingerprint: candidate.keyFingerprint,
  agent_class: asked.agentClass,
  hostname: candidate.texts.hostname,
  os_family: cleanText(asked.osFamily),
  os_version: candidate.texts.osVersion,
  architecture: asked.architecture === null ? null : cleanText(asked.architecture),
  agent_version: asked.agentVersion,
  capabilities: JSON.stringify(asked.capabilities.map(cleanText)),
  ...(asked.fingerprint && {
    fingerprint_digest: fingerprintDigest(asked.fingerprint),
    fingerprint_confidence: asked.fingerprint.confidence,
  }),
})

const newAgent = (asked: Asked, token: TokenRow, nowMs: number) => ({
  agent_id: asked.fresh.agentId,
  tenant_id: token.tenant_id,
  collector_id: asked.fresh.collectorId,
  asset_id: asked.fresh.assetId,
  possible_clone: 0,
  token_epoch: 1,
  enrollment_token_id: token.token_id,
  enrolled_ms: nowMs,
})

/** The use counts when somebody asks to come in, or one token could fill the list of those who wait. */
export const writePending = async (
  turn: Turn,
  facts: ExchangeFacts,
  asked: Asked,
  { verdict }: Of<'pending'>,
): Promise<AgentRow> => {
  const token = facts.token as TokenRow
  const { candidate, agent } = facts
  await countTokens(turn, facts.enroll, [verdict])
  if (agent !== undefined) return updateAgent(turn.tx, agent.agent_no, columnsOf(asked, candidate, token))
  const row = await insertAgent(turn.tx, {
    ...newAgent(asked, token, turn.nowMs),
    ...columnsOf(asked, candidate, token),
    state: 'pending',
  })
  tellState(turn, byToken(token, candidate), row, null, more(asked))
  return row
}

/** What becomes of others that call themselves the same machine; never silently (telemetry 7.3). */
const settleTwins = async (
  turn: Turn,
  row: AgentRow,
  facts: ExchangeFacts,
  { twins }: Of<'admitted'>,
  directory: Pick<Directory, 'byNo'>,
): Promise<void> => {
  if (twins.kind === 'none') return
  const by = bySystem(facts.candidate.requestId)
  for (const twin of facts.twins) {
    const device = directory.byNo(twin.device_no ?? 0)
    const known = device && { deviceId: device.deviceId, isActive: device.status === 'active' }
    if (twins.kind === 'superseded') await endAgentAndDevice(turn, by, twin, known, 'superseded')
    else await updateAgent(turn.tx, twin.agent_no, { possible_clone: 1 })
    turn.changed('agent', twin.agent_no)
  }
  const others = facts.twins.map(({ agent_id }) => agent_id)
  const payload = { agent_id: row.agent_id, asset_id: row.asset_id, other_agent_ids: others, resolution: twins.kind }
  const common = { tenantId: row.tenant_id, subjectId: row.agent_id, requestId: by.requestId }
  turn.agent({ type: 'agent.identity.conflict', ...common, payload })
  const target = { type: 'agent', id: row.agent_id }
  const details = { otherAgentIds: others, resolution: twins.kind }
  turn.record({ by, tenantId: row.tenant_id, action: 'agent.identity_conflicted', target, details })
}

const writeDevice = async (
  turn: Turn,
  facts: ExchangeFacts,
  { verdict, agentId }: Of<'admitted'>,
  certificate: IssuedCertificate,
): Promise<number> => {
  const token = facts.token as TokenRow
  const was = facts.enroll.deviceRows.get(verdict.deviceId)
  const admitted = { candidate: facts.candidate, verdict, token, was, certificate }
  await countTokens(turn, facts.enroll, [verdict])
  recordAdmission(turn, admitted)
  await writeAdmitted(turn, [admitted])
  const deviceNo = (await loadDeviceNos(turn.tx, [verdict.deviceId])).get(verdict.deviceId) as number
  await turn.tx.updateTable('identity_device').set({ agent_id: agentId }).where('device_no', '=', deviceNo).execute()
  return deviceNo
}

const writeAgent = (turn: Turn, facts: ExchangeFacts, asked: Asked, judged: Of<'admitted'>, deviceNo: number) => {
  const token = facts.token as TokenRow
  const { entry, twins } = judged
  const columns = {
    ...columnsOf(asked, facts.candidate, token),
    device_no: deviceNo,
    ...(entry === 'graced'
      ? {}
      : {
          state: 'enrolled' as const,
          state_reason: null,
          enrolled_ms: turn.nowMs,
          enrollment_token_id: token.token_id,
        }),
    ...(twins.kind === 'superseded' ? { asset_id: twins.assetId } : {}),
    ...(twins.kind === 'flagged' ? { possible_clone: 1 } : {}),
  }
  const { agent } = facts
  if (agent === undefined)
    return insertAgent(turn.tx, { ...newAgent(asked, token, turn.nowMs), state: 'enrolled', ...columns })
  const epoch = entry === 'returned' ? { token_epoch: agent.token_epoch + 1 } : {}
  return updateAgent(turn.tx, agent.agent_no, { ...columns, ...epoch })
}

const tellEnrolled = (turn: Turn, row: AgentRow, facts: ExchangeFacts, asked: Asked, judged: Of<'admitted'>): void => {
  const { entry, verdict } = judged
  const identity = {
    agent_id: row.agent_id,
    site_id: row.site_id,
    collector_id: row.collector_id,
    asset_id: row.asset_id,
  }
  const common = { tenantId: row.tenant_id, subjectId: row.agent_id, requestId: facts.candidate.requestId }
  const payload = {
    ...identity,
    device_id: verdict.deviceId,
    agent_class: row.agent_class,
    agent_version: row.agent_version,
    enrollment_token_id: row.enrollment_token_id,
    re_enrolled: entry === 'returned' || entry === 'graced',
  }
  turn.agent({ type: 'agent.enrolled', ...common, payload })
  if (entry === 'joined' || entry === 'completed')
    turn.agent({ type: 'collector.enrolled', ...common, payload: identity })
  const details = { deviceId: verdict.deviceId, entry, ...more(asked) }
  const by = byToken(facts.token as TokenRow, facts.candidate)
  if (entry === 'graced') {
    turn.record({
      by,
      tenantId: row.tenant_id,
      action: 'agent.reenrolled',
      target: { type: 'agent', id: row.agent_id },
      details,
    })
    turn.changed('agent', row.agent_no)
  } else tellState(turn, by, row, facts.agent?.state ?? null, details)
}

/** Everything about one that is let in; its service-account token is signed by the caller, for the row that comes back. */
export const writeAdmission = async (
  turn: Turn,
  facts: ExchangeFacts,
  asked: Asked,
  judged: Of<'admitted'>,
  { certificate, directory }: { readonly certificate: IssuedCertificate; readonly directory: Pick<Directory, 'byNo'> },
): Promise<AgentRow> => {
  const deviceNo = await writeDevice(turn, facts, judged, certificate)
  const row = await writeAgent(turn, facts, asked, judged, deviceNo)
  await settleTwins(turn, row, facts, judged, directory)
  tellEnrolled(turn, row, facts, asked, judged)
  return row
}

export const freshIds = () => ({
  agentId: newId(ID_PREFIX.agent),
  collectorId: newId(ID_PREFIX.collector),
  assetId: newId(ID_PREFIX.asset),
})

/** What a certificate is called in replies. */
export const certificateReply = (certificate: IssuedCertificate, pem: string, chainPem: string) => ({
  certificate_pem: pem,
  certificate_chain_pem: chainPem,
  certificate_serial_number: certificate.serial,
  certificate_fingerprint_sha256: certificate.fingerprint,
  certificate_expires_at: toIso(certificate.notAfterMs),
})
