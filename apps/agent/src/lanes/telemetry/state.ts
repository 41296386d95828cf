// What the telemetry lane has written down about itself, for `status` and `doctor`; nothing in it is secret.
// Nothing is asked of the server.
import { toIso } from '@muster/kernel'
import { readLastBeat } from './beat/last.ts'
import { readCertificate, readIdentity } from './identity.ts'
import { readRejection } from './rejection.ts'

export const readTelemetryState = (dataDir: string) => {
  const identity = readIdentity(dataDir)
  const certificate = identity === null ? null : readCertificate(dataDir)
  const last = readLastBeat(dataDir)
  return {
    agentId: identity?.agentId ?? null,
    server: identity?.server ?? null,
    enrolledAt: identity?.enrolledAt ?? null,
    tokenExpiresAt: identity?.serviceAccountTokenExpiresAt ?? null,
    certificateExpiresAt: certificate === null ? null : toIso(certificate.expiresMs),
    lastHeartbeatAt: last?.acceptedAt ?? null,
    lastFault: last?.fault ?? null,
    lastFaultAt: last === null || last.fault === null ? null : last.at,
    intervalSeconds: last?.intervalSeconds ?? identity?.heartbeatIntervalSeconds ?? null,
    rejected: readRejection(dataDir),
  }
}

export type TelemetryState = ReturnType<typeof readTelemetryState>
