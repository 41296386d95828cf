// Proof that the quick reading of a plain body and the thorough one come to the same, whatever is said.
// What bodies mean is proved in decide.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalJson } from '@muster/contract'
import { exampleHeartbeat } from '@muster/contract/testing'
import * as fc from 'fast-check'
import { z } from 'zod'
import { canonicalBody, isObject, type Json } from './aliases.ts'
import { Facts, REQUIRED, tidyBody } from './facts.ts'
import { fitsOf } from './fits.ts'
import { boundOf } from './heartbeat.fixture.ts'
import { readPlain } from './plain.ts'

const bound = boundOf(1)

test('the example is plain, with names of its own identity, errors, and nothing else', () => {
  const full = {
    ...exampleHeartbeat,
    cpu_count: null,
    agent_id: bound.agentId,
    site: bound.siteId,
    collection_errors: [{ code: 'timeout', fact: 'cpu_count' }],
  }
  for (const said of [exampleHeartbeat, full] as readonly Json[])
    assert.equal(readPlain(said, bound)?.canonical, canonicalJson(said))
})

const odd: readonly (readonly [string, Json])[] = [
  ['another agent', { agent_id: 'agt_other' }],
  ['an extra', { rack: 'a7' }],
  ['an alias', { uptime: 5 }],
  ['a fact that is wrong', { cpu_count: 0 }],
  ['no number', { memory_used_bytes: Number.POSITIVE_INFINITY }],
  ['more in use than there is', { memory_total_bytes: 1, memory_used_bytes: 2 }],
  ['a disk with more to it', { disks: [{ mount: '/', total_bytes: 2, used_bytes: 1, kind: 'ssd' }] }],
  ['an interface without an address of its own', { network_interfaces: [{ name: 'lo', ip_addresses: [], kind: 1 }] }],
  ['half a surrogate pair', { hostname: 'build-\ud800' }],
  ['a day that is none', { observed_at: '2026-02-30T00:00:00.000Z' }],
]
for (const [name, change] of odd)
  test(`not plain: ${name}`, () => assert.equal(readPlain({ ...exampleHeartbeat, ...change }, bound), undefined))

for (const name of [...REQUIRED, 'observed_at'])
  test(`not plain: without ${name}`, () => {
    const { [name]: _, ...rest } = exampleHeartbeat as Json
    assert.equal(readPlain(rest, bound), undefined)
  })

const members = Object.keys({ ...Facts.shape, observed_at: 0, agent_id: 0 })

/** Values that are nearly right, and right ones in other spellings. */
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.maxSafeInteger(),
  fc.constantFrom(...Object.values(exampleHeartbeat as Json)),
  fc.constantFrom('1.2.3-rc.1', '2026-11-22T16:00:00Z', 'AA-BB-CC-DD-EE-FF', 'fe80::1%en0', bound.agentId),
  fc.array(
    fc.record(
      { fact: fc.string(), code: fc.constantFrom('timeout', 'failed', 'other'), more: fc.nat() },
      { requiredKeys: [] },
    ),
  ),
  fc.array(
    fc.record(
      { used_bytes: fc.nat(), mount: fc.string(), total_bytes: fc.nat() },
      { requiredKeys: ['mount', 'used_bytes'] },
    ),
  ),
  fc.array(
    fc.record(
      {
        ip_addresses: fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())),
        mac_address: fc.constantFrom(null, 'AA-BB-CC-DD-EE-FF', '00:00:00:00:00:00', 'aa:bb', ''),
        name: fc.string({ minLength: 1 }),
      },
      { requiredKeys: ['name', 'ip_addresses'] },
    ),
  ),
)
const changes = fc.dictionary(
  fc.oneof(fc.constantFrom(...members), fc.constantFrom('__proto__', '10', 'os', 'x')),
  value,
  { maxKeys: 3 },
)

const sent = (said: Json): Json => {
  const arrived: unknown = JSON.parse(JSON.stringify(said))
  assert.ok(isObject(arrived))
  return arrived
}

test('a plain body is what the schemas and the canonical spelling make of it', () => {
  let plainCount = 0
  fc.assert(
    fc.property(changes, (change) => {
      const said = sent({ ...exampleHeartbeat, ...change })
      const plain = readPlain(said, bound)
      if (plain === undefined) return
      plainCount += 1
      const body = canonicalBody(said)
      const facts = Facts.parse(tidyBody(body))
      assert.equal(plain.canonical, canonicalJson(body))
      for (const name of ['collection_errors', 'network_interfaces', 'capabilities'] as const)
        assert.equal(JSON.stringify(plain.facts[name]), JSON.stringify(facts[name]))
      for (const name of Object.keys(facts) as readonly (keyof Facts)[])
        assert.deepEqual(plain.facts[name], facts[name])
    }),
    { numRuns: 500 },
  )
  assert.ok(plainCount > 20, `only ${plainCount} were plain`)
})

test('a question of a schema is answered as the schema would', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.values<z.ZodType>(Facts.shape)), value, (schema, said) => {
      if (fitsOf(schema)(said)) assert.ok(schema.safeParse(said).success)
    }),
    { numRuns: 500 },
  )
})

test('a schema nobody made a question of takes nothing quickly', () => {
  assert.equal(fitsOf(z.date())(new Date(0)), false)
  assert.equal(fitsOf(z.string().trim())('text'), false)
})
