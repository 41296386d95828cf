// A sensor backend for tests: real TLS, real routes, its own little memory, and levers for everything that can go wrong.
// The product's own server is proved in its rooms; here only the agent is.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BodyOf,
  decodePayload,
  type PayloadItem,
  type RefusalCode,
  type ReplyOf,
  type ReportedFinding,
  sensorRoutes,
} from '@muster/contract/device'
import { createGateway, type Gateway, type IdentifyDevice, serve, serveBytes } from '@muster/http'
import { certify, makeAuthority, makeServerLeaf, type TestAuthority, type TestLeaf } from '@muster/http/testing'
import { ok, refuse, sha256Hex } from '@muster/kernel'
import { scratchFolder } from './stores.ts'

type SyncBody = BodyOf<typeof sensorRoutes.sync>
type SyncReply = ReplyOf<typeof sensorRoutes.sync>

/** One event as it arrived. */
export interface Arrived {
  readonly eventId: string
  readonly deviceId: string
  readonly localSequence: number
  readonly kind: string
  readonly item: PayloadItem
}

export interface ArrivedFinding {
  readonly eventId: string
  readonly localSequence: number
  readonly kind: string
  readonly finding: ReportedFinding
}

export interface Levers {
  enrollRefusal: 'enrollment_refused' | 'rate_limited' | null
  deviceId: string
  protectedRefusal: RefusalCode | null
  /** The connection ends after the events were stored and before the answer is sent. */
  loseAnswers: number
  bundle: { generation: string; json: string } | null
  /** Whoever asks for the bundle meets a defect of the server. */
  isConfigBroken: boolean
  resnapshot: boolean
  /** How long certificates live that are issued from now on. */
  certificateDays: number
  renewRefusal: 'key_proof_invalid' | null
  isRenewalAsked: boolean
  /** Of the development mode; null when only certificates count. */
  sensorToken: string | null
  /** How many events of a batch are decided; the rest is left undecided. */
  decideAtMost: number
  /** Items of these names are refused for good. */
  rejectedNames: ReadonlySet<string>
}

const leafFor = ({ authority, levers }: World, publicKeyPem: string) =>
  certify(authority, publicKeyPem, { name: 'device', notAfterMs: Date.now() + levers.certificateDays * 86_400_000 })

const arrivedOf = (event: unknown): Arrived | ArrivedFinding => {
  const said = event as Record<string, string> & { localSequence: number }
  const bytes = Buffer.from(said['payload'] ?? '', 'base64')
  if (sha256Hex(bytes) !== said['payloadHash']) throw new Error('the hash does not fit the payload')
  const payload = decodePayload(bytes)
  if (!payload.ok) throw new Error('not a payload')
  const { eventId = '', deviceId = '', kind = '' } = said
  const envelope = { eventId, deviceId, kind, localSequence: said.localSequence }
  return payload.value.body === 'finding'
    ? { ...envelope, finding: payload.value.finding }
    : { ...envelope, item: payload.value.item }
}

interface Heard {
  readonly enrollments: BodyOf<typeof sensorRoutes.enroll>[]
  readonly renewals: BodyOf<typeof sensorRoutes.renew>[]
  readonly configs: BodyOf<typeof sensorRoutes.config>[]
  readonly checkIns: BodyOf<typeof sensorRoutes.checkIn>[]
  readonly syncs: SyncBody[]
  refused: number
  /** Of each sentence that carried one. */
  readonly sensorTokens: string[]
  /** Each stored event once, in the order of arrival. */
  readonly events: Map<string, Arrived>
  readonly findings: Map<string, ArrivedFinding>
}

interface World {
  readonly authority: TestAuthority
  readonly levers: Levers
  readonly heard: Heard
  /** Tells whoever waits that something was heard. */
  readonly changed: () => void
}

const createWorld = (authority: TestAuthority, changed: () => void): World => ({
  authority,
  changed,
  levers: {
    enrollRefusal: null,
    deviceId: 'dev_1',
    protectedRefusal: null,
    loseAnswers: 0,
    bundle: null,
    isConfigBroken: false,
    resnapshot: false,
    certificateDays: 5 * 365,
    renewRefusal: null,
    isRenewalAsked: false,
    sensorToken: null,
    decideAtMost: Number.POSITIVE_INFINITY,
    rejectedNames: new Set(),
  },
  heard: {
    enrollments: [],
    renewals: [],
    configs: [],
    checkIns: [],
    syncs: [],
    refused: 0,
    sensorTokens: [],
    events: new Map(),
    findings: new Map(),
  },
})

/** `reported` is the generation the agent named, null on a route where it names none. */
const hints = ({ levers }: World, reported: string | null) => {
  const generation = levers.bundle?.generation ?? ''
  const resnapshot = levers.resnapshot
  levers.resnapshot = false
  return {
    serverTime: new Date().toISOString(),
    configGeneration: reported !== null && levers.bundle === null ? reported : generation,
    configUpdateAvailable: reported !== null && levers.bundle !== null && reported !== generation,
    fullResnapshotRequested: resnapshot,
  }
}

const store = (world: World, body: SyncBody): SyncReply => {
  const { heard, levers } = world
  const isRejected = (arrived: Arrived | ArrivedFinding): boolean =>
    'item' in arrived && levers.rejectedNames.has(arrived.item.name)
  const decided = body.events.slice(0, levers.decideAtMost).map(arrivedOf)
  const rejectedEvents = decided.filter(isRejected).map(({ eventId, localSequence }) => ({
    eventId,
    localSequence,
    code: 'invalid_payload' as const,
    message: 'odd\u001b[2J',
  }))
  const acceptedEvents = decided
    .filter((arrived) => !isRejected(arrived))
    .map((arrived) => {
      const { eventId, localSequence } = arrived
      const duplicate = heard.events.has(eventId) || heard.findings.has(eventId)
      if ('finding' in arrived) heard.findings.set(eventId, arrived)
      else heard.events.set(eventId, arrived)
      return { eventId, localSequence, duplicate }
    })
  const nothingElse = { acceptedThroughLocalSequence: 0, maxBatchBytes: 0, maxBatchEvents: 0 }
  return { ...hints(world, null), ...nothingElse, acceptedEvents, rejectedEvents, retryAfterSeconds: 1 }
}

const serveEnroll = (world: World) =>
  serve(sensorRoutes.enroll, async ({ body }) => {
    const { levers, heard, changed } = world
    heard.enrollments.push(body)
    changed()
    if (levers.enrollRefusal !== null) return refuse(levers.enrollRefusal)
    const certificate = await leafFor(world, Buffer.from(body.publicKey, 'base64').toString())
    return ok({
      tenantId: 'default',
      deviceId: levers.deviceId,
      clientCertificate: Buffer.from(certificate.toString('pem')).toString('base64'),
      certificateExpiresAt: certificate.notAfter.toISOString(),
    })
  })

const serveRenew = (world: World) =>
  serve(sensorRoutes.renew, async ({ body }) => {
    const { levers, heard, changed } = world
    heard.renewals.push(body)
    changed()
    if (levers.renewRefusal !== null) return refuse(levers.renewRefusal)
    const certificate = await leafFor(world, Buffer.from(body.publicKey, 'base64').toString())
    return ok({
      clientCertificate: Buffer.from(certificate.toString('pem')).toString('base64'),
      certificateExpiresAt: certificate.notAfter.toISOString(),
    })
  })

const serveConfig = ({ levers, heard, changed }: World) =>
  serve(sensorRoutes.config, ({ body }) => {
    heard.configs.push(body)
    changed()
    if (levers.isConfigBroken) throw new Error('the bundle cannot be had')
    const { generation = '', json = '' } = levers.bundle ?? {}
    return ok({ generation, configJson: Buffer.from(json).toString('base64'), signature: '' as const })
  })

const serveCheckIn = (world: World) =>
  serve(sensorRoutes.checkIn, ({ body }) => {
    world.heard.checkIns.push(body)
    world.changed()
    return ok({ ...hints(world, body.activeConfigGeneration), certificateRenewalRequired: world.levers.isRenewalAsked })
  })

const serveSync = (world: World) =>
  serveBytes(sensorRoutes.sync, ({ body: bytes }) => {
    const body = JSON.parse(Buffer.from(bytes).toString()) as SyncBody
    const reply = store(world, body)
    world.heard.syncs.push(body)
    world.changed()
    if (world.levers.loseAnswers === 0) return ok(reply)
    world.levers.loseAnswers -= 1
    throw new Error('the answer is lost')
  })

const identifyDevice =
  ({ levers, heard, changed }: World): IdentifyDevice =>
  (peer, headers) => {
    const token = headers['x-koban-sensor-token']
    if (token !== undefined) heard.sensorTokens.push(String(token))
    if (levers.sensorToken !== null && token === levers.sensorToken) return ok('named')
    if (peer?.authorized !== true) return refuse('certificate_missing')
    if (levers.protectedRefusal === null) return ok(peer.fingerprint256Hex)
    heard.refused += 1
    changed()
    return refuse(levers.protectedRefusal)
  }

const openGateway = async (world: World, leaf: TestLeaf, port: number): Promise<Gateway> =>
  createGateway({
    listen: { host: '127.0.0.1', port },
    tls: { cert: leaf.certPem, key: leaf.keyPem, ca: [world.authority.certPem] },
    served: [serveEnroll(world), serveRenew(world), serveConfig(world), serveCheckIn(world), serveSync(world)],
    identifyDevice: identifyDevice(world),
    checkReplies: true,
  })

/** The inventory as the events tell it, in the order of their numbers. */
const folded = ({ heard }: World): readonly string[] => {
  const held = new Map<string, string>()
  for (const { kind, item } of [...heard.events.values()].toSorted((a, b) => a.localSequence - b.localSequence)) {
    if (kind === 'removed') held.delete(item.itemId)
    else held.set(item.itemId, `${item.name}@${item.version}`)
  }
  return [...held.values()].toSorted()
}

export const startBackend = async () => {
  let waiting = Promise.withResolvers<void>()
  const world = createWorld(await makeAuthority(), () => setImmediate(() => waiting.resolve()))
  const leaf = await makeServerLeaf(world.authority)
  const caFile = join(scratchFolder(), 'ca.pem')
  writeFileSync(caFile, world.authority.certPem)
  let gateway = await openGateway(world, leaf, 0)
  const { port } = gateway
  return {
    url: `https://127.0.0.1:${port}`,
    caFile,
    access: { caFile, isCaOnly: true, proxy: null, sensorToken: null },
    levers: world.levers,
    heard: world.heard,
    inventory: () => folded(world),
    /** Waits for a state, looking again after everything that is heard. */
    until: async (holds: () => boolean): Promise<void> => {
      while (!holds()) {
        await waiting.promise
        waiting = Promise.withResolvers()
      }
    },
    hangUp: () => gateway.close(0),
    comeBack: async (): Promise<void> => {
      gateway = await openGateway(world, leaf, port)
    },
  }
}

export type Backend = Awaited<ReturnType<typeof startBackend>>
