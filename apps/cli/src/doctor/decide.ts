// What a look at the connection means for the person at the terminal: each check passes, warns or fails, with the fix.
// Looking is examine.ts.
import type { Role } from '@muster/contract'

export interface Check {
  readonly check: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** What to do; null when there is nothing to do. */
  readonly fix: string | null
}

export interface Transport {
  readonly isEncrypted: boolean
  readonly isExposed: boolean
  /** When the server's own certificate ends; null without TLS. */
  readonly certificateEndsMs: number | null
}

export type Standing =
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly sentence: string }
  | {
      readonly kind: 'known'
      readonly name: string
      readonly role: Role
      readonly tenantId: string
      /** Null for the whole tenant. */
      readonly groups: readonly string[] | null
      readonly endsMs: number | null
    }

const dayMs = 86_400_000
const soonMs = 14 * dayMs

const passed = (check: string, message: string): Check => ({ check, state: 'ok', message, fix: null })
const warned = (check: string, message: string, fix: string): Check => ({ check, state: 'warn', message, fix })
const failed = (check: string, message: string, fix: string): Check => ({ check, state: 'fail', message, fix })

const inDays = (spanMs: number): string => {
  const days = Math.floor(spanMs / dayMs)
  return days < 1 ? 'within a day' : `in ${days} day${days === 1 ? '' : 's'}`
}

export const judgeReach = (url: string, fault: string | null): Check =>
  fault === null
    ? passed('server', `${url} answers`)
    : failed('server', fault, 'start the server (`npm run up` in a checkout), or name another with --url')

export const judgeReadiness = (status: number, text: string): Check =>
  status === 200
    ? passed('ready', 'the server takes requests')
    : warned(
        'ready',
        `the server is not ready: ${text.trim().slice(0, 200) || status}`,
        'wait a moment; then look at its log and `muster-server doctor`',
      )

export const judgeTransport = ({ isEncrypted, isExposed, certificateEndsMs }: Transport, nowMs: number): Check => {
  if (isExposed)
    return failed(
      'transport',
      'the connection is not encrypted; others on the way can read the token',
      'use https, or a tunnel to the server',
    )
  if (!isEncrypted) return passed('transport', 'not encrypted, but it does not leave this machine')
  if (certificateEndsMs !== null && certificateEndsMs - nowMs < soonMs)
    return warned(
      'transport',
      `the server's certificate ends ${inDays(certificateEndsMs - nowMs)}`,
      'renew it on the server',
    )
  return passed('transport', 'encrypted, and the server is who it says it is')
}

export const judgeStanding = (standing: Standing, nowMs: number): Check => {
  if (standing.kind === 'missing')
    return failed(
      'token',
      'there is no token to show',
      'give --token or MUSTER_TOKEN, or add a context with `muster context add`',
    )
  if (standing.kind === 'refused')
    return failed('token', standing.sentence, 'get a new token from an admin (`muster operator create`)')
  const { name, role, tenantId, groups, endsMs } = standing
  const limit = groups === null ? '' : `, groups ${groups.join(', ') || '(none left)'} only`
  const who = `${name}, ${role} of tenant ${tenantId}${limit}`
  if (endsMs === null) return passed('token', who)
  if (endsMs - nowMs < soonMs)
    return warned(
      'token',
      `${who}; the token ends ${inDays(endsMs - nowMs)}`,
      'make a new one with `muster operator create`',
    )
  return passed('token', `${who}, until ${new Date(endsMs).toISOString().slice(0, 10)}`)
}

/** `serverMs` came in a header with a whole second's resolution. */
export const judgeClock = (serverMs: number, nowMs: number): Check => {
  const skewSeconds = Math.round((nowMs - serverMs) / 1000)
  const away = `this clock is ${Math.abs(skewSeconds)} s ${skewSeconds > 0 ? 'ahead of' : 'behind'} the server's`
  if (Math.abs(skewSeconds) > 300)
    return failed('clock', away, 'set the clock; certificates and times will not make sense')
  if (Math.abs(skewSeconds) > 30) return warned('clock', away, 'set the clock; times will look odd')
  return passed('clock', 'agrees with the server')
}

const seriesOf = (version: string): string => version.split('.').slice(0, 2).join('.')

export const judgeVersions = (own: string, servers: string): Check =>
  seriesOf(own) === seriesOf(servers)
    ? passed('versions', `muster ${own}, server ${servers}`)
    : warned('versions', `muster ${own}, server ${servers}`, 'use the muster that came with the server')
