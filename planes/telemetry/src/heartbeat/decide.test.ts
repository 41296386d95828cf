// Proof of what a heartbeat's body means: the published digest, aliases, missing facts, extras, clocks, other identities.
// That it is stored once is proved in heartbeat.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalJson } from '@muster/contract'
import { DISK_ALIASES, EXTRAS, FACT_NAMES, HEARTBEAT_ALIASES, INTERFACE_ALIASES } from '@muster/contract/device'
import { exampleHeartbeat } from '@muster/contract/testing'
import * as fc from 'fast-check'
import { canonicalBody, type Json } from './aliases.ts'
import { type Asked, decideHeartbeat, type Heartbeat } from './decide.ts'
import { decideOrder } from './decide-order.ts'
import { changedParts, descriptionDigest, faceOf } from './describe.ts'
import { boundOf, exampleMs } from './heartbeat.fixture.ts'
import { contentDigest } from './key.ts'

const bound = boundOf(1)
const asked: Asked = { bound, receivedMs: exampleMs, idempotencyKey: null, isLenient: false }

const decide = (said: Json, more: Partial<Asked> = {}) => decideHeartbeat(said, { ...asked, ...more })

const accepted = (said: Json, more: Partial<Asked> = {}): Heartbeat => {
  const decided = decide(said, more)
  assert.ok(decided.ok, JSON.stringify(decided))
  return decided.value
}

const refusedFields = (said: Json, more: Partial<Asked> = {}): readonly string[] => {
  const decided = decide(said, more)
  assert.ok(!decided.ok)
  assert.equal(decided.refusal.code, 'heartbeat_invalid')
  return (decided.refusal.fields ?? []).map(({ path }) => path)
}

const without = (...keys: readonly string[]): Json =>
  Object.fromEntries(Object.entries(exampleHeartbeat).filter(([key]) => !keys.includes(key)))

test('the example has the published digest (telemetry 22)', () => {
  assert.equal(canonicalJson(exampleHeartbeat).length, 543)
  const digest = '92276386321549d6c8ac02c0b1f10e4a36a4374d0f5a2e2a45097e960c462b70'
  assert.equal(contentDigest(exampleHeartbeat), digest)
  assert.equal(accepted(exampleHeartbeat).digest, digest)
  assert.equal(accepted(exampleHeartbeat).key, exampleHeartbeat.heartbeat_id.replaceAll('-', ''))
  assert.deepEqual(accepted(exampleHeartbeat).warnings, [])
})

const renamed = (object: Json, from: string, to: string): Json => {
  const { [from]: value, ...rest } = object
  return { ...rest, [to]: value }
}

for (const [name, aliases] of Object.entries(HEARTBEAT_ALIASES))
  for (const alias of aliases)
    test(`${alias} is read as ${name}`, () => {
      const said = renamed(exampleHeartbeat, name, alias)
      assert.deepEqual(canonicalBody(said), { ...exampleHeartbeat })
      assert.deepEqual(accepted(said), accepted(exampleHeartbeat))
    })

for (const [name, aliases] of Object.entries(DISK_ALIASES))
  for (const alias of aliases)
    test(`a disk's ${alias} is read as ${name}`, () => {
      const said = { ...exampleHeartbeat, disks: exampleHeartbeat.disks.map((disk) => renamed(disk, name, alias)) }
      assert.deepEqual(accepted(said), accepted(exampleHeartbeat))
    })

for (const [name, aliases] of Object.entries(INTERFACE_ALIASES))
  for (const alias of aliases)
    test(`an interface's ${alias} is read as ${name}`, () => {
      const interfaces = exampleHeartbeat.network_interfaces.map((one) => renamed(one, name, alias))
      assert.deepEqual(accepted({ ...exampleHeartbeat, network_interfaces: interfaces }), accepted(exampleHeartbeat))
    })

test('other makers: names of systems, addresses with a prefix length, a list that is no count', () => {
  assert.equal(accepted({ ...without('os_family'), os: 'darwin' }).description.osFamily, 'macos')
  assert.equal(accepted({ ...without('os_family'), platform: 'win32' }).description.osFamily, 'windows')
  const nics = [{ name: 'en0', mac: '02-42-AC-11-00-02', ips: ['10.0.0.7/24', 'FE80::1%en0'] }]
  const { description } = accepted({ ...without('network_interfaces'), nics })
  assert.deepEqual(description.networkInterfaces, [
    { name: 'en0', mac_address: '02:42:ac:11:00:02', ip_addresses: ['10.0.0.7', 'fe80::1'] },
  ])
  assert.deepEqual(refusedFields({ ...without('process_count'), processes: ['init'] }), ['process_count'])
})

test('the canonical name wins over its alias, which is then an extra', () => {
  const { description, metrics } = accepted({ ...exampleHeartbeat, uptime: 5 })
  assert.equal(metrics.uptimeSeconds, exampleHeartbeat.uptime_seconds)
  assert.deepEqual(description.extras, { uptime: 5 })
})

for (const fact of FACT_NAMES) {
  test(`${fact} may be null, with its reason`, () => {
    const collection_errors = [{ fact, code: 'permission_denied' }]
    const { description } = accepted({ ...exampleHeartbeat, [fact]: null, collection_errors })
    assert.deepEqual(description.collectionErrors, collection_errors)
  })
  test(`${fact} missing is refused, and warned of where that is allowed`, () => {
    assert.deepEqual(refusedFields(without(fact)), [fact])
    assert.deepEqual(accepted(without(fact), { isLenient: true }).warnings, [`missing:${fact}`])
  })
}

const faulty: readonly (readonly [field: string, value: unknown])[] = [
  ['hostname', ''],
  ['hostname', 'h'.repeat(254)],
  ['os_family', 'o'.repeat(33)],
  ['uptime_seconds', -1],
  ['uptime_seconds', 1.5],
  ['cpu_count', 0],
  ['cpu_usage_percent', 100.1],
  ['memory_used_bytes', exampleHeartbeat.memory_total_bytes + 1],
  ['disks', [{ mount: '/' }]],
  ['disks', Array(65).fill(exampleHeartbeat.disks[0])],
  ['network_interfaces', [{ name: 'eth0', mac_address: 'no', ip_addresses: [] }]],
  ['network_interfaces', [{ name: 'eth0', mac_address: null, ip_addresses: ['10.0.0.256'] }]],
  ['process_count', 'many'],
  ['heartbeat_id', '7'],
  ['observed_at', 'yesterday'],
  ['observed_at', 5],
  ['collection_errors', [{ fact: 'disks', code: 'sunspots' }]],
  ['capabilities', 'token_renewal'],
]
for (const [field, value] of faulty)
  test(`${field}: ${JSON.stringify(value).slice(0, 40)} is refused by its name alone`, () => {
    assert.deepEqual(refusedFields({ ...exampleHeartbeat, [field]: value }), [field])
    assert.deepEqual(refusedFields({ ...exampleHeartbeat, [field]: value }, { isLenient: true }), [field])
  })

const overrides = ['tenant_id', 'tenant', 'site_id', 'site', 'agent_id', 'collector_id', 'asset_id'] as const
const own = {
  tenant_id: bound.tenantId,
  tenant: bound.tenantId,
  site_id: bound.siteId,
  site: bound.siteId,
  agent_id: bound.agentId,
  collector_id: bound.collectorId,
  asset_id: bound.assetId,
}
for (const key of overrides) {
  test(`${key}: one's own is dropped, another's is refused, and so is what is no text`, () => {
    assert.deepEqual(accepted({ ...exampleHeartbeat, [key]: own[key] }).description.extras, {})
    for (const other of ['ast_other', null, 5, [own[key]]]) {
      const decided = decide({ ...exampleHeartbeat, [key]: other })
      assert.equal(!decided.ok && decided.refusal.code, 'identity_override_rejected')
    }
  })
}

test('an identity further down is an extra like any other', () => {
  const nested = { asset_id: 'ast_other' }
  assert.deepEqual(accepted({ ...exampleHeartbeat, about: nested }).description.extras, { about: nested })
})

test('an override is refused before a fault is looked for', () => {
  const decided = decide({ agent_id: 'agt_other' })
  assert.equal(!decided.ok && decided.refusal.code, 'identity_override_rejected')
})

const nest = (depth: number): unknown => (depth === 0 ? 1 : { deeper: nest(depth - 1) })

test('extras beyond the bounds are named and dropped, never refused', () => {
  const many = Object.fromEntries(Array.from({ length: EXTRAS.maxKeys + 1 }, (_, index) => [`extra_${index}`, index]))
  const crowd = accepted({ ...exampleHeartbeat, ...many })
  assert.equal(Object.keys(crowd.description.extras).length, EXTRAS.maxKeys)
  assert.deepEqual(crowd.warnings, ['extra_dropped:extra_64'])

  const deep = accepted({ ...exampleHeartbeat, deep: nest(5), fine: nest(4), Loud: 1, long: 'x'.repeat(4097), ok: 'x' })
  assert.deepEqual(Object.keys(deep.description.extras), ['fine', 'ok'])
  assert.deepEqual(deep.warnings, ['extra_dropped:deep', 'extra_dropped:Loud', 'extra_dropped:long'])
})

test('what looks like a secret is never kept, at any depth', () => {
  const said = {
    ...exampleHeartbeat,
    API_Token: 'a',
    my_password: 'b',
    about: { cookies: 'c', fine: [{ secret: 'd', e: 1 }] },
  }
  const heartbeat = accepted(said)
  assert.deepEqual(heartbeat.description.extras, { about: { fine: [{ e: 1 }] } })
  assert.equal(heartbeat.secretCount, 4)
})

test('there are never more warnings than may be said', () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`LOUD_${index}`, index]))
  assert.equal(accepted({ ...exampleHeartbeat, ...many }).warnings.length, 16)
})

const hourMs = 3_600_000
const clocks: readonly { name: string; aheadMs: number; skew: number | null; observedMs: number }[] = [
  { name: 'right', aheadMs: 0, skew: null, observedMs: exampleMs },
  { name: 'five minutes slow', aheadMs: -300_000, skew: null, observedMs: exampleMs - 300_000 },
  { name: 'a little more', aheadMs: -301_000, skew: 301, observedMs: exampleMs - 301_000 },
  { name: 'a day slow', aheadMs: -24 * hourMs, skew: 86_400, observedMs: exampleMs - 24 * hourMs },
  { name: 'a day fast', aheadMs: 24 * hourMs, skew: -86_400, observedMs: exampleMs + 24 * hourMs },
  { name: 'more than a day fast', aheadMs: 25 * hourMs, skew: -90_000, observedMs: exampleMs },
]
for (const { name, aheadMs, skew, observedMs } of clocks)
  test(`a clock that is ${name} is accepted`, () => {
    const heartbeat = accepted({ ...exampleHeartbeat, observed_at: new Date(exampleMs + aheadMs).toISOString() })
    assert.equal(heartbeat.clockSkewSeconds, skew)
    assert.equal(heartbeat.observedMs, observedMs)
    assert.deepEqual(heartbeat.warnings, skew === null ? [] : ['clock_skew'])
  })

test('whatever is sent, deciding answers, and what is accepted has a digest of 64 digits', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.boolean(), (said, isLenient) => {
      const body = JSON.parse(JSON.stringify({ ...(isLenient ? {} : exampleHeartbeat), ...said })) as Json
      const decided = decide(body, { isLenient })
      if (decided.ok) assert.match(decided.value.digest, /^[0-9a-f]{64}$/)
    }),
  )
})

test('half a surrogate pair is refused, not thrown', () => {
  assert.deepEqual(refusedFields({ ...exampleHeartbeat, note: '\ud800' }), [])
})

const heard = { digest: 'ab'.repeat(32), observedMs: 5 }
const orders = [
  { name: 'the first is the newest', facts: { heldDigest: undefined, newestObservedMs: null }, want: 'newest' },
  { name: 'one observed later is the newest', facts: { heldDigest: undefined, newestObservedMs: 4 }, want: 'newest' },
  { name: 'one observed before is late', facts: { heldDigest: undefined, newestObservedMs: 6 }, want: 'late' },
  {
    name: 'the same again is a duplicate',
    facts: { heldDigest: 'ab'.repeat(8), newestObservedMs: 9 },
    want: 'duplicate',
  },
  {
    name: 'another content is a conflict',
    facts: { heldDigest: 'cd'.repeat(8), newestObservedMs: 9 },
    want: 'conflict',
  },
] as const
for (const { name, facts, want } of orders) test(name, () => assert.equal(decideOrder(facts, heard), want))

test('a face changes with name, system and addresses, and with nothing else', () => {
  const before = accepted(exampleHeartbeat).description
  const changed = (more: Json) =>
    changedParts(faceOf(before), faceOf(accepted({ ...exampleHeartbeat, ...more }).description))
  assert.deepEqual(changed({ cpu_count: 4, memory_total_bytes: 2 ** 40 }), [])
  assert.deepEqual(changed({ hostname: 'x', os_version: 'y' }), ['hostname', 'os_version'])
  const [first] = exampleHeartbeat.network_interfaces
  const turned = [{ ...first, ip_addresses: [...first.ip_addresses].reverse() }]
  assert.deepEqual(changed({ network_interfaces: turned }), [])
  assert.deepEqual(changed({ network_interfaces: [{ ...first, ip_addresses: ['10.0.0.8'] }] }), ['network_interfaces'])
  assert.deepEqual(changed({ hostname: null }), [])
  assert.deepEqual(changedParts('', faceOf(before)), [])
  assert.notEqual(descriptionDigest(before), descriptionDigest({ ...before, cpuCount: 4 }))
})
