// Rules of an enrolment token: its defaults, its status, what to warn of, what to tell the person holding it.
// Spending one is decided in enroll/.
import { PLANES, type Plane, type TokenStatus } from '@muster/contract'

/** One use within 24 hours unless told otherwise (fleet-product 4). */
export const tokenDefaults: { maxUses: number; expiresInSeconds: number; planes: readonly Plane[] } = {
  maxUses: 1,
  expiresInSeconds: 24 * 3600,
  planes: PLANES,
}

/** How long a token may live (telemetry 3.1). */
export const lifeBounds = { minSeconds: 5 * 60, maxSeconds: 90 * 24 * 3600 } as const

export interface TokenFacts {
  readonly revokedMs: number | null
  readonly expiresMs: number
  readonly useCount: number
  readonly maxUses: number
}

export const tokenStatus = (token: TokenFacts, nowMs: number): TokenStatus => {
  if (token.revokedMs !== null) return 'revoked'
  if (token.expiresMs <= nowMs) return 'expired'
  if (token.useCount >= token.maxUses) return 'exhausted'
  return 'active'
}

const unattendedSeconds = 72 * 3600

/** Sensors try only at launch, on a config edit or on a reset (sensor-protocol 4.3). */
export const tokenWarnings = (token: { maxUses: number; expiresInSeconds: number }): readonly string[] =>
  token.maxUses > 1 && token.expiresInSeconds < unattendedSeconds
    ? [
        'Machines enrol only when their agent starts. This token ends in less than 72 hours: ' +
          'one that is not restarted until then stays out.',
      ]
    : []

const quoted = (text: string): string => JSON.stringify(text)

/** A JSON string is a YAML string, whatever is in it. */
export const agentFile = (gatewayUrl: string, rawToken: string): string =>
  [
    '# Put this in place before the agent starts for the first time: only then is its first inventory complete.',
    '# agent.yaml',
    `server: ${quoted(gatewayUrl)}`,
    '# serverCA: ca.pem   # when the fleet authority issued the gateway certificate; served as /ca.pem by the API',
    `enrollmentToken: ${quoted(rawToken)}`,
    '',
    '# Or, for a Koban agent, in ~/.config/koban/koban.yaml:',
    '# sync:',
    '#   enabled: true',
    `#   endpoint: ${quoted(gatewayUrl)}`,
    `#   enrollmentToken: ${quoted(rawToken)}`,
    '',
  ].join('\n')
