// Configuration and check-in as the acceptance list of sensor-protocol 19 has them, on both databases: complete bundles,
// canonical bytes, hints, refusal. What a policy document may say is the observe room's to prove, error by error.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import {
  changeGroup,
  createGroup,
  listDevices,
  policyAdoption,
  publishRevision,
  readDevice,
  readGeneration,
  rollbackPolicy,
  savePolicy,
  validatePolicy,
} from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { commonGround, type Ground } from './ground.ts'
import type { Sensor } from './sensor-client.ts'
import { deliver, itemEvent, npmItem } from './sensor-events.ts'

const denylist = (title: string, more = '') => `apiVersion: fleet/v1
kind: Policy
metadata: { name: engineering }
agent:
  rules:
    - id: acme.npm-denylist
      surface: javascriptPackages
      triggers: [added, modified, present]
      match: fieldContainsAny
      field: name
      values: [plain-crypto-js]
      severity: critical
      title: ${title}
      rationale: Named in an incident advisory.
${more}`

const publish = async ({ server }: Ground, yaml: string, groups?: string[]) => {
  const { policy, revision } = await value(call(server.owner, savePolicy, { body: { yaml } }))
  const body = groups === undefined ? {} : { groups }
  const asked = { params: { id: revision.id }, body, ifMatch: policy.version }
  return value(call(server.owner, publishRevision, asked))
}

const configFor = async (sensor: Sensor, currentGeneration: string) => {
  const { tenantId, deviceId } = sensor.identity()
  const { body, text } = await sensor.say('config', { tenantId, deviceId, currentGeneration })
  assert.ok(body !== undefined, text)
  return { ...body, bytes: Buffer.from(body.configJson ?? '', 'base64') }
}

const device = ({ server }: Ground, sensor: Sensor) =>
  value(call(server.owner, readDevice, { params: { id: sensor.identity().deviceId } }))

/** RFC 8785 for what a bundle holds: objects, lists, texts, whole numbers, booleans. */
const canonical = (said: unknown): string => {
  if (Array.isArray(said)) return `[${said.map(canonical).join(',')}]`
  if (typeof said !== 'object' || said === null) return JSON.stringify(said)
  const members = Object.entries(said).toSorted(([left], [right]) => (left < right ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

eachEngine((engine) => {
  let offsetMs = 0
  const open = commonGround({ engine, clock: { nowMs: () => Date.now() + offsetMs } })
  const inOwnTenant = (name: string, work: (ground: Ground) => Promise<void>): void => {
    test(name, async () => {
      const ground = await (await open()).ofTenant()
      try {
        await work(ground)
      } finally {
        offsetMs = 0
        await ground.close()
      }
    })
  }

  inOwnTenant(
    'the configuration is empty only while nothing is published, and complete whatever generation is named',
    async (ground) => {
      const sensor = await ground.enrolled({ refusesBundles: true })
      for (const current of ['', 'g9-000000000000', 'x'.repeat(300)]) {
        const { generation, configJson, signature } = await configFor(sensor, current)
        assert.deepEqual([generation, configJson, signature], ['', '', ''])
      }
      const { generation, sha256: digest } = await publish(ground, denylist('One'))
      for (const current of ['', generation, 'g9-000000000000']) {
        const served = await configFor(sensor, current)
        assert.deepEqual([served.generation, sha256(served.bytes), served.signature], [generation, digest, ''])
      }
    },
  )

  inOwnTenant(
    'a rule for a surface that only our own agents have never reaches a published sensor, which takes all the rest',
    async (ground) => {
      const apt = `    - { id: acme.apt, surface: debianPackages, match: fieldContainsAny, field: name, values: [netcat],
        triggers: [present], severity: notable, title: T, rationale: R }
`
      const published = await ground.enrolled()
      const ours = await ground.enrolled({ refusesBundles: true })
      const { tenantId, deviceId } = ours.identity()
      const said = { tenantId, deviceId, sensorVersion: 'muster-agent/0.1.0', osVersion: 'Debian 13' }
      const health = { syncBacklogEvents: 0, syncBacklogBytes: 0 }
      const checkInAsOurs = () => ours.say('check-in', { ...said, activeConfigGeneration: '', health })
      assert.equal((await checkInAsOurs()).status, 200)
      const { generation } = await publish(ground, denylist('Denied', apt))
      assert.equal((await published.checkIn()).body?.configUpdateAvailable, true)
      assert.equal(published.identity().generation, generation)
      assert.equal((await configFor(published, '')).bytes.toString().includes('debianPackages'), false)
      // What a device calls itself is known a moment after it said so; asking is not answered by a restart here.
      let own = await configFor(ours, '')
      while (own.generation === generation) own = await configFor(ours, '')
      assert.equal((await checkInAsOurs()).body?.configGeneration, own.generation)
      assert.deepEqual(
        JSON.parse(own.bytes.toString()).rules.map(({ surface }: { surface: string }) => surface),
        ['javascriptPackages', 'debianPackages'],
      )
    },
  )

  inOwnTenant(
    'near the end of its certificate an agent that renews is reminded at check-in, and a published sensor never',
    async (ground) => {
      const sensor = await ground.enrolled()
      const { tenantId, deviceId, certificateExpiresAt } = sensor.identity()
      const asked = async (sensorVersion: string) => {
        const said = { tenantId, deviceId, sensorVersion, osVersion: 'x', activeConfigGeneration: '' }
        const { body, text } = await sensor.say('check-in', {
          ...said,
          health: { syncBacklogEvents: 0, syncBacklogBytes: 0 },
        })
        assert.ok(body !== undefined, text)
        return body.certificateRenewalRequired
      }
      assert.deepEqual([await asked('koban-agent'), await asked('muster-agent/0.1.0')], [false, false])
      offsetMs = Date.parse(certificateExpiresAt) - Date.now() - 20 * 86_400_000
      assert.deepEqual([await asked('koban-agent'), await asked('muster-agent/0.1.0')], [false, true])
    },
  )

  inOwnTenant(
    'a bundle has exactly watch, rules and sync, each complete, in canonical bytes that hash the same every time',
    async (ground) => {
      const sensor = await ground.enrolled({ refusesBundles: true })
      const published = await publish(ground, denylist('Denied npm package').replace('values:', '# why\n      values:'))
      const { bytes, generation } = await configFor(sensor, '')
      const bundle = JSON.parse(bytes.toString())
      assert.deepEqual(Object.keys(bundle), ['rules', 'sync', 'watch'])
      assert.equal(bytes.toString(), canonical(bundle))
      assert.deepEqual(bundle.sync, { maxBatchBytes: 524_288, maxBatchEvents: 500 })
      assert.deepEqual(Object.keys(bundle.watch).toSorted(), [
        'debounceMilliseconds',
        'excludeDirectories',
        'homeSignalScan',
        'maxDepth',
        'maxFreshScanAgeSeconds',
        'maxScanWallClockSeconds',
        'pollIntervalSeconds',
        'projectRoots',
      ])
      // The published vector: this rule alone, every default, 1474 bytes.
      assert.equal(bytes.length, 1474)
      assert.equal(sha256(bytes), '8438b4d6ba6863a0e311b147820209725ed675f9b68f3dd01fdf388be0bc732a')
      assert.equal(generation, `g1-${sha256(bytes).slice(0, 12)}`)
      const shown = await value(call(ground.server.owner, readGeneration, { params: { generation } }))
      assert.deepEqual([shown.sha256, shown.bundle, shown.byteCount], [sha256(bytes), bytes.toString(), 1474])
      const commented = await publish(ground, `# a comment\n${denylist('Denied npm package')}`)
      assert.deepEqual([commented.generation, commented.unchanged], [generation, true])
      const other = await publish(ground, denylist('Another title'))
      assert.match(other.generation, /^g2-/)
      const id = published.policyId
      const back = await value(
        call(ground.server.owner, rollbackPolicy, { params: { id }, body: { generation }, ifMatch: other.version }),
      )
      assert.match(back.generation, /^g3-/)
      assert.deepEqual((await configFor(sensor, '')).bytes, bytes)
    },
  )

  inOwnTenant('each authoring error is caught, with its line, and all at once', async (ground) => {
    const wrongs: readonly (readonly [from: string, to: string])[] = [
      ['surface: javascriptPackages', 'surface: windowsRegistry'],
      ['field: name', 'field: nickname'],
      ['[added, modified, present]', '[added, sometimes]'],
      ['severity: critical', 'severity: high'],
      ['match: fieldContainsAny', 'match: fieldIs'],
      ['      values: [plain-crypto-js]\n', ''],
      ['      title:', '      colour: red\n      title:'],
      ['agent:', 'agent:\n  watch: { pollIntervalSeconds: 1 }'],
      ['agent:', 'agent:\n  sync: { maxBatchEvents: 0 }'],
    ]
    const check = (yaml: string) => value(call(ground.server.owner, validatePolicy, { body: { yaml } }))
    for (const [from, to] of wrongs) {
      const { valid, errors } = await check(denylist('x').replace(from, to))
      assert.deepEqual(
        [valid, errors.length > 0, errors.every(({ line, column }) => line > 0 && column > 0)],
        [false, true, true],
        to,
      )
      const saved = await call(ground.server.owner, savePolicy, { body: { yaml: denylist('x').replace(from, to) } })
      assert.equal(!saved.ok && saved.refusal.status, 422)
    }
    const together = wrongs.slice(0, 4).reduce((yaml, [from, to]) => yaml.replace(from, to), denylist('x'))
    assert.ok((await check(together)).errors.length >= 4)
    const flag = 'match: flagEquals\n      flag: isSigned\n      expected: true\n      field: name'
    assert.equal((await check(denylist('x').replace('match: fieldContainsAny\n      field: name', flag))).valid, false)
    assert.equal((await check(denylist('x'))).valid, true)
  })

  inOwnTenant(
    'a check-in echoes an equal generation and announces a different one until it was taken',
    async (ground) => {
      const sensor = await ground.enrolled()
      const hint = async () => {
        const { body } = await sensor.checkIn()
        return [body?.configUpdateAvailable, body?.configGeneration]
      }
      assert.deepEqual(await hint(), [false, ''])
      assert.equal((await device(ground, sensor)).policy.status, 'local')
      const { generation } = await publish(ground, denylist('One'))
      assert.equal((await device(ground, sensor)).policy.status, 'pending')
      assert.deepEqual(await hint(), [true, generation])
      assert.deepEqual([sensor.identity().generation, sensor.restarts()], [generation, 1])
      assert.deepEqual(await hint(), [false, generation])
      const { policy } = await device(ground, sensor)
      assert.deepEqual(policy, {
        status: 'current',
        assignedGeneration: generation,
        reportedGeneration: generation,
        servedGeneration: generation,
      })
      assert.equal(sensor.restarts(), 1)
    },
  )

  inOwnTenant('a sync announces it once, and not while what was served has not been reported yet', async (ground) => {
    const sensor = await ground.enrolled({ refusesBundles: true })
    const hint = async () => (await sensor.say('sync', sensor.frame([]))).body?.configUpdateAvailable
    const { generation } = await publish(ground, denylist('One'))
    assert.deepEqual([await hint(), await hint(), await hint()], [true, false, false])
    offsetMs = 11 * 60_000
    assert.equal(await hint(), true)
    await configFor(sensor, '')
    offsetMs = 30 * 60_000
    assert.equal(await hint(), false)
    assert.equal((await sensor.say('sync', sensor.frame([]))).body?.configGeneration, generation)
  })

  inOwnTenant(
    'a device that never takes the bundle trips refusal detection: it is told to operators and left in peace',
    async (ground) => {
      const sensor = await ground.enrolled({ refusesBundles: true })
      const { generation, policyId } = await publish(ground, denylist('One'))
      const hints: (boolean | undefined)[] = []
      for (let times = 0; times < 8; times += 1) {
        const { body } = await sensor.checkIn()
        hints.push(body?.configUpdateAvailable)
        if (body?.configUpdateAvailable === false) assert.equal(body.configGeneration, '')
      }
      assert.deepEqual(hints, [true, true, true, true, true, false, false, false])
      assert.equal((await sensor.say('sync', sensor.frame([]))).body?.configUpdateAvailable, false)
      assert.equal((await device(ground, sensor)).policy.status, 'refused')
      const refusing = await value(call(ground.server.owner, listDevices, { query: { policyStatus: 'refused' } }))
      assert.deepEqual(
        refusing.items.map(({ id }) => id),
        [sensor.identity().deviceId],
      )
      const adoption = await value(call(ground.server.owner, policyAdoption, { params: { id: policyId } }))
      assert.deepEqual([adoption.generation, adoption.devices, adoption.refused], [generation, 1, 1])
      const next = await publish(ground, denylist('Two'))
      const { body } = await sensor.checkIn()
      assert.deepEqual([body?.configUpdateAvailable, body?.configGeneration], [true, next.generation])
    },
  )

  inOwnTenant(
    'a device gets the bundle of its group, and limits of the bundle are echoed and obeyed',
    async (ground) => {
      const { owner } = ground.server
      const [inside, outside] = [await ground.enrolled(), await ground.enrolled()]
      const group = await value(call(owner, createGroup, { body: { name: 'builders' } }))
      const addDeviceIds = [inside.identity().deviceId]
      const change = { params: { id: group.id }, ifMatch: group.version, body: { addDeviceIds } }
      await value(call(owner, changeGroup, change))
      const everyone = await publish(ground, denylist('One'))
      const builders = await publish(
        ground,
        denylist('Two', '  sync: { maxBatchEvents: 2, maxBatchBytes: 65536 }\n').replace('engineering', 'builders'),
        ['builders'],
      )
      await inside.checkIn()
      await outside.checkIn()
      assert.deepEqual(
        [inside.identity().generation, outside.identity().generation],
        [builders.generation, everyone.generation],
      )
      const { body } = await inside.say('sync', inside.frame([]))
      assert.deepEqual([body?.maxBatchEvents, body?.maxBatchBytes], [2, 65_536])
      await deliver(
        inside,
        ['a', 'b', 'c', 'd', 'e'].map((name) => itemEvent(npmItem(name, '1.0.0'))),
      )
      assert.equal(inside.outbox.rows().length, 5)
    },
  )
})
