// The published macOS agent as a client made by hand: what it sends, what it decodes, what it does about it
// (sensor-protocol 1 to 7, 10, 13, 14). It follows the published tables, not our contract, and keeps the agent's defects.
import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { decodeBundle } from './sensor-bundle.ts'
import { writeJson } from './sensor-json.ts'
import { createOutbox, defaultOutboxLimits, type Outbox, type OutboxLimits, type QueuedEvent } from './sensor-outbox.ts'
import { decodeReply, type ReplyBody, type RouteName } from './sensor-replies.ts'
import { type Credential, createUrlSession, type SessionReply, type UrlSession } from './url-session.ts'

export interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

export interface SensorSettings {
  /** `sync.endpoint`: may carry a path, a trailing slash and a query. */
  readonly endpoint: string
  readonly ca: string
  /** `sync.enrollmentToken`. */
  readonly enrollmentToken?: string
  /** `sync.sensorToken`, sent as a header whenever it is set, beside a certificate too. */
  readonly sensorToken?: string
  /** The key of an earlier life: resets and reinstallations keep the keychain. */
  readonly keys?: KeyPair
  readonly hostname?: string
  readonly osVersion?: string
  readonly hardwareModel?: string
  readonly limits?: Partial<OutboxLimits>
  /** A build that does not decode the bundles it is given. */
  readonly refusesBundles?: boolean
}

/** What is kept beside the database, as JSON. */
export interface SavedState {
  readonly tenantId: string
  readonly deviceId: string
  readonly certificate: Buffer
  readonly certificateExpiresAt: string
  readonly generation: string | null
}

export interface SensorReply<R extends RouteName> extends SessionReply {
  /** Undefined when the status is not 2xx or the body does not decode: both are failures. */
  readonly body: ReplyBody<R> | undefined
  readonly faults: readonly string[]
}

const sensorVersion = 'koban-agent'
const osVersion = 'Version 15.5 (Build 24F74)'

export const newKeyPair = (): KeyPair => generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** Base64 of PEM without a newline at its end. */
export const wirePublicKey = (key: KeyObject): string =>
  Buffer.from(key.export({ type: 'spki', format: 'pem' }).trimEnd()).toString('base64')

const armour = /-----BEGIN CERTIFICATE-----([^]*?)-----END CERTIFICATE-----/

/** The first certificate of a PEM, or DER as it is; undefined for garbage. */
const readCertificate = (bytes: Buffer): X509Certificate | undefined => {
  const [, inner] = armour.exec(bytes.toString('latin1')) ?? []
  try {
    return new X509Certificate(inner === undefined ? bytes : Buffer.from(inner.replaceAll(/\s+/g, ''), 'base64'))
  } catch {
    return undefined
  }
}

/** The keychain pairs a certificate with the private key that fits it; without one nothing is presented, silently. */
export const credentialOf = (state: SavedState | null, keys: KeyPair): Credential | null => {
  const certificate = state === null ? undefined : readCertificate(state.certificate)
  if (certificate === undefined || !certificate.publicKey.equals(createPublicKey(keys.privateKey))) return null
  return {
    certPem: certificate.toString(),
    keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  }
}

/** Appended to the path, whatever path and query the endpoint has. */
export const routeUrl = (endpoint: string, route: RouteName): URL => {
  const url = new URL(endpoint)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/api/sensor/v1/${route}`
  return url
}

/** One URL session of the agent: enrolment and the engine have one each. */
const openSpeech = (settings: SensorSettings, credential: () => Credential | null) => {
  const session: UrlSession = createUrlSession({ ca: settings.ca, credential })
  const token = settings.sensorToken === undefined ? {} : { 'x-koban-sensor-token': settings.sensorToken }
  return {
    session,
    async say<R extends RouteName>(route: R, body: unknown): Promise<SensorReply<R>> {
      const bytes = typeof body === 'string' || body instanceof Uint8Array ? body : writeJson(body)
      const headers = { 'content-type': 'application/json', ...(route === 'enroll' ? {} : token) }
      const reply = await session.post(routeUrl(settings.endpoint, route), headers, bytes)
      if (reply.status < 200 || reply.status > 299)
        return { ...reply, body: undefined, faults: [`status ${reply.status}`] }
      return { ...reply, ...decodeReply(route, reply.text) }
    },
  }
}

export interface Sensor {
  readonly keys: KeyPair
  readonly outbox: Outbox
  state(): SavedState | null
  /** Like state, for tests that know it is enrolled; throws when it is not. */
  identity(): SavedState
  /** Puts it into a state by hand, as an operator may who provisions a machine. */
  adopt(state: SavedState): void
  /** Launch: enrol if there is no state, then fetch the configuration over the same session; then open the engine's own. */
  launch(): Promise<{
    readonly enrolled: SensorReply<'enroll'> | null
    readonly configured: SensorReply<'config'> | null
  }>
  /** "Reset sync identity": the state file is gone; the key, the outbox and the inventory stay. */
  reset(): void
  queue(event: QueuedEvent): ReturnType<Outbox['queue']>
  /** One tick: a batch if anything is due, else a check-in. */
  tick(nowMs?: number): Promise<SensorReply<'sync'> | SensorReply<'check-in'>>
  checkIn(): Promise<SensorReply<'check-in'>>
  fetchConfig(): Promise<SensorReply<'config'>>
  /** How often a hint restarted the engine. */
  restarts(): number
  /** How often it was told to scan everything again. */
  rescans(): number
  /** Any body on any route, over the engine's session; text and bytes are sent as they are. */
  say<R extends RouteName>(route: R, body: unknown): Promise<SensorReply<R>>
  /** A frame around these events, with everything else as the agent would say it now. */
  frame(events: readonly unknown[], more?: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>
  /** Redirects and cookies met so far. */
  seen(): { readonly redirects: number; readonly cookies: number }
  /** A new engine: the next request opens a new connection. */
  reconnect(): void
  close(): void
}

interface Inner {
  readonly settings: SensorSettings
  readonly keys: KeyPair
  readonly outbox: Outbox
  state: SavedState | null
  engine: ReturnType<typeof openSpeech>
  readonly past: UrlSession['seen']
  restarts: number
  rescans: number
}

const identityOf = ({ state }: Inner): SavedState => {
  if (state === null) throw new Error('this sensor is not enrolled')
  return state
}

const reopen = (inner: Inner): void => {
  const { seen } = inner.engine.session
  inner.past.redirects += seen.redirects
  inner.past.cookies += seen.cookies
  inner.engine.session.close()
  inner.engine = openSpeech(inner.settings, () => credentialOf(inner.state, inner.keys))
}

const enrollBody = ({ settings, keys }: Inner) => ({
  token: settings.enrollmentToken ?? '',
  publicKey: wirePublicKey(keys.publicKey),
  hostname: settings.hostname ?? "Ada's MacBook Pro 💻",
  osVersion: settings.osVersion ?? osVersion,
  hardwareModel: settings.hardwareModel ?? 'arm64',
  sensorVersion,
})

const configBody = (inner: Inner) => {
  const { tenantId, deviceId, generation } = identityOf(inner)
  return { tenantId, deviceId, currentGeneration: generation ?? '' }
}

/** Stores the generation only if a bundle came and applied; answers whether one did. */
const applyConfig = (inner: Inner, { body }: SensorReply<'config'>): boolean => {
  if (body === undefined || !body.configJson || inner.settings.refusesBundles === true) return false
  const bundle = decodeBundle(Buffer.from(body.configJson, 'base64').toString('utf8'))
  if (bundle === undefined) return false
  inner.outbox.limits.maxBatchEvents = bundle.maxBatchEvents
  inner.outbox.limits.maxBatchBytes = bundle.maxBatchBytes
  inner.state = { ...identityOf(inner), generation: body.generation }
  return true
}

const launch = async (inner: Inner): ReturnType<Sensor['launch']> => {
  const speech = openSpeech(inner.settings, () => credentialOf(inner.state, inner.keys))
  try {
    let enrolled: SensorReply<'enroll'> | null = null
    if (inner.state === null && inner.settings.enrollmentToken !== undefined) {
      enrolled = await speech.say('enroll', enrollBody(inner))
      if (enrolled.body !== undefined) {
        const { tenantId, deviceId, clientCertificate, certificateExpiresAt } = enrolled.body
        const certificate = Buffer.from(clientCertificate, 'base64')
        inner.state = { tenantId, deviceId, certificate, certificateExpiresAt, generation: null }
      }
    }
    if (inner.state === null) return { enrolled, configured: null }
    const configured = await speech.say('config', configBody(inner))
    applyConfig(inner, configured)
    return { enrolled, configured }
  } finally {
    inner.past.redirects += speech.session.seen.redirects
    inner.past.cookies += speech.session.seen.cookies
    speech.session.close()
    reopen(inner)
  }
}

const fetchConfig = async (inner: Inner): Promise<SensorReply<'config'>> => {
  const reply = await inner.engine.say('config', configBody(inner))
  if (applyConfig(inner, reply)) {
    inner.restarts += 1
    reopen(inner)
  }
  return reply
}

const heed = async (
  inner: Inner,
  hints: { readonly configUpdateAvailable: boolean; readonly fullResnapshotRequested: boolean },
): Promise<void> => {
  if (hints.fullResnapshotRequested) inner.rescans += 1
  if (hints.configUpdateAvailable) await fetchConfig(inner)
}

const checkIn = async (inner: Inner): Promise<SensorReply<'check-in'>> => {
  const { tenantId, deviceId, generation } = identityOf(inner)
  const said = {
    tenantId,
    deviceId,
    sensorVersion,
    osVersion: inner.settings.osVersion ?? osVersion,
    activeConfigGeneration: generation ?? '',
  }
  const reply = await inner.engine.say('check-in', { ...said, health: inner.outbox.backlog(deviceId) })
  if (reply.body === undefined) return reply
  // The label is taken over without its policy: a server that says another name here relabels the agent.
  if (!reply.body.configUpdateAvailable) inner.state = { ...identityOf(inner), generation: reply.body.configGeneration }
  await heed(inner, reply.body)
  return reply
}

const frameOf = (inner: Inner, events: readonly unknown[]) => {
  const { tenantId, deviceId } = identityOf(inner)
  const lastAckedLocalSequence = inner.outbox.lastAcked(deviceId)
  const health = inner.outbox.backlog(deviceId)
  return { tenantId, deviceId, sensorVersion, schemaVersion: 1, lastAckedLocalSequence, events, health }
}

const tick = async (inner: Inner, nowMs: number): ReturnType<Sensor['tick']> => {
  const { outbox } = inner
  const batch = outbox.takeBatch(nowMs)
  if (batch.length === 0) return checkIn(inner)
  const { deviceId } = identityOf(inner)
  const frame = frameOf(
    inner,
    batch.map(({ envelope }) => envelope),
  )
  const reply = await inner.engine.say('sync', frame).catch((fault: unknown) => {
    outbox.fail(batch, nowMs)
    throw fault
  })
  if (reply.body === undefined) outbox.fail(batch, nowMs)
  else {
    outbox.apply(batch, deviceId, reply.body, nowMs)
    await heed(inner, reply.body)
  }
  return reply
}

export const createSensor = (settings: SensorSettings): Sensor => {
  const keys = settings.keys ?? newKeyPair()
  const inner: Inner = {
    settings,
    keys,
    outbox: createOutbox({ ...defaultOutboxLimits, ...settings.limits }),
    state: null,
    engine: openSpeech(settings, () => null),
    past: { redirects: 0, cookies: 0 },
    restarts: 0,
    rescans: 0,
  }
  return {
    keys,
    outbox: inner.outbox,
    state: () => inner.state,
    identity: () => identityOf(inner),
    adopt(state) {
      inner.state = state
      reopen(inner)
    },
    launch: () => launch(inner),
    reset() {
      inner.state = null
      reopen(inner)
    },
    queue: (event) => inner.outbox.queue(identityOf(inner).deviceId, event),
    tick: (nowMs = Date.now()) => tick(inner, nowMs),
    checkIn: () => checkIn(inner),
    fetchConfig: () => fetchConfig(inner),
    restarts: () => inner.restarts,
    rescans: () => inner.rescans,
    say: (route, body) => inner.engine.say(route, body),
    frame: (events, more = {}) => ({ ...frameOf(inner, events), ...more }),
    seen: () => ({
      redirects: inner.past.redirects + inner.engine.session.seen.redirects,
      cookies: inner.past.cookies + inner.engine.session.seen.cookies,
    }),
    reconnect: () => reopen(inner),
    close: () => inner.engine.session.close(),
  }
}
