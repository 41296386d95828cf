// The stage for tests of policies: a database per engine and suite, and a tenant of its own for every scene.
// What is proved stands in the tests; groups are two that always exist, since identity is another room.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AuditStatement } from '@muster/contract'
import { createFakeClock, newId, ok, refuse, silentLog } from '@muster/kernel'
import type { Engine, Storage, Tx } from '@muster/storage'
import { openTestStorage } from '@muster/storage/testing'
import { CAPABILITY_SETS, type CapabilitySet } from './bundle/capability.ts'
import { policyMigrations } from './migrations.ts'
import type { GroupBook } from './needs.ts'
import { createPolicies, type Policies } from './policy.ts'

export const rooms = [{ room: 'observe', migrations: policyMigrations }]
export const by = { actor: { type: 'operator', id: 'opt_alice' }, requestId: 'req_1' } as const
export const plain = { mayWidenScan: false }
export const sensor = 'koban-agent'

const known = [
  { groupNo: 7, id: 'grp_dev', name: 'developers' },
  { groupNo: 8, id: 'grp_sec', name: 'security' },
]

/** Groups belong to identity; these two are all there is, in every tenant. */
const groups: GroupBook = {
  async resolve(_tenantId, idsOrNames) {
    const found = idsOrNames.map((text) => known.find(({ id, name }) => id === text || name === text))
    const missing = found.indexOf(undefined)
    if (missing !== -1) return refuse('not_found', `There is no group ${idsOrNames[missing]}.`)
    return ok(found.flatMap((group) => group ?? []))
  },
  named: async (_tenantId, groupNos) => known.filter(({ groupNo }) => groupNos.includes(groupNo)),
}

export const documentOf = (name: string, pollIntervalSeconds = 300, comment = ''): string =>
  [
    `apiVersion: fleet/v1 ${comment}`,
    'kind: Policy',
    `metadata: { name: ${name}, description: About ${name} }`,
    `agent: { watch: { pollIntervalSeconds: ${pollIntervalSeconds} } }`,
  ].join('\n')

export interface Published {
  readonly generation: string
  readonly revisionId: string
  readonly policyId: string
  readonly sha256: string
  readonly unchanged: boolean
  readonly assignedTo: readonly string[]
  readonly droppedRules: readonly { readonly id: string }[]
  readonly version: number
}

/** One tenant of its own, in a database that the scenes of an engine share. */
export interface World {
  readonly tenantId: string
  readonly storage: Storage
  readonly policies: Policies
  audited(): readonly AuditStatement[]
  /** Saves and publishes. */
  publish(text: string, groups?: string[]): Promise<Published>
  served(groupNos?: readonly number[], sensorVersion?: string): string | null
}

export const value = <T>(result: { ok: true; value: T } | { ok: false; refusal: { code: string } }): T =>
  result.ok ? result.value : assert.fail(`refused: ${result.refusal.code}`)

export const code = (result: { ok: true } | { ok: false; refusal: { code: string } }): string =>
  result.ok ? 'ok' : result.refusal.code

export const needs = { groups, clock: createFakeClock(), log: silentLog }

const createWorld = (storage: Storage, policies: Policies, statements: readonly AuditStatement[]): World => {
  const tenantId = newId('tenant')
  return {
    tenantId,
    storage,
    policies,
    audited: () => statements.filter((statement) => statement.tenantId === tenantId),
    async publish(text, named) {
      const { policy, revision } = value(await policies.save(by, tenantId, plain, { yaml: text }))
      const body = named === undefined ? {} : { groups: named }
      return value(await policies.publish(by, tenantId, plain, revision.id, policy.version, body))
    },
    served: (groupNos = [], sensorVersion = sensor) =>
      policies.bundles.bundleFor(tenantId, groupNos, sensorVersion)?.generation ?? null,
  }
}

export type Scene = (name: string, play: (world: World) => Promise<void>) => void

/** Called within a suite; what it answers makes one test. */
export const prepareScenes = (engine: Engine, capabilitySets: readonly CapabilitySet[] = CAPABILITY_SETS): Scene => {
  const statements: AuditStatement[] = []
  let storage: Storage
  let policies: Policies
  before(async () => {
    storage = await openTestStorage(engine, rooms)
    const audit = async (_tx: Tx, said: readonly AuditStatement[]) => statements.push(...said)
    policies = await createPolicies({ ...needs, storage, audit, capabilitySets })
  })
  after(async () => {
    await policies.close()
    await storage.close()
  })
  return (name, play) => void test(name, () => play(createWorld(storage, policies, statements)))
}
