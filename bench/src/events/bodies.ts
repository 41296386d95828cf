// What a device of the invented fleet sends: its first scans, cut into batches, as the bytes of sync requests.
// The shapes are the contract's; the bytes are those of the published agent, slashes escaped (sensor-protocol 2, 7, 8).
import { hash, randomUUID } from 'node:crypto'
import { encodePayload } from '@muster/contract'
import { toIso } from '@muster/kernel'
import { postRequest } from '../wire/request.ts'
import type { Dice } from './dice.ts'
import { inventLockfile, type Package } from './packages.ts'

export interface Sender {
  readonly tenantId: string
  readonly deviceId: string
}

export interface BatchPlan {
  readonly eventsPerBatch: number
  /** Whether items say where they came from and their checksum, as those of npm lockfiles do. */
  readonly detailed: boolean
}

export interface Batch {
  readonly request: Buffer
  readonly payloadBytes: number
  /** What the reply must say is accepted. */
  readonly lastSequence: number
}

export const syncPath = '/api/sensor/v1/sync'
const surface = 'javascriptPackages'
const kind = 'package'
const packagesPerLockfile = 500

/** The same for a package wherever it is installed, as a registry has it. */
const detailOf = ({ name, version }: Package): string => {
  const file = name.slice(name.indexOf('/') + 1)
  const integrity = hash('sha512', `${name}@${version}`, 'base64')
  return `resolved=https://registry.npmjs.org/${name}/-/${file}-${version}.tgz integrity=sha512-${integrity}`
}

const payloadOf = (path: string, one: Package, detail: string | null): Uint8Array => {
  const { name, version } = one
  const itemId = `${surface}/${kind}/${path}/${name}/${version}`
  const known = { origin: 'npm', detail, installedOnRequest: null, attributes: {} }
  return encodePayload({ body: 'inventoryItem', item: { itemId, surface, kind, name, version, path, ...known } })
}

/** By hand, because half a million of them are made before every run. */
const envelopeOf = (deviceId: string, sequence: number, at: string, payload: Uint8Array): string => {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  const text = bytes.toString('base64').replaceAll('/', '\\/')
  const moments = `"observedAt":"${at}","collectedAt":"${at}"`
  const names = `"eventId":"${randomUUID().toUpperCase()}","deviceId":"${deviceId}","localSequence":${sequence}`
  const hashed = `"payloadHash":"${hash('sha256', bytes, 'hex')}","payload":"${text}"`
  return `{${names},"surface":"${surface}","kind":"added",${moments},${hashed}}`
}

/** Lockfiles of one device as a scan finds them; the same path is never used twice. */
export interface Lockfiles {
  next(): { readonly path: string; readonly packages: readonly Package[] }
}

export const inventLockfiles = (sender: Sender, names: readonly string[], dice: Dice): Lockfiles => {
  let count = 0
  return {
    next() {
      const project = `project-${++count}-${dice.below(1000)}`
      const path = `/Users/${sender.deviceId.slice(-8)}/Developer/${project}/package-lock.json`
      return { path, packages: inventLockfile(names, packagesPerLockfile, dice) }
    },
  }
}

function* packagesOf(lockfiles: Lockfiles): Generator<{ readonly path: string; readonly one: Package }, never> {
  for (;;) {
    const { path, packages } = lockfiles.next()
    for (const one of packages) yield { path, one }
  }
}

/** The batches of one device, one after the other and without end: what its first scans find. */
export function* createBatches(sender: Sender, lockfiles: Lockfiles, plan: BatchPlan): Generator<Batch, never> {
  const { tenantId, deviceId } = sender
  const found = packagesOf(lockfiles)
  const at = toIso(Date.now())
  for (let acked = 0; ; acked += plan.eventsPerBatch) {
    let payloadBytes = 0
    const envelopes = Array.from({ length: plan.eventsPerBatch }, (_, index) => {
      const { path, one } = found.next().value
      const payload = payloadOf(path, one, plan.detailed ? detailOf(one) : null)
      payloadBytes += payload.length
      return envelopeOf(deviceId, acked + index + 1, at, payload)
    })
    const ids = `"tenantId":"${tenantId}","deviceId":"${deviceId}","sensorVersion":"koban-agent","schemaVersion":1`
    const health = `"health":{"syncBacklogEvents":${plan.eventsPerBatch},"syncBacklogBytes":${payloadBytes}}`
    const body = `{${ids},"lastAckedLocalSequence":${acked},"events":[${envelopes.join(',')}],${health}}`
    yield { request: postRequest(syncPath, body), payloadBytes, lastSequence: acked + plan.eventsPerBatch }
  }
}
