// The API listener: operators' routes, and pages beside them; who may speak is asked of identity, and refusals are noted.
// Sockets, checking and rates are the http edge's.
import { readFile } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { type Capability, credentialMay, DEFAULT_TENANT_ID, type RefusalCode } from '@muster/contract'
import {
  type Api,
  type ApiTls,
  createApi,
  type DeviceKnock,
  type Page,
  type ReplyMemory,
  readSessionCookie,
  type Served,
  type Site,
} from '@muster/http'
import { type Identity, isCsrfToken, type KnownOperator } from '@muster/identity'
import { type Clock, type Log, type Result, refuse } from '@muster/kernel'
import type { Metrics } from '../metrics.ts'
import { PlainFault } from '../plain-fault.ts'
import type { Settings } from '../settings/table.ts'
import { excuseOf } from './excuse.ts'
import { listenFault } from './fault.ts'
import { serveWithinTenant } from './tenant.ts'

export interface ApiNeeds {
  readonly settings: Settings
  readonly identity: Identity
  readonly served: readonly Served<KnownOperator>[]
  readonly pages: readonly Page[]
  readonly site: Site
  readonly replyMemory: ReplyMemory
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  readonly checkReplies: boolean
}

const readTls = async ({ settings, identity }: ApiNeeds): Promise<ApiTls | undefined> => {
  const { apiCert, apiKey } = settings
  if (apiCert === undefined || apiKey === undefined) return undefined
  try {
    const [cert, key] = await Promise.all([readFile(apiCert, 'utf8'), readFile(apiKey, 'utf8')])
    return { cert, key, deviceAuthorities: identity.authority.trustedPems() }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new PlainFault(`--api-cert ${apiCert}: cannot be used: ${why}`, 1, { cause })
  }
}

/** A credential of its own counts before a cookie that the browser added; a write by cookie has to show its token. */
const identify = async (
  { operators, sessions }: Identity,
  headers: IncomingHttpHeaders,
  ip: string,
  isWrite: boolean,
): Promise<Result<KnownOperator, RefusalCode>> => {
  const cookie = headers.authorization === undefined ? readSessionCookie(headers) : undefined
  if (cookie === undefined) return operators.identify(headers.authorization, ip)
  const known = await sessions.identify(cookie, ip)
  if (!known.ok || !isWrite) return known
  return isCsrfToken(String(headers['x-muster-csrf']), known.value) ? known : refuse('request_forged')
}

const createDoorkeeper = ({ identity }: ApiNeeds) => ({
  async identifyOperator(headers: IncomingHttpHeaders, ip: string, isWrite: boolean) {
    const operator = await identify(identity, headers, ip, isWrite)
    if (!operator.ok && operator.refusal.code === 'credential_invalid') {
      identity.noteRefusal({
        tenantId: DEFAULT_TENANT_ID,
        actor: { type: 'operator', id: 'unknown', ip },
        attempted: 'sign in',
        code: operator.refusal.code,
        requestId: '',
      })
    }
    return operator
  },
  mayOperator(operator: KnownOperator, capability: Capability): boolean {
    if (credentialMay(operator, capability)) return true
    identity.noteRefusal({
      tenantId: operator.tenantId,
      actor: { type: 'operator', id: operator.operatorId, displayName: operator.name },
      attempted: capability,
      code: 'role_insufficient',
      requestId: '',
    })
    return false
  },
  keyOf: (operator: KnownOperator): string => operator.tokenId ?? `${operator.tenantId} ${operator.operatorId}`,
})

const noteKnock = (identity: Identity, { fingerprint256Hex, ip, requestId }: DeviceKnock): void => {
  const known = identity.directory.byFingerprint(fingerprint256Hex)
  identity.noteRefusal({
    tenantId: known?.device.tenantId ?? DEFAULT_TENANT_ID,
    actor: { type: 'device', id: known?.device.deviceId ?? 'unknown', ip },
    attempted: 'operator API',
    code: 'device_credential_refused',
    requestId,
  })
}

/** A device certificate is recognised here, and refused, by the authorities there are now. */
const keepTrust = (api: Api, tls: ApiTls, { authority }: Identity): Api => {
  const stop = authority.onChange(() => api.setTrust({ ...tls, deviceAuthorities: authority.trustedPems() }))
  const close: Api['close'] = (deadlineMs) => {
    stop()
    return api.close(deadlineMs)
  }
  return { ...api, close }
}

export const openApi = async (needs: ApiNeeds): Promise<Api> => {
  const { settings, identity, served, pages, site, replyMemory, metrics, clock, log, checkReplies } = needs
  const tls = await readTls(needs)
  try {
    const api = await createApi<KnownOperator>({
      listen: settings.api,
      ...(tls === undefined ? {} : { tls }),
      ...createDoorkeeper(needs),
      served: served.map(serveWithinTenant),
      pages,
      site,
      replyMemory,
      excuseOf,
      onDeviceCredential: (knock) => noteKnock(identity, knock),
      onMeasure: (route, status, code, seconds) => metrics.exchange({ listener: 'api', route, status, code, seconds }),
      clock,
      log,
      checkReplies,
    })
    return tls === undefined ? api : keepTrust(api, tls, identity)
  } catch (fault) {
    throw listenFault('--api', settings.api, fault)
  }
}
