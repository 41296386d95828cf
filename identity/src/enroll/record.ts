// What the audit history says about enrolments: every use, every certificate, every refusal with its true reason.
// Outside, all refusals look alike; that is enroll.ts.
import { toIso } from '@muster/kernel'
import type { By } from '../speakers.ts'
import type { Turn } from '../turns.ts'
import type { Admitted } from './admit.ts'
import type { Candidate, TokenRow } from './facts.ts'

export const byToken = (token: TokenRow, { ip, requestId }: Candidate): By => ({
  actor: { type: 'token', id: token.token_id, ip },
  requestId,
})

export const recordRefusal = (
  turn: Turn,
  token: TokenRow,
  candidate: Candidate,
  reason: string,
  more: Readonly<Record<string, unknown>> = {},
): void =>
  turn.record({
    by: byToken(token, candidate),
    tenantId: token.tenant_id,
    action: 'enrollment_token.refused',
    target: { type: 'enrollment_token', id: token.token_id },
    outcome: 'refused',
    details: { reason, keyFingerprint: candidate.keyFingerprint, ...more },
  })

export const recordAdmission = (turn: Turn, { candidate, verdict, token, certificate }: Admitted): void => {
  const { deviceId } = verdict
  const common = { by: byToken(token, candidate), tenantId: token.tenant_id }
  if (!verdict.isRepeat)
    turn.record({
      ...common,
      action: 'enrollment_token.used',
      target: { type: 'enrollment_token', id: token.token_id },
      details: { deviceId },
    })
  if (verdict.isNew || verdict.reactivates)
    turn.announce({
      tenantId: token.tenant_id,
      topic: verdict.isNew ? 'device.enrolled' : 'device.reenrolled',
      key: deviceId,
      body: { hostname: candidate.texts.hostname },
    })
  turn.record({
    ...common,
    action: verdict.isNew ? 'device.enrolled' : 'device.reenrolled',
    target: { type: 'device', id: deviceId },
    details: {
      keyFingerprint: candidate.keyFingerprint,
      hostname: candidate.texts.hostname,
      ...(verdict.reactivates ? { reactivated: true } : {}),
      ...(verdict.isRepeat ? { repeated: true } : {}),
    },
  })
  turn.record({
    ...common,
    action: 'certificate.issued',
    target: { type: 'certificate', id: certificate.serial },
    details: {
      deviceId,
      authorityId: certificate.authorityId,
      fingerprint: certificate.fingerprint,
      expiresAt: toIso(certificate.notAfterMs),
    },
  })
}
