// Proof of what operators read: pages in a stable order, exact bytes, and counts of adoption.
// How the rows came to be is tested in save.test.ts and publish.test.ts.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import * as contract from '@muster/contract'
import { wholeTenant } from '@muster/identity'
import { sha256Hex } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { by, code, documentOf, plain, prepareScenes, sensor, value } from './testing.ts'

const manyRules = [
  ...documentOf('one').split('\n').slice(0, 3),
  'agent:',
  '  includeBuiltinRules: true',
  '  rules:',
  ...Array.from(
    { length: 25 },
    (_, at) =>
      `    - { id: r${at}, surface: homebrew, triggers: [present], match: always, severity: info, title: T, rationale: R }`,
  ),
].join('\n')

eachEngine((engine) => {
  const scene = prepareScenes(engine)

  describe('reading', () => {
    scene('finds a policy by its id and by its name, in its own tenant', async ({ tenantId, policies, publish }) => {
      const { policyId } = await publish(documentOf('Ä b.c'))
      await publish(documentOf('other'))
      const byId = value(await policies.read(tenantId, policyId))
      assert.deepEqual([byId.id, byId.name, byId.version], [policyId, 'Ä b.c', 1])
      assert.deepEqual(value(await policies.read(tenantId, 'Ä b.c')), byId)
      for (const strange of ['Ä', 'pol_none']) assert.equal(code(await policies.read(tenantId, strange)), 'not_found')
      assert.equal(code(await policies.read('other', policyId)), 'not_found')
    })

    scene('pages through policies, revisions and generations', async ({ tenantId, policies, publish }) => {
      for (const name of ['b', 'a', 'Ä', 'c']) await publish(documentOf(name))
      for (const seconds of [100, 110]) await publish(documentOf('a', seconds))
      const names: string[] = []
      let cursor: string | null = null
      do {
        const page = value(await policies.list(tenantId, { limit: '1', ...(cursor === null ? {} : { cursor }) })) as {
          items: { name: string }[]
          nextCursor: string | null
        }
        names.push(...page.items.map(({ name }) => name))
        cursor = page.nextCursor
      } while (cursor !== null)
      assert.deepEqual(names, ['a', 'b', 'c', 'Ä'])
      const [first] = value(await policies.list(tenantId, {})).items
      assert.ok(first !== undefined)
      const newest = value(await policies.listRevisions(tenantId, first.id, { limit: '2' }))
      assert.deepEqual(
        newest.items.map(({ number }) => number),
        [3, 2],
      )
      const rest = value(await policies.listRevisions(tenantId, first.id, { cursor: newest.nextCursor ?? '' }))
      assert.deepEqual([rest.items.map(({ number }) => number), rest.nextCursor], [[1], null])
      const own = value(await policies.listGenerations(tenantId, { policyId: first.id }))
      assert.deepEqual(
        own.items.map(({ generation }) => generation.split('-')[0]),
        ['g6', 'g5', 'g2'],
      )
      const all = value(await policies.listGenerations(tenantId, { limit: '4' }))
      const older = value(await policies.listGenerations(tenantId, { cursor: all.nextCursor ?? '' }))
      assert.equal(all.items.length + older.items.length, 6)
    })

    scene('refuses a cursor that no list gave out', async ({ tenantId, policies, publish }) => {
      const { policyId } = await publish(documentOf('one'))
      const cursor = Buffer.from('name x').toString('base64url')
      assert.equal(code(await policies.list(tenantId, { cursor: 'bm9uc2Vuc2U' })), 'request_malformed')
      assert.equal(code(await policies.listRevisions(tenantId, policyId, { cursor })), 'request_malformed')
      assert.equal(code(await policies.listGenerations(tenantId, { cursor })), 'request_malformed')
    })

    scene('gives a generation with its exact bytes', async ({ tenantId, policies, publish }) => {
      const published = await publish(documentOf('one'))
      const { bundle, ...facts } = value(await policies.readGeneration(tenantId, published.generation))
      assert.equal(sha256Hex(bundle), published.sha256)
      assert.deepEqual(facts, {
        generation: published.generation,
        policyId: published.policyId,
        revisionId: published.revisionId,
        capabilitySet: 'base',
        sha256: published.sha256,
        byteCount: Buffer.byteLength(bundle),
        droppedRules: [],
        publishedBy: 'opt_alice',
        publishedAt: '2026-06-02T12:00:00.000Z',
      })
    })

    scene('says nothing that the contract does not', async ({ tenantId, policies, publish }) => {
      const { policyId, revisionId, generation } = await publish(documentOf('one'))
      const saved = await policies.save(by, tenantId, plain, { yaml: documentOf('two') })
      contract.savePolicy.reply.parse(value(saved))
      for (const yaml of [documentOf('one'), manyRules, 'a: [*b, !c d]'])
        contract.validatePolicy.reply.parse(value(await policies.validate(tenantId, plain, { yaml })))
      contract.listPolicies.reply.parse(value(await policies.list(tenantId, {})))
      contract.listRevisions.reply.parse(value(await policies.listRevisions(tenantId, policyId, {})))
      contract.readRevision.reply.parse(value(await policies.readRevision(tenantId, revisionId)))
      contract.listGenerations.reply.parse(value(await policies.listGenerations(tenantId, {})))
      contract.readGeneration.reply.parse(value(await policies.readGeneration(tenantId, generation)))
      contract.listAssignments.reply.parse(value(await policies.listAssignments(wholeTenant(tenantId))))
      contract.publishRevision.reply.parse(value(await policies.publish(by, tenantId, plain, revisionId, 1, {})))
      contract.rollbackPolicy.reply.parse(value(await policies.rollback(by, tenantId, policyId, 2, { generation })))
      contract.policyAdoption.reply.parse(value(await policies.adoption(tenantId, policyId, [])))
    })

    scene('counts adoption among the devices the policy reaches', async ({ tenantId, policies, publish }) => {
      const all = await publish(documentOf('everybody'))
      const dev = await publish(documentOf('dev', 100), ['developers'])
      const statuses = ['current', 'current', 'pending', 'refused', 'unknown', 'local'] as const
      const devices = statuses.map((status, at) => ({ groupNos: at < 2 ? [7] : [], sensorVersion: sensor, status }))
      const counted = value(await policies.adoption(tenantId, all.policyId, devices))
      assert.deepEqual(counted, {
        policyId: all.policyId,
        generation: all.generation,
        devices: 4,
        current: 0,
        pending: 1,
        refused: 1,
        unknown: 2,
        publishedAt: '2026-06-02T12:00:00.000Z',
      })
      assert.equal(value(await policies.adoption(tenantId, dev.policyId, devices)).current, 2)
    })
  })
})
