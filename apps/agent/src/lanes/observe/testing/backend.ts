// A sensor backend for tests: real TLS, real routes, its own little memory, and levers for everything that can go wrong.
// The product's own server is proved in its rooms; here only the agent is.
import { createPublicKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import 'reflect-metadata'
import {
  type BodyOf,
  decodePayload,
  type PayloadItem,
  type RefusalCode,
  type ReplyOf,
  sensorRoutes,
} from '@muster/contract'
import { createGateway, serve, serveBytes } from '@muster/http'
import { makeAuthority, makeServerLeaf, type TestAuthority } from '@muster/http/testing'
import { ok, refuse, sha256Hex } from '@muster/kernel'
import * as x509 from '@peculiar/x509'
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

export interface Levers {
  enrollRefusal: RefusalCode | null
  deviceId: string
  protectedRefusal: RefusalCode | null
  /** The connection ends after the events were stored and before the answer is sent. */
  loseAnswers: number
  bundle: { generation: string; json: string } | null
  resnapshot: boolean
  /** How many events of a batch are decided; the rest is left undecided. */
  decideAtMost: number
}

const leafFor = async (authority: TestAuthority, publicKeyPem: string): Promise<x509.X509Certificate> =>
  x509.X509CertificateGenerator.create({
    serialNumber: Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex'),
    subject: 'CN=device',
    issuer: authority.certificate.subject,
    notBefore: new Date(Date.now() - 300_000),
    notAfter: new Date(Date.now() + 5 * 365 * 86_400_000),
    signingKey: authority.keys.privateKey,
    publicKey: new x509.PublicKey(publicKeyPem),
    signingAlgorithm: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ],
  })

const arrivedOf = (event: unknown): Arrived => {
  const said = event as Record<string, string> & { localSequence: number }
  const bytes = Buffer.from(said['payload'] ?? '', 'base64')
  if (sha256Hex(bytes) !== said['payloadHash']) throw new Error('the hash does not fit the payload')
  const payload = decodePayload(bytes)
  if (!payload.ok || payload.value.body !== 'inventoryItem') throw new Error('not an inventory item')
  const { eventId = '', deviceId = '', kind = '' } = said
  return { eventId, deviceId, kind, localSequence: said.localSequence, item: payload.value.item }
}

export const startBackend = async () => {
  const authority = await makeAuthority()
  const leaf = await makeServerLeaf(authority)
  const caFile = join(scratchFolder(), 'ca.pem')
  writeFileSync(caFile, authority.certPem)
  const levers: Levers = {
    enrollRefusal: null,
    deviceId: 'dev_1',
    protectedRefusal: null,
    loseAnswers: 0,
    bundle: null,
    resnapshot: false,
    decideAtMost: Number.POSITIVE_INFINITY,
  }
  const heard = {
    enrollments: [] as BodyOf<typeof sensorRoutes.enroll>[],
    configs: [] as BodyOf<typeof sensorRoutes.config>[],
    checkIns: [] as BodyOf<typeof sensorRoutes.checkIn>[],
    syncs: [] as SyncBody[],
    refused: 0,
    /** Each stored event once, in the order of arrival, as (device, event id) decides. */
    events: new Map<string, Arrived>(),
  }
  let watchers: (() => void)[] = []
  const changed = (): void => {
    setImmediate(() => {
      for (const look of watchers) look()
    })
  }

  const hints = (reported: string | null) => {
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

  const store = (body: SyncBody): SyncReply => {
    const arrived = body.events.slice(0, levers.decideAtMost).map(arrivedOf)
    const acceptedEvents = arrived.map((event) => {
      const duplicate = heard.events.has(event.eventId)
      heard.events.set(event.eventId, event)
      return { eventId: event.eventId, localSequence: event.localSequence, duplicate }
    })
    return {
      ...hints(null),
      acceptedThroughLocalSequence: 0,
      acceptedEvents,
      rejectedEvents: [],
      retryAfterSeconds: 1,
      maxBatchBytes: 0,
      maxBatchEvents: 0,
    }
  }

  const enroll = serve(sensorRoutes.enroll, async ({ body }) => {
    heard.enrollments.push(body)
    changed()
    if (levers.enrollRefusal !== null) return refuse(levers.enrollRefusal as 'enrollment_refused')
    const pem = Buffer.from(body.publicKey, 'base64').toString()
    createPublicKey(pem)
    const certificate = await leafFor(authority, pem)
    return ok({
      tenantId: 'default',
      deviceId: levers.deviceId,
      clientCertificate: Buffer.from(certificate.toString('pem')).toString('base64'),
      certificateExpiresAt: certificate.notAfter.toISOString(),
    })
  })
  const config = serve(sensorRoutes.config, ({ body }) => {
    heard.configs.push(body)
    changed()
    const { generation = '', json = '' } = levers.bundle ?? {}
    return ok({ generation, configJson: Buffer.from(json).toString('base64'), signature: '' as const })
  })
  const checkIn = serve(sensorRoutes.checkIn, ({ body }) => {
    heard.checkIns.push(body)
    changed()
    return ok({ ...hints(body.activeConfigGeneration), certificateRenewalRequired: false })
  })
  const sync = serveBytes(sensorRoutes.sync, ({ body: bytes }) => {
    const body = JSON.parse(Buffer.from(bytes).toString()) as SyncBody
    const reply = store(body)
    heard.syncs.push(body)
    changed()
    if (levers.loseAnswers > 0) {
      levers.loseAnswers -= 1
      throw new Error('the answer is lost')
    }
    return ok(reply)
  })

  const open = (port: number) =>
    createGateway({
      listen: { host: '127.0.0.1', port },
      tls: { cert: leaf.certPem, key: leaf.keyPem, ca: [authority.certPem] },
      served: [enroll, config, checkIn, sync],
      identifyDevice: (peer) => {
        if (peer?.authorized !== true) return refuse('certificate_missing')
        if (levers.protectedRefusal === null) return ok(peer.fingerprint256Hex)
        heard.refused += 1
        changed()
        return refuse(levers.protectedRefusal)
      },
      checkReplies: true,
    })
  let gateway = await open(0)
  const { port } = gateway

  return {
    url: `https://127.0.0.1:${port}`,
    caFile,
    levers,
    heard,
    /** The current inventory as the events tell it. */
    inventory: (): readonly string[] => {
      const held = new Map<string, string>()
      for (const { kind, item } of [...heard.events.values()].toSorted((a, b) => a.localSequence - b.localSequence)) {
        if (kind === 'removed') held.delete(item.itemId)
        else held.set(item.itemId, `${item.name}@${item.version}`)
      }
      return [...held.values()].toSorted()
    },
    /** Waits for a state, looking again after everything that is heard. */
    until: async (holds: () => boolean): Promise<void> => {
      while (!holds()) {
        await new Promise<void>((resolve) => watchers.push(resolve))
        watchers = []
      }
    },
    hangUp: () => gateway.close(0),
    comeBack: async (): Promise<void> => {
      gateway = await open(port)
    },
  }
}

export type Backend = Awaited<ReturnType<typeof startBackend>>
