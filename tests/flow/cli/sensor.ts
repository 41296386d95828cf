// A sensor that says what a test wants it to say, over real mutual TLS.
// What a server makes of it is what the flows look at.
import { createHash, generateKeyPairSync, randomUUID, X509Certificate } from 'node:crypto'
import { type EventKind, encodePayload, type PayloadItem, sensorRoutes } from '@muster/contract'
import { type Called, call, createClient } from '@muster/http/client'
import { Secret } from '@muster/kernel'

export interface SensorWishes {
  readonly gatewayUrl: string
  /** The fleet's authority, PEM. */
  readonly ca: string
  readonly token: string
  readonly hostname: string
}

export interface Change {
  readonly kind: EventKind
  readonly name: string
  readonly version: string
  readonly path?: string
  readonly detail?: string
}

export interface Sensor {
  readonly deviceId: string
  readonly tenantId: string
  /** Sends these changes as one batch; a baseline is what a first scan finds. */
  send(changes: readonly Change[]): Promise<void>
}

export const valueOf = <T>(called: Called<T>): T => {
  if (called.ok) return called.value
  throw new Error(`${called.refusal.code}: ${called.refusal.detail ?? ''}`)
}

const itemOf = ({ name, version, path = '/home/ada/app/package-lock.json', detail }: Change): PayloadItem => ({
  itemId: createHash('sha256').update(`${path} ${name} ${version}`).digest('hex'),
  surface: 'javascriptPackages',
  kind: 'package',
  name,
  version,
  path,
  origin: 'npm',
  detail: detail ?? null,
  installedOnRequest: null,
  attributes: {},
})

const eventOf = (deviceId: string, localSequence: number, change: Change) => {
  const payload = encodePayload({ body: 'inventoryItem', item: itemOf(change) })
  const at = new Date().toISOString()
  return {
    eventId: randomUUID(),
    deviceId,
    localSequence,
    surface: 'javascriptPackages',
    kind: change.kind,
    observedAt: at,
    collectedAt: at,
    payloadHash: createHash('sha256').update(payload).digest('hex'),
    payload: Buffer.from(payload).toString('base64'),
  }
}

/** Enrols a new device; throws the refusal when the server does not let it in. */
export const enrollSensor = async ({ gatewayUrl, ca, token, hostname }: SensorWishes): Promise<Sensor> => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const stranger = createClient({ baseUrl: gatewayUrl, ca })
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' })
  const facts = { hostname, osVersion: 'Test 1', hardwareModel: 'Test', sensorVersion: '0.0.5' }
  const body = { token, publicKey: Buffer.from(publicPem).toString('base64'), ...facts }
  const enrolled = await call(stranger, sensorRoutes.enroll, { body })
  stranger.close()
  const { tenantId, deviceId, clientCertificate } = valueOf(enrolled)
  const cert = new X509Certificate(Buffer.from(clientCertificate, 'base64')).toString()
  const key = new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  let sequence = 0
  return {
    deviceId,
    tenantId,
    async send(changes) {
      const client = createClient({ baseUrl: gatewayUrl, ca, cert, key })
      const events = changes.map((change) => eventOf(deviceId, ++sequence, change))
      const health = { syncBacklogEvents: 0, syncBacklogBytes: 0 }
      const frame = {
        tenantId,
        deviceId,
        sensorVersion: '0.0.5',
        schemaVersion: 1,
        lastAckedLocalSequence: 0,
        events,
        health,
      }
      const reply = valueOf(await call(client, sensorRoutes.sync, { body: frame }))
      client.close()
      if (reply.rejectedEvents.length > 0) throw new Error(`rejected: ${reply.rejectedEvents[0]?.message}`)
    },
  }
}
