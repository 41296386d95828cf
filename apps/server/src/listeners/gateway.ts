// The gateway: where devices call. Which certificate it shows, whom it trusts, and which routes it answers.
// Sockets are the http edge's; who a device is, identity's; what sensors say, the observe plane's.
import { type BodyOf, DEFAULT_TENANT_ID, enroll, renew } from '@muster/contract'
import {
  createGateway,
  createHandOver,
  type Gateway,
  type GatewayTls,
  type IdentifyDevice,
  type Said,
  type Served,
  serve,
} from '@muster/http'
import type { DeviceSpeaker, Identity, KnownAgent, ServerCertificate, ServerCertificateSource } from '@muster/identity'
import type { Clock, Log } from '@muster/kernel'
import type { BoundAgent } from '@muster/telemetry'
import type { Metrics } from '../metrics.ts'
import { PlainFault } from '../plain-fault.ts'
import type { Settings } from '../settings/table.ts'
import { identifyAgentOf, serveAgents } from '../telemetry/agents.ts'
import { excuseOf } from './excuse.ts'
import { listenFault } from './fault.ts'

export interface GatewayNeeds {
  readonly settings: Settings
  readonly identity: Identity
  readonly sensorRoutes: readonly Served<DeviceSpeaker>[]
  readonly agentRoutes: readonly Served<BoundAgent<KnownAgent>>[]
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  readonly checkReplies: boolean
}

const sourceOf = ({ gatewayCert, gatewayKey, gatewayNames }: Settings): ServerCertificateSource =>
  gatewayCert !== undefined && gatewayKey !== undefined
    ? { kind: 'files', keyFile: gatewayKey, certificateFile: gatewayCert }
    : { kind: 'issued', hosts: gatewayNames }

const loadCertificate = async ({ identity, settings }: GatewayNeeds): Promise<ServerCertificate> => {
  try {
    return await identity.serverCertificate(sourceOf(settings))
  } catch (cause) {
    if (settings.gatewayCert === undefined || !(cause instanceof Error)) throw cause
    const why = cause.cause instanceof Error ? cause.cause.message : cause.message
    throw new PlainFault(`--gateway-cert ${settings.gatewayCert}: cannot be used: ${why}`, 1, { cause })
  }
}

const serveEnroll = (identity: Identity): Served<never> =>
  serve(enroll, ({ body, ip, requestId }: Said<typeof enroll, never, BodyOf<typeof enroll>>) =>
    identity.enroll({ body, ip, requestId }),
  )

const serveRenew = (identity: Identity): Served<DeviceSpeaker> =>
  serve<typeof renew, DeviceSpeaker>(renew, ({ speaker, body, ip, requestId }) =>
    identity.renew({ speaker, body, ip, requestId }),
  )

/** An operator's credential opens nothing here, and its bearer is put on record (fleet-product 19, Access). */
const noteOperator = async (identity: Identity, authorization: string, code: string): Promise<void> => {
  const known = await identity.operators.identify(authorization, '')
  identity.noteRefusal({
    tenantId: known.ok ? known.value.tenantId : DEFAULT_TENANT_ID,
    actor: known.ok
      ? { type: 'operator', id: known.value.operatorId, displayName: known.value.name }
      : { type: 'operator', id: 'unknown' },
    attempted: 'sensor routes',
    code,
    requestId: '',
  })
}

const createIdentifyDevice = (identity: Identity): IdentifyDevice => {
  const identifyAndNote = async (...[peer, headers]: Parameters<IdentifyDevice>) => {
    const known = await identity.identifyDevice(peer, headers)
    if (!known.ok) await noteOperator(identity, headers.authorization ?? '', known.refusal.code)
    return known
  }
  return (peer, headers) =>
    headers.authorization === undefined ? identity.identifyDevice(peer, headers) : identifyAndNote(peer, headers)
}

/** Keeps the listener on the newest certificate and the present set of authorities. */
const keepTrust = (gateway: Gateway, certificate: ServerCertificate, needs: GatewayNeeds, tls: () => GatewayTls) => {
  const renew = (): void => gateway.setTrust(tls())
  const stops = [certificate.onChange(renew), needs.identity.authority.onChange(renew)]
  return () => {
    for (const stop of stops) stop()
  }
}

/** What the listener shows and trusts, now and whenever either changes; null for plain HTTP. */
const createTrust = async (needs: GatewayNeeds) => {
  if (needs.settings.gatewayTls === 'off') return null
  const certificate = await loadCertificate(needs)
  const tls = (): GatewayTls => {
    const { certificatePem, key } = certificate.current()
    return { cert: certificatePem, key: key.reveal(), ca: needs.identity.authority.trustedPems() }
  }
  return { tls, keep: (gateway: Gateway) => keepTrust(gateway, certificate, needs, tls) }
}

/** Proxies that may speak for devices; they are held against the authorities there are now. */
const createProxies = ({ settings, identity, clock }: GatewayNeeds) => {
  const { gatewayProxies: proxies, gatewayProxyHeader: header } = settings
  if (proxies === undefined) return null
  const handOver = createHandOver({ proxies, header, clock })
  const renew = (): void => handOver.setAuthorities(identity.authority.trustedPems())
  renew()
  return { handOver, stop: identity.authority.onChange(renew) }
}

export const openGateway = async (needs: GatewayNeeds): Promise<Gateway> => {
  const { settings, identity, metrics, clock, log, checkReplies } = needs
  const trust = await createTrust(needs)
  const proxies = createProxies(needs)
  const ofSensors = [serveEnroll(identity), serveRenew(identity), ...needs.sensorRoutes]
  const served = [...ofSensors, ...serveAgents(identity), ...needs.agentRoutes] as readonly Served<unknown>[]
  const gateway = await createGateway({
    listen: settings.gateway,
    tls: trust === null ? 'plain' : trust.tls(),
    served,
    identifyDevice: createIdentifyDevice(identity),
    identifyAgent: identifyAgentOf(needs),
    ...(proxies !== null && { handOver: proxies.handOver }),
    excuseOf,
    onMeasure: (route, status, code, seconds) =>
      metrics.exchange({ listener: 'gateway', route, status, code, seconds }),
    clock,
    log,
    checkReplies,
  }).catch((fault: unknown) => {
    proxies?.stop()
    throw listenFault('--gateway', settings.gateway, fault)
  })
  const stop = trust?.keep(gateway)
  return {
    ...gateway,
    close: (deadlineMs) => {
      stop?.()
      proxies?.stop()
      return gateway.close(deadlineMs)
    },
  }
}
