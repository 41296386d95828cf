// Every text a device or an operator can send, filled with what breaks things, on both databases: it is stored or refused,
// one by one, and never a fault; and everything stays readable. Bytes below JSON are hostile.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  changeDevice,
  createEnrollmentToken,
  createGroup,
  createOperatorToken,
  deviceEvents,
  deviceInventory,
  deviceTimeline,
  listAudit,
  listChanges,
  listDevices,
  listEnrollmentTokens,
  listFindings,
  listGroups,
  readDevice,
  revokeDevice,
  savePolicy,
  searchInventory,
  validatePolicy,
  verifyAudit,
} from '@muster/contract'
import { type Called, call } from '@muster/http'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { commonGround, type Ground, until } from './ground.ts'
import { HOSTILE_STRINGS } from './hostile-strings.ts'
import { newKeyPair, type Sensor, wirePublicKey } from './sensor-client.ts'
import { deliver, findingEvent, findingOn, itemEvent, mcpServer, npmItem } from './sensor-events.ts'
import { envelopeOf } from './sensor-outbox.ts'
import { type SensorItem } from './sensor-payload.ts'

const host = { hostname: 'h', osVersion: 'o', hardwareModel: 'm', sensorVersion: 's' }
const selfDescription = { sensorVersion: 's', osVersion: 'o', activeConfigGeneration: '' }
const health = { syncBacklogEvents: 0, syncBacklogBytes: 0 }
const envelopeFields = ['eventId', 'deviceId', 'surface', 'kind', 'observedAt', 'collectedAt', 'payloadHash', 'payload']
const itemFields = ['itemId', 'kind', 'name', 'version', 'path', 'origin', 'detail'] as const
const findingFields = ['id', 'itemId', 'ruleId', 'title', 'rationale', 'severity', 'itemName', 'observedAt'] as const
const evidenceFields = ['path', 'detail', 'matchedField', 'matchedValue'] as const

const base = npmItem('carrier', '1.0.0')

/** One event for each place a text can stand, and a good one at the end. */
const eventsWith = (deviceId: string, text: string): readonly unknown[] => {
  const surfaces = ['javascriptPackages', 'pythonPackages', 'homebrew', 'acme']
  const items: SensorItem[] = [
    ...surfaces.flatMap((surface) => itemFields.map((field) => ({ ...base, surface, [field]: text }))),
    ...['npm', 'pnpm', 'yarn', 'bun', 'uv', 'pip'].map((origin) => ({ ...base, origin, name: text })),
    ...['npx ', 'docker run ', 'https://', ''].map((start) => mcpServer('m', start + text)),
    { ...base, attributes: { [text]: text } },
  ]
  const findings = [
    ...findingFields.map((field) => ({ ...findingOn(base), [field]: text })),
    ...evidenceFields.map((field) => {
      const finding = findingOn(base)
      return { ...finding, evidence: { ...finding.evidence, [field]: text } }
    }),
  ]
  const nowMs = Date.now()
  const queued = [
    ...items.map((item) => itemEvent(item)),
    ...findings.map((one) => findingEvent(one, { observedAtMs: nowMs })),
  ]
  const events: object[] = queued.map((event, at) => envelopeOf(deviceId, at + 1, event))
  const around = envelopeFields.map((field, at) => ({
    ...envelopeOf(deviceId, events.length + at + 1, itemEvent(base)),
    [field]: text,
  }))
  return [...events, ...around, envelopeOf(deviceId, 999, itemEvent(npmItem('good', '1.0.0')))]
}

/** Every page an operator might open about this device still opens. */
const readEverything = async ({ server }: Ground, sensor: Sensor): Promise<void> => {
  const { owner } = server
  const params = { id: sensor.identity().deviceId }
  const query = { limit: '200' }
  await value(call(owner, readDevice, { params }))
  await value(call(owner, listDevices, { query }))
  const { items } = await value(call(owner, deviceInventory, { params, query }))
  assert.ok(items.some(({ name }) => name === 'good'))
  await value(call(owner, deviceEvents, { params, query }))
  await value(call(owner, deviceTimeline, { params, query }))
  await value(call(owner, listChanges, { query: { ...query, deviceId: params.id } }))
  await value(call(owner, listFindings, { query: { ...query, deviceId: params.id } }))
  await value(call(owner, searchInventory, { body: { q: 'good' } }))
}

const policyYaml = 'apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: sourced }\nagent: {}\n'

eachEngine((engine) => {
  const open = commonGround({ engine })

  for (const [name, text] of Object.entries(HOSTILE_STRINGS))
    test(`a device that says ${name} wherever it can is heard or refused event by event`, async () => {
      const ground = await open()
      const sensor = ground.sensor()
      const publicKey = wirePublicKey(sensor.keys.publicKey)
      const token = await ground.token()
      let enrolled = await sensor.say('enroll', { token, publicKey, ...host })
      for (const field of Object.keys(host))
        enrolled = await sensor.say('enroll', { token, publicKey, ...host, [field]: text })
      assert.equal(enrolled.status, 200, enrolled.text)
      const { tenantId = '', deviceId = '', clientCertificate = '' } = enrolled.body ?? {}
      const certificate = Buffer.from(clientCertificate, 'base64')
      sensor.adopt({ tenantId, deviceId, certificate, certificateExpiresAt: '', generation: null })
      const events = eventsWith(deviceId, text)
      const synced = await sensor.say('sync', sensor.frame(events, { sensorVersion: text }))
      assert.equal(synced.status, 200, synced.text)
      const { acceptedEvents = [], rejectedEvents = [] } = synced.body ?? {}
      assert.equal(acceptedEvents.length + rejectedEvents.length, events.length)
      assert.equal(acceptedEvents.at(-1)?.localSequence, 999)
      const again = await sensor.say('sync', sensor.frame(events))
      assert.deepEqual(
        again.body?.acceptedEvents.map(({ duplicate }) => duplicate),
        acceptedEvents.map(() => true),
      )
      for (const field of Object.keys(selfDescription)) {
        const said = { tenantId, deviceId, ...selfDescription, health, [field]: text }
        const { status, body } = await sensor.say('check-in', said)
        assert.deepEqual([status, body?.configGeneration], [200, field === 'activeConfigGeneration' ? text : ''])
      }
      assert.equal((await sensor.say('config', { tenantId, deviceId, currentGeneration: text })).status, 200)
      await readEverything(ground, sensor)
    })

  test('tokens, keys and ids of hostile text are refused as such', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const { tenantId, deviceId } = sensor.identity()
    const publicKey = wirePublicKey(newKeyPair().publicKey)
    for (const [name, text] of Object.entries(HOSTILE_STRINGS)) {
      assert.equal((await sensor.say('enroll', { token: text, publicKey, ...host })).status, 401, name)
      assert.equal((await sensor.say('enroll', { token: 't', publicKey: text, ...host })).status, 400, name)
      for (const ids of [
        { tenantId: text, deviceId },
        { tenantId, deviceId: text },
      ]) {
        assert.equal((await sensor.say('config', { ...ids, currentGeneration: '' })).status, 403, name)
        assert.equal((await sensor.say('sync', sensor.frame([], ids))).status, 403, name)
      }
    }
  })

  test('what one device said does not keep the states of others from being written', async () => {
    const ground = await open()
    const [hostile, neighbour] = [await ground.enrolled(), await ground.enrolled()]
    const { tenantId, deviceId } = hostile.identity()
    for (const text of Object.values(HOSTILE_STRINGS))
      for (const field of Object.keys(selfDescription))
        await hostile.say('check-in', { tenantId, deviceId, ...selfDescription, health, [field]: text })
    await neighbour.checkIn()
    const params = { id: neighbour.identity().deviceId }
    const { identity, storage } = ground.server.rooms
    const deviceNo = identity.directory.byId(params.id)?.deviceNo
    const written = () =>
      storage.db.selectFrom('observe_sensor').select('device_no').where('device_no', '=', deviceNo).execute()
    assert.equal((await until(written, (rows) => rows.length > 0)).length, 1)
    assert.notEqual((await value(call(ground.server.owner, readDevice, { params }))).lastCheckInAt, null)
  })

  for (const [name, text] of Object.entries(HOSTILE_STRINGS))
    test(`an operator who writes ${name} is heard or told what is wrong`, async () => {
      // A tenant of its own, so that its owner's rate is not used up by the others.
      const ground = await (await open()).ofTenant()
      const { owner } = ground.server
      const sensor = await ground.enrolled()
      await deliver(sensor, [itemEvent(npmItem('good', '1.0.0'))])
      const params = { id: sensor.identity().deviceId }
      const { version } = await value(call(owner, readDevice, { params }))
      const short = text.toWellFormed().slice(0, 500) // what fits into the line of a request
      const window = { from: text, to: text }
      const asked: readonly (readonly [what: string, answer: Promise<Called<unknown>>])[] = [
        ['a label', call(owner, createEnrollmentToken, { body: { label: text } })],
        ['a tag', call(owner, createEnrollmentToken, { body: { label: 'x', tags: [text] } })],
        ['a group of a token', call(owner, createEnrollmentToken, { body: { label: 'x', groups: [text] } })],
        ['a group', call(owner, createGroup, { body: { name: text, description: text } })],
        ['a token name', call(owner, createOperatorToken, { body: { name: text, role: 'viewer' } })],
        [
          'a device',
          call(owner, changeDevice, {
            params,
            ifMatch: version,
            body: { displayName: text, owner: text, notes: text },
          }),
        ],
        ['a reason', call(owner, revokeDevice, { params: { id: 'dev_none' }, body: { reason: text } })],
        ['an id', call(owner, readDevice, { params: { id: `x${short}` } })],
        ['a device filter', call(owner, listDevices, { query: { name: short, group: short, tag: short } })],
        ['a cursor', call(owner, listDevices, { query: { cursor: short } })],
        ['a limit', call(owner, listDevices, { query: { limit: short } })],
        [
          'an inventory filter',
          call(owner, deviceInventory, { params, query: { name: short, surface: short, kind: short } }),
        ],
        ['an audit filter', call(owner, listAudit, { query: { action: short, actorId: short, targetId: short } })],
        ['a finding filter', call(owner, listFindings, { query: { deviceId: short, ruleId: short } })],
        ['a question', call(owner, searchInventory, { body: { q: text } })],
        ['a name', call(owner, searchInventory, { body: { names: [text] } })],
        ['a version', call(owner, searchInventory, { body: { names: ['good'], versions: text } })],
        ['a path', call(owner, searchInventory, { body: { names: ['good'], path: { prefix: text } } })],
        ['a searched group', call(owner, searchInventory, { body: { names: ['good'], groups: [text] } })],
        ['a window', call(owner, searchInventory, { body: { q: 'good', window } })],
        ['a document', call(owner, validatePolicy, { body: { yaml: text } })],
        [
          'a source',
          call(owner, savePolicy, { body: { yaml: policyYaml, source: { repository: text, commit: text } } }),
        ],
      ]
      const faults: string[] = []
      for (const [what, answer] of asked) {
        const answered = await answer
        if (!answered.ok && answered.refusal.status >= 500) faults.push(`${what}: ${answered.refusal.status}`)
      }
      assert.deepEqual(faults, [])
      for (const route of [listEnrollmentTokens, listGroups, listDevices])
        await value(call(owner, route, { query: {} }))
      assert.equal((await value(call(owner, verifyAudit, { query: {} }))).ok, true)
      await readEverything(ground, sensor)
    })
})
