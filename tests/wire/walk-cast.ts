// Everybody who walks: devices in every state, certificates with every fault, operators of every role, and what they own.
// Which answer each of them gets is walk-table.ts; asking is walk.test.ts.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import {
  createEnrollmentToken,
  createGroup,
  createOperatorToken,
  listFindings,
  mergeDevice,
  placeLegalHold,
  publishRevision,
  releaseLegalHold,
  replaceAssignments,
  retireDevice,
  revokeDevice,
  revokeOperatorToken,
  savePolicy,
} from '@muster/contract'
import { call } from '@muster/http'
import {
  adoptAuthority,
  makeAuthority,
  makeLeaf,
  requestBytes,
  type TestAuthority,
  type TestLeaf,
} from '@muster/http/testing'
import { value } from '@muster/server/testing'
import type { Ground } from './ground.ts'
import { credentialOf, type SavedState, type Sensor } from './sensor-client.ts'
import { deliver, findingEvent, findingOn, itemEvent, npmItem } from './sensor-events.ts'
import { type GatewayCaller, type Props, type Stranger, WALKED_ROLES } from './walk-table.ts'

export type Ids = Pick<SavedState, 'tenantId' | 'deviceId'>

/** How somebody opens a connection, and what they say beside their body. */
export interface Caller {
  readonly tls: ConnectionOptions
  readonly headers?: Readonly<Record<string, string>>
  /** Whom their bodies name; the own device where it is not told. */
  readonly ids?: Partial<Ids>
}

export interface Cast {
  readonly ids: Ids
  readonly props: Props
  readonly gateway: Record<GatewayCaller, Caller>
  readonly strangers: Record<Stranger, Caller>
  /** By role. */
  readonly operators: Record<string, Caller>
  readonly foreignOwner: Caller
}

const yearMs = 365 * 86_400_000
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const shown = ({ certPem, keyPem }: Pick<TestLeaf, 'certPem' | 'keyPem'>): ConnectionOptions => ({
  cert: certPem,
  key: keyPem,
})
const papersOf = (sensor: Sensor): ConnectionOptions => {
  const credential = credentialOf(sensor.state(), sensor.keys)
  if (credential === null) throw new Error('this sensor has no certificate')
  return shown(credential)
}

/** Lets the server know a certificate as one of this device, so that only the certificate's own fault can close the door. */
const makeKnown = async ({ server }: Ground, { deviceId, tenantId }: Ids, leaf: TestLeaf): Promise<TestLeaf> => {
  const { identity, storage } = server.rooms
  const deviceNo = identity.directory.byId(deviceId)?.deviceNo
  await storage.write(async (tx) => {
    const nowMs = Date.now()
    const certificate = {
      serial: randomUUID(),
      fingerprint: leaf.fingerprint256Hex,
      authority_id: identity.authority.current().id,
    }
    const times = { issued_ms: nowMs, expires_ms: nowMs + yearMs }
    const row = { device_no: deviceNo, tenant_id: tenantId, ...certificate, ...times }
    await tx.insertInto('identity_certificate').values(row).execute()
    await tx.insertInto('identity_change').values({ kind: 'device', subject_no: deviceNo, at_ms: nowMs }).execute()
  })
  await identity.directory.refresh()
  if (identity.directory.byFingerprint(leaf.fingerprint256Hex)?.device.deviceId !== deviceId)
    throw new Error('the certificate is not known to the server')
  return leaf
}

/** The fleet's own authority, with the key that only the server should hold. */
const fleetAuthority = ({ server, ca }: Ground): Promise<TestAuthority> => {
  const { id } = server.rooms.identity.authority.current()
  return adoptAuthority(ca, readFileSync(join(server.dataDir, 'ca', `${id}.key.pem`), 'utf8'))
}

/** Talks once, and returns what a client could offer to resume that session with. */
const sessionOf = async (
  ground: Ground,
  tls: ConnectionOptions,
  version: 'TLSv1.2' | 'TLSv1.3',
): Promise<ConnectionOptions> => {
  const only = { minVersion: version, maxVersion: version }
  const { gateway } = ground.server
  const socket: TLSSocket = connect({
    host: '127.0.0.1',
    port: gateway?.port,
    servername: 'localhost',
    ca: ground.ca,
    ...tls,
    ...only,
  })
  let session: Buffer | undefined
  socket.on('session', (offered) => {
    session = offered
  })
  await once(socket, 'secureConnect')
  socket.write(requestBytes('POST', '/api/sensor/v1/config', '{}'))
  await once(socket, 'data')
  session ??= socket.getSession()
  socket.destroy()
  return { ...tls, ...only, ...(session === undefined ? {} : { session }) }
}

/** Enrols so often with one key that the first certificate is closed as superseded. */
const superseded = async (ground: Ground): Promise<Caller> => {
  const sensor = await ground.enrolled()
  const [tls, ids] = [papersOf(sensor), sensor.identity()]
  for (let times = 0; times < 4; times += 1) await ground.enrolled({ keys: sensor.keys })
  return { tls, ids }
}

type MoveClock = (byMs: number) => void

/** Devices in every state of their life, on connections of every kind. */
const castDevices = async (ground: Ground, merged: Sensor, tls: ConnectionOptions) => {
  const { owner } = ground.server
  const elsewhere = await ground.ofTenant()
  const [neighbour, revoked, retired, foreign] = [
    await ground.enrolled(),
    await ground.enrolled(),
    await ground.enrolled(),
    await elsewhere.enrolled(),
  ]
  const revokedIds = revoked.identity()
  const oldSession = await sessionOf(ground, papersOf(revoked), 'TLSv1.2')
  const newSession = await sessionOf(ground, papersOf(revoked), 'TLSv1.3')
  await value(call(owner, revokeDevice, { params: { id: revokedIds.deviceId }, body: {} }))
  await value(call(owner, retireDevice, { params: { id: retired.identity().deviceId }, body: {} }))
  const { cert: _cert, key: _key, ...bareSession } = await sessionOf(ground, tls, 'TLSv1.2')
  return {
    'the own device': { tls },
    'the own device, with an operator token beside': { tls, headers: bearer(await ground.server.tokenOf('owner')) },
    'the own device, resuming a TLS 1.2 session': { tls: await sessionOf(ground, tls, 'TLSv1.2') },
    'the own device, resuming a TLS 1.3 session': { tls: await sessionOf(ground, tls, 'TLSv1.3') },
    'another device of the tenant': { tls: papersOf(neighbour) },
    'a device of another tenant': { tls: papersOf(foreign) },
    'the own device, naming another tenant': { tls, ids: { tenantId: foreign.identity().tenantId } },
    'a revoked device': { tls: papersOf(revoked), ids: revokedIds },
    'a revoked device, resuming a TLS 1.2 session': { tls: oldSession, ids: revokedIds },
    'a revoked device, resuming a TLS 1.3 session': { tls: newSession, ids: revokedIds },
    'a retired device': { tls: papersOf(retired), ids: retired.identity() },
    'a merged device': { tls: papersOf(merged), ids: merged.identity() },
    'a resumed session without its certificate': { tls: bareSession },
  }
}

/** Certificates with one fault each. */
const castCertificates = async (ground: Ground, ids: Ids, moveClock: MoveClock) => {
  const authority = await fleetAuthority(ground)
  const name = ids.deviceId
  const known = async (leaf: TestLeaf) => ({ tls: shown(await makeKnown(ground, ids, leaf)) })
  const late = { notBeforeMs: Date.now() + yearMs, notAfterMs: Date.now() + 2 * yearMs }
  const wrongAuthority = await makeAuthority('Muster fleet authority')
  moveClock(-30 * yearMs)
  const expired = await ground.enrolled()
  moveClock(30 * yearMs)
  const own = JSON.parse(readFileSync(join(ground.server.dataDir, 'ca', 'gateway.json'), 'utf8'))
  return {
    'an expired certificate': { tls: papersOf(expired), ids: expired.identity() },
    'a certificate not valid yet': await known(await makeLeaf(authority, { name, ...late })),
    'a superseded certificate of an active device': await superseded(ground),
    'a certificate of a wrong CA, its fingerprint known': await known(await makeLeaf(wrongAuthority, { name })),
    'a certificate for servers only, its fingerprint known': await known(
      await makeLeaf(authority, { name, usage: 'server' }),
    ),
    'a certificate for no use in particular, its fingerprint known': await known(
      await makeLeaf(authority, { name, usage: 'none' }),
    ),
    'a certificate of our CA that nobody enrolled': { tls: shown(await makeLeaf(authority, { name })) },
    'the certificate of the gateway itself': { tls: { cert: own.certificatePem, key: own.keyPem } },
  }
}

const castGateway = async (
  ground: Ground,
  own: Sensor,
  merged: Sensor,
  moveClock: MoveClock,
): Promise<Record<GatewayCaller, Caller>> => ({
  ...(await castDevices(ground, merged, papersOf(own))),
  ...(await castCertificates(ground, own.identity(), moveClock)),
  nobody: { tls: {} },
  'an operator token': { tls: {}, headers: bearer(await ground.server.tokenOf('owner')) },
  'an enrolment token as bearer': { tls: {}, headers: bearer(await ground.token()) },
  'a sensor token': { tls: {}, headers: { 'x-koban-sensor-token': 'the-shared-sensor-token' } },
})

const castStrangers = async (
  ground: Ground,
  gateway: Record<GatewayCaller, Caller>,
  moveClock: MoveClock,
): Promise<Record<Stranger, Caller>> => {
  const { owner } = ground.server
  const make = async (expiresInSeconds: number) =>
    value(call(owner, createOperatorToken, { body: { name: randomUUID(), role: 'owner', expiresInSeconds } }))
  const revoked = await make(3600)
  await value(call(owner, revokeOperatorToken, { params: { id: revoked.id } }))
  // Made yesterday for a minute.
  moveClock(-86_400_000)
  const expired = await make(60)
  moveClock(86_400_000)
  const device = gateway['the own device'].tls
  return {
    nobody: { tls: {} },
    'a token nobody made': { tls: {}, headers: bearer(`mot_${'x'.repeat(43)}`) },
    'a token in another scheme': {
      tls: {},
      headers: {
        authorization: `Basic ${Buffer.from(`a:${await ground.server.tokenOf('owner')}`).toString('base64')}`,
      },
    },
    'an enrolment token': { tls: {}, headers: bearer(await ground.token()) },
    'a revoked operator token': { tls: {}, headers: bearer(revoked.token) },
    'an expired operator token': { tls: {}, headers: bearer(expired.token) },
    'a revoked operator token beside a device certificate': { tls: device, headers: bearer(revoked.token) },
    'a device certificate': { tls: device },
    "a revoked device's certificate": { tls: gateway['a revoked device'].tls },
    'a certificate of a wrong CA': { tls: gateway['a certificate of a wrong CA, its fingerprint known'].tls },
    'a certificate for servers only': { tls: gateway['a certificate for servers only, its fingerprint known'].tls },
  }
}

const policyYaml = 'apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: walked }\nagent: {}\n'

const makeProps = async ({ server }: Ground, own: Sensor, merged: Sensor): Promise<Props> => {
  const { owner } = server
  const [device, mergedDevice] = [own.identity().deviceId, merged.identity().deviceId]
  await value(call(owner, mergeDevice, { params: { id: mergedDevice }, body: { intoId: device } }))
  const item = npmItem('walked', '1.0.0')
  await deliver(own, [itemEvent(item), findingEvent(findingOn(item))])
  const token = await value(call(owner, createEnrollmentToken, { body: { label: 'walked' } }))
  const groupName = 'walkers'
  const group = await value(call(owner, createGroup, { body: { name: groupName } }))
  const { policy, revision } = await value(call(owner, savePolicy, { body: { yaml: policyYaml } }))
  const { generation } = await value(
    call(owner, publishRevision, { params: { id: revision.id }, body: {}, ifMatch: policy.version }),
  )
  const items = [{ policyId: policy.id, group: groupName, priority: 10 }]
  await value(call(owner, replaceAssignments, { body: { items }, ifMatch: 1 }))
  const findings = await value(call(owner, listFindings, { query: { deviceId: device } }))
  const operatorToken = await value(call(owner, createOperatorToken, { body: { name: 'walked', role: 'viewer' } }))
  const place = async (): Promise<string> =>
    (await value(call(owner, placeLegalHold, { body: { deviceId: device, reason: 'walked' } }))).id
  const [legalHold, releasedHold] = [await place(), await place()]
  await value(call(owner, releaseLegalHold, { params: { id: releasedHold } }))
  return {
    device,
    mergedDevice,
    token: token.id,
    group: group.id,
    groupName,
    policy: policy.id,
    revision: revision.id,
    generation,
    finding: findings.items[0]?.id ?? '',
    operatorToken: operatorToken.id,
    legalHold,
    releasedHold,
    fresh: randomUUID,
    policyYaml,
  }
}

/** `moveClock` moves the server's clock; it is back where it was when this resolves. */
export const makeCast = async (ground: Ground, moveClock: MoveClock): Promise<Cast> => {
  const [own, merged] = [await ground.enrolled(), await ground.enrolled()]
  const props = await makeProps(ground, own, merged)
  const gateway = await castGateway(ground, own, merged, moveClock)
  const operators: Record<string, Caller> = {}
  for (const role of WALKED_ROLES) operators[role] = { tls: {}, headers: bearer(await ground.server.tokenOf(role)) }
  return {
    ids: own.identity(),
    props,
    gateway,
    strangers: await castStrangers(ground, gateway, moveClock),
    operators,
    foreignOwner: { tls: {}, headers: bearer(await ground.server.tokenOf('owner', 'elsewhere')) },
  }
}
