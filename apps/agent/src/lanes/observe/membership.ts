// Belonging to a server: enrolled already, or trying to be, again and again but never pushily (sensor-agent 12.2).
// One attempt is enroll/enroll.ts; what follows for outbox and policy is the lane's.
import { type Clock, type Log, type Secret, sha256Hex } from '@muster/kernel'
import type { NamedDevice } from '../../configuration/configuration.ts'
import type { ServerAccess } from '../../configuration/server-access.ts'
import type { DeviceKey } from '../../folder/device-key.ts'
import { decideEnroll, type EnrollVerdict, enrollDelayMs } from './enroll/decide.ts'
import { enrollOnce } from './enroll/enroll.ts'
import { type Enrollment, namedEnrollment, readEnrollment } from './enroll/enrollment.ts'
import { settledKey } from './enroll/settled-key.ts'
import type { HostDescription } from './host.ts'
import type { SensorServer } from './sync/sensor-server.ts'

export interface MembershipNeeds {
  readonly dataDir: string
  readonly server: string
  readonly access: ServerAccess
  readonly namedDevice: NamedDevice | null
  readonly host: HostDescription
  readonly clock: Clock
  readonly log: Log
  /** The token as it is written down now, so that an edit counts without a restart. */
  readonly readToken: () => Secret | null
  readonly spendToken: () => void
  /** The server said no to this token for good. */
  readonly refuseToken?: (token: Secret) => void
}

type Refused = Exclude<EnrollVerdict['verdict'], 'enrolled' | 'enroll' | 'named'>

export type Membership =
  | { readonly is: 'member'; readonly enrollment: Enrollment }
  | {
      readonly is: 'outsider'
      readonly because: Refused | 'not_due' | 'unreached' | 'declined'
      readonly detail: string
    }

const sentences: Record<Refused, string> = {
  off: 'no server is configured',
  token_missing: 'this device is not enrolled and has no enrollmentToken',
  token_refused: 'the server refused this enrollmentToken; put a new one into the configuration',
  server_changed: 'this device is enrolled with another server; run: muster-agent reset',
  key_changed: 'the device key is not the one that was enrolled; run: muster-agent reset',
}

const outsider = (because: Refused): Membership => ({ is: 'outsider', because, detail: sentences[because] })

/** A server that says 401 refuses the token for good; any other answer may be different tomorrow. */
const isFinal = (code: string): boolean => code === 'enrollment_refused' || code === 'credential_invalid'

export const createMembership = (needs: MembershipNeeds) => {
  let refusedToken: string | null = null
  let failures = 0
  let notBeforeMs = 0
  let asking: SensorServer | null = null

  const attempt = async (token: Secret, key: DeviceKey): Promise<Membership> => {
    const { connectSensorServer } = await import('./sync/sensor-server.ts')
    const access = { ...needs.access, sensorToken: null }
    const sensors = connectSensorServer({ server: needs.server, access, identity: null })
    asking = sensors
    try {
      const enrolled = await enrollOnce({ ...needs, key }, token, sensors)
      if (enrolled.ok) {
        needs.spendToken()
        needs.log.info('device enrolled', { 'device.id': enrolled.value.deviceId })
        return { is: 'member', enrollment: enrolled.value }
      }
      const { code, detail } = enrolled.refusal
      if (isFinal(code)) {
        refusedToken = sha256Hex(token.reveal())
        needs.refuseToken?.(token)
      }
      needs.log.error('server declined the enrolment', { 'error.code': code })
      return { is: 'outsider', because: 'declined', detail: detail ?? code }
    } catch (err) {
      needs.log.warn('server not reached for enrolment', { err })
      return { is: 'outsider', because: 'unreached', detail: err instanceof Error ? err.message : String(err) }
    } finally {
      asking = null
      sensors.close()
    }
  }

  const attemptWhenDue = async (token: Secret, key: DeviceKey): Promise<Membership> => {
    if (performance.now() < notBeforeMs) return { is: 'outsider', because: 'not_due', detail: 'waiting to try again' }
    const membership = await attempt(token, key)
    if (membership.is === 'outsider') {
      failures += 1
      notBeforeMs = performance.now() + enrollDelayMs(failures)
    }
    return membership
  }

  return {
    /** Who this device is to the server, enrolling it if that is due; throws nothing for the network's sake. */
    async join(): Promise<Membership> {
      const token = needs.readToken()
      const key = settledKey(needs.dataDir)
      const decided = decideEnroll({
        server: needs.server,
        enrollment: readEnrollment(needs.dataDir),
        publicKeySha256: key.publicKeySha256,
        hasToken: token !== null,
        isTokenRefused: token !== null && refusedToken === sha256Hex(token.reveal()),
        isNamed: needs.namedDevice !== null,
      })
      if (decided.verdict === 'enrolled') {
        // A crash between the two writes left identity and token: the identity wins, the token goes.
        if (token !== null) needs.spendToken()
        return { is: 'member', enrollment: decided.enrollment }
      }
      if (decided.verdict === 'named' && needs.namedDevice !== null)
        return { is: 'member', enrollment: namedEnrollment(needs.server, needs.namedDevice, key.publicKeySha256) }
      if (decided.verdict === 'enroll' && token !== null) return attemptWhenDue(token, key)
      return outsider(decided.verdict === 'enroll' || decided.verdict === 'named' ? 'token_missing' : decided.verdict)
    },

    /** Ends the attempt that is on, if any. */
    end: (): void => asking?.close(),
  }
}

export type MembershipKeeper = ReturnType<typeof createMembership>
