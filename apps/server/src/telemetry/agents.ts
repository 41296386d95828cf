// Agents at the gateway: who one is by what it shows, how it comes in, and what follows from its heartbeats.
// The rules of each are identity's and the telemetry plane's; they meet here because planes and identity do not know each other.
import { DEFAULT_TENANT_ID, exchange, rotateCertificate } from '@muster/contract'
import { type IdentifyAgent, type Peer, repliedAs, type Said, type Served, serve } from '@muster/http'
import type { Identity, KnownAgent } from '@muster/identity'
import { type Clock, type Log, ok } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import {
  type BoundAgent,
  type CertificateOwner,
  type Credential,
  createIdentifyAgent,
  createTelemetry,
  type HeartbeatOutcome,
  type Telemetry,
} from '@muster/telemetry'
import type { LegalHolds } from '../legal-hold/legal-hold.ts'
import type { Metrics } from '../metrics.ts'

export interface AgentNeeds {
  readonly storage: Storage
  readonly identity: Identity
  readonly metrics: Pick<Metrics, 'heartbeat'>
  readonly holds: LegalHolds['active']
  readonly clock: Clock
  readonly log: Log
}

const bearerForm = /^Bearer +([\x21-\x7e]{1,8192})$/i
const usualScheme = 'Bearer '

/** An operator is known here too, if only to be told that this is no place for people (telemetry 8.3). */
const readCredential =
  ({ serviceTokens, operators }: Identity) =>
  (authorization: string | undefined): Credential | Promise<Credential> => {
    if (authorization === undefined || authorization === '') return { kind: 'none' }
    // The form of a token that is known need not be looked at.
    const recalled = authorization.startsWith(usualScheme)
      ? serviceTokens.recall(authorization.slice(usualScheme.length))
      : undefined
    if (typeof recalled === 'object') return { kind: 'service', claims: recalled }
    const token = bearerForm.exec(authorization)?.[1]
    if (token === undefined) return { kind: 'unreadable', code: 'credential_invalid' }
    const toCredential = (read: Awaited<ReturnType<typeof serviceTokens.read>>): Credential | undefined => {
      if (typeof read === 'object') return { kind: 'service', claims: read }
      if (read === 'not_service_account') return { kind: 'person' }
      return read === 'credential_invalid' ? undefined : { kind: 'unreadable', code: read }
    }
    const orPerson = async (read: Awaited<ReturnType<typeof serviceTokens.read>>): Promise<Credential> => {
      const found = toCredential(read)
      if (found !== undefined) return found
      const operator = await operators.identify(authorization, '')
      return operator.ok ? { kind: 'person' } : { kind: 'unreadable', code: 'credential_invalid' }
    }
    const read = serviceTokens.read(token)
    if (read instanceof Promise) return read.then(orPerson)
    return toCredential(read) ?? orPerson(read)
  }

const ownerOf =
  ({ directory, agents }: Identity, clock: Clock) =>
  ({ fingerprint256Hex, authorized }: Peer): CertificateOwner => {
    const known = authorized ? directory.byFingerprint(fingerprint256Hex) : undefined
    const counts = known !== undefined && !known.revoked && known.expiresMs > clock.nowMs()
    const agent = counts ? agents.byDevice(known.device.deviceNo) : undefined
    return agent ?? 'foreign'
  }

export const identifyAgentOf = ({ identity, clock }: Pick<AgentNeeds, 'identity' | 'clock'>): IdentifyAgent =>
  createIdentifyAgent<KnownAgent>(
    {
      agentOf: identity.agents.byId,
      readCredential: readCredential(identity),
      ownerOf: ownerOf(identity, clock),
      modeOf: (tenantId) => identity.settings.agentsOf(tenantId).authMode,
      noteRefusal: identity.noteRefusal,
    },
    DEFAULT_TENANT_ID,
  )

/** What a machine says of itself, when it said something new; its clock each time. */
const saidOf = ({ described, clockSkewSeconds }: HeartbeatOutcome) =>
  described === null
    ? { clockSkewSeconds }
    : {
        clockSkewSeconds,
        hostname: described.hostname,
        osFamily: described.osFamily,
        osVersion: described.osVersion,
        agentVersion: described.agentVersion,
        ...(described.capabilities === null ? {} : { capabilities: described.capabilities }),
      }

export const openTelemetry = ({
  storage,
  identity,
  metrics,
  holds,
  clock,
  log,
}: AgentNeeds): Promise<Telemetry<KnownAgent>> => {
  const { agents, settings } = identity
  return createTelemetry<KnownAgent>({
    storage,
    hear: identity.hear,
    onHeard(agent, outcome, atMs, requestId) {
      const noted = agents.heard(agent, atMs, saidOf(outcome))
      const activate = () => (agent.state === 'enrolled' ? agents.activate(agent, requestId) : undefined)
      return noted === undefined ? activate() : noted.then(activate)
    },
    renewToken: agents.renewedToken,
    isLenient: (tenantId) => settings.agentsOf(tenantId).heartbeatStrictness === 'lenient',
    noteRefusal: identity.noteRefusal,
    onTaken: ({ isDuplicate, secretCount }) => metrics.heartbeat(isDuplicate ? 'duplicate' : 'stored', secretCount),
    holds,
    clock,
    log,
  })
}

/** How an agent comes in, and how it stays in; its heartbeats are the telemetry plane's. */
export const serveAgents = (identity: Identity): readonly Served<BoundAgent<KnownAgent>>[] => [
  serve<typeof exchange, BoundAgent<KnownAgent>>(exchange, async ({ body, ip, requestId }) => {
    const exchanged = await identity.exchange({ body, ip, requestId })
    if (!exchanged.ok) return exchanged
    const { status, reply } = exchanged.value
    return ok(status === exchange.status ? reply : repliedAs(status, reply))
  }),
  serve<typeof rotateCertificate, BoundAgent<KnownAgent>>(
    rotateCertificate,
    ({ speaker, body, ip, requestId }: Said<typeof rotateCertificate, BoundAgent<KnownAgent>>) =>
      identity.rotate({ agent: speaker.agent, body, ip, requestId }),
  ),
]
