// Proof that publishing puts exact bytes in force under labels that are never used twice, and that rolling back does too.
// Which bytes a document gives is tested in bundle/compile.test.ts.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { wholeTenant } from '@muster/identity'
import { sha256Hex } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { createPolicies } from './policy.ts'
import { by, code, documentOf, needs, plain, prepareScenes, sensor, value } from './testing.ts'

eachEngine((engine) => {
  const scene = prepareScenes(engine)

  describe('publishing', () => {
    scene(
      'puts canonical bytes in force for every device, at once',
      async ({ tenantId, policies, publish, served, audited }) => {
        assert.equal(served(), null)
        const published = await publish(documentOf('engineering'))
        assert.equal(published.generation, `g1-${published.sha256.slice(0, 12)}`)
        assert.deepEqual([published.unchanged, published.assignedTo], [false, ['default']])
        const bundle = policies.bundles.bundleFor(tenantId, [], sensor)
        assert.ok(bundle !== null)
        assert.equal(bundle.generation, published.generation)
        assert.equal(bundle.policyId, published.policyId)
        assert.equal(sha256Hex(bundle.bytes), published.sha256)
        assert.deepEqual(Buffer.from(bundle.base64, 'base64'), Buffer.from(bundle.bytes))
        assert.deepEqual(Object.keys(JSON.parse(Buffer.from(bundle.bytes).toString())), ['rules', 'sync', 'watch'])
        const entry = audited().at(-1)
        assert.equal(entry?.action, 'policy.published')
        assert.deepEqual(entry?.target, { type: 'policy', id: published.policyId })
        assert.deepEqual(entry?.details['generations'], [
          { capabilitySet: 'base', generation: published.generation, sha256: published.sha256, unchanged: false },
        ])
        assert.equal(entry?.details['scanScope'], false)
      },
    )

    scene('keeps the generation when only a comment changed', async ({ tenantId, policies, publish, served }) => {
      const first = await publish(documentOf('engineering'))
      const second = await publish(documentOf('engineering', 300, '# a comment'))
      assert.equal(second.generation, first.generation)
      assert.equal(second.unchanged, true)
      assert.notEqual(second.revisionId, first.revisionId)
      const third = await publish(documentOf('engineering', 60))
      assert.match(third.generation, /^g2-/)
      assert.equal(served(), third.generation)
      const { items } = value(await policies.listRevisions(tenantId, first.policyId, {}))
      assert.deepEqual(
        items.map(({ number, status }) => `${number} ${status}`),
        ['3 published', '2 archived', '1 archived'],
      )
    })

    scene('numbers generations through all policies of a tenant', async ({ publish }) => {
      const generations = [
        await publish(documentOf('a')),
        await publish(documentOf('b'), ['developers']),
        await publish(documentOf('a', 60)),
      ].map(({ generation }) => generation.split('-')[0])
      assert.deepEqual(generations, ['g1', 'g2', 'g3'])
    })

    scene(
      'gives groups their policy by priority, others the default',
      async ({ tenantId, policies, publish, served }) => {
        const all = await publish(documentOf('everybody', 100))
        const dev = await publish(documentOf('dev', 110), ['developers'])
        const sec = await publish(documentOf('sec', 120), ['grp_sec', 'developers'])
        assert.deepEqual(sec.assignedTo, ['security', 'developers'])
        assert.deepEqual(
          [served(), served([9]), served([7]), served([8, 7])],
          [all.generation, all.generation, sec.generation, sec.generation],
        )
        assert.deepEqual(value(await policies.listAssignments(wholeTenant(tenantId))).items, [
          { policyId: sec.policyId, group: 'security', priority: 2 },
          { policyId: sec.policyId, group: 'developers', priority: 1 },
          { policyId: all.policyId, group: null, priority: 0 },
        ])
        assert.equal(
          code(await policies.publish(by, tenantId, plain, dev.revisionId, dev.version, { groups: ['nobody'] })),
          'not_found',
        )
      },
    )

    scene('of an unknown revision, or one of another tenant, is not found', async ({ tenantId, policies, publish }) => {
      const { revisionId, policyId, generation } = await publish(documentOf('engineering'))
      assert.equal(code(await policies.publish(by, tenantId, plain, 'rev_none', 0, {})), 'not_found')
      assert.equal(code(await policies.publish(by, 'other', plain, revisionId, 1, {})), 'not_found')
      assert.equal(code(await policies.readRevision('other', revisionId)), 'not_found')
      assert.equal(code(await policies.listRevisions('other', policyId, {})), 'not_found')
      assert.equal(code(await policies.readGeneration('other', generation)), 'not_found')
      assert.equal(code(await policies.rollback(by, 'other', policyId, 1, { generation })), 'not_found')
      assert.equal(code(await policies.adoption('other', policyId, [])), 'not_found')
      const items = [{ policyId, group: null, priority: 0 }]
      assert.equal(code(await policies.replaceAssignments(by, 'other', 0, { items })), 'not_found')
      assert.deepEqual(value(await policies.list('other', {})).items, [])
      assert.deepEqual(value(await policies.listGenerations('other', {})).items, [])
      assert.deepEqual(value(await policies.listAssignments(wholeTenant('other'))).items, [])
      assert.equal(policies.bundles.bundleFor('other', [], sensor), null)
    })

    scene(
      'of a policy that changed since it was read is refused',
      async ({ tenantId, policies, publish, served, audited }) => {
        const first = await publish(documentOf('engineering', 100))
        assert.equal(first.version, 1)
        const { policy, revision } = value(
          await policies.save(by, tenantId, plain, { yaml: documentOf('engineering', 110) }),
        )
        assert.equal(policy.version, 1, 'a draft is nothing in force')
        const statements = audited().length
        for (const version of [0, 2])
          assert.equal(code(await policies.publish(by, tenantId, plain, revision.id, version, {})), 'version_stale')
        const generation = { generation: first.generation }
        assert.equal(code(await policies.rollback(by, tenantId, policy.id, 2, generation)), 'version_stale')
        assert.deepEqual([served(), audited().length], [first.generation, statements])
        const racing = await Promise.all([1, 2, 3].map(() => policies.publish(by, tenantId, plain, revision.id, 1, {})))
        assert.deepEqual(racing.map(code).toSorted(), ['ok', 'version_stale', 'version_stale'])
        const back = value(await policies.rollback(by, tenantId, policy.id, 2, generation))
        assert.equal(back.version, 3)
        const [known] = value(await policies.list(tenantId, {})).items
        assert.equal(known?.version, 3)
      },
    )

    scene('by many at once gives every text its own number', async ({ tenantId, policies, served }) => {
      const saved = await Promise.all(
        [100, 110, 120, 130].map(async (seconds) =>
          value(await policies.save(by, tenantId, plain, { yaml: documentOf(`p${seconds}`, seconds) })),
        ),
      )
      const published = await Promise.all(
        saved.map(async ({ revision }) => value(await policies.publish(by, tenantId, plain, revision.id, 0, {}))),
      )
      const numbers = published.map(({ generation }) => Number(generation.slice(1).split('-')[0]))
      assert.deepEqual(new Set(numbers), new Set([1, 2, 3, 4]))
      const { items } = value(await policies.listAssignments(wholeTenant(tenantId)))
      const holder = published.find(({ policyId }) => policyId === items[0]?.policyId)
      assert.equal(items.length, 1)
      assert.equal(served(), holder?.generation)
    })

    scene('with an audit history that cannot be written changes nothing', async ({ tenantId, storage, policies }) => {
      const failing = await createPolicies({
        ...needs,
        storage,
        audit: () => Promise.reject(new Error('no history')),
      })
      const { revision } = value(await policies.save(by, tenantId, plain, { yaml: documentOf('engineering') }))
      await assert.rejects(failing.publish(by, tenantId, plain, revision.id, 0, {}), /no history/)
      await assert.rejects(failing.save(by, tenantId, plain, { yaml: documentOf('other') }), /no history/)
      await failing.close()
      assert.equal(value(await policies.readRevision(tenantId, revision.id)).status, 'draft')
      assert.deepEqual(value(await policies.listGenerations(tenantId, {})).items, [])
      assert.equal(value(await policies.list(tenantId, {})).items.length, 1)
    })
  })

  describe('a rule for a surface that only our own agents have', () => {
    const rule = `agent:
  includeBuiltinRules: false
  rules:
    - { id: acme.apt, surface: debianPackages, match: fieldContainsAny, field: name, values: [netcat], triggers: [present],
        severity: notable, title: T, rationale: R }
`
    const withRule = (seconds: number): string =>
      `${documentOf('engineering').split('agent:')[0]}${rule}  watch: { pollIntervalSeconds: ${seconds} }\n`
    const without = (seconds: number): string => withRule(seconds).replace(/rules:\n.*\n.*\n/, 'rules: []\n')
    const ours = 'muster-agent/0.1.0'

    scene('goes to them under a generation of its own, and not to others', async ({ tenantId, policies, publish }) => {
      const { generation, droppedRules } = await publish(withRule(100))
      assert.deepEqual(
        droppedRules.map(({ id }) => id),
        ['acme.apt'],
      )
      const rulesOf = (version: string) => {
        const served = policies.bundles.bundleFor(tenantId, [], version)
        return [served?.generation.slice(0, 2), JSON.parse(Buffer.from(served?.bytes ?? []).toString()).rules.length]
      }
      assert.match(generation, /^g1-/)
      assert.deepEqual(
        [rulesOf('koban-agent'), rulesOf(ours)],
        [
          ['g1', 0],
          ['g2', 1],
        ],
      )
      const { items } = value(await policies.listGenerations(tenantId, {}))
      assert.deepEqual(
        items.map(({ capabilitySet }) => capabilitySet),
        ['muster', 'base'],
      )
    })

    scene('leaves a policy without such rules in one generation for all', async ({ publish, served }) => {
      const { generation } = await publish(without(100))
      assert.deepEqual([served([], 'koban-agent'), served([], ours)], [generation, generation])
    })

    scene('comes and goes without touching the agents that never had it', async ({ publish, served }) => {
      const plain = await publish(without(100))
      await publish(withRule(100))
      assert.deepEqual([served([], 'koban-agent'), served([], ours)?.slice(0, 2)], [plain.generation, 'g2'])
      const again = await publish(without(100))
      assert.equal(again.generation, plain.generation)
      assert.deepEqual(
        [served([], 'koban-agent'), served([], ours)?.slice(3)],
        [plain.generation, plain.generation.slice(3)],
      )
      const unchanged = await publish(without(100))
      assert.equal(unchanged.unchanged, true)
    })

    scene(
      'is gone after a rollback to before it, and back after one to it',
      async ({ tenantId, policies, publish, served }) => {
        const before = await publish(without(100))
        await publish(withRule(110))
        const digests = () => [served([], 'koban-agent')?.split('-')[1], served([], ours)?.split('-')[1]]
        const withIt = digests()
        const ruled = served([], ours) ?? ''
        value(await policies.rollback(by, tenantId, before.policyId, 2, { generation: before.generation }))
        assert.deepEqual(digests(), [before.generation.split('-')[1], before.generation.split('-')[1]])
        value(await policies.rollback(by, tenantId, before.policyId, 3, { generation: ruled }))
        assert.deepEqual(digests(), withIt)
      },
    )

    scene('is told to its author when it is checked', async ({ tenantId, policies }) => {
      const { errors, warnings } = value(await policies.validate(tenantId, plain, { yaml: withRule(100) }))
      assert.deepEqual([errors, warnings.map(({ code }) => code)], [[], ['own_agents_only']])
    })
  })

  describe('rolling back', () => {
    scene(
      'publishes the old bytes under a new generation',
      async ({ tenantId, policies, publish, served, audited }) => {
        const first = await publish(documentOf('engineering', 100))
        await publish(documentOf('engineering', 110))
        const back = value(await policies.rollback(by, tenantId, first.policyId, 2, { generation: first.generation }))
        assert.equal(back.generation, `g3-${first.sha256.slice(0, 12)}`)
        assert.deepEqual([back.sha256, back.revisionId, back.unchanged], [first.sha256, first.revisionId, false])
        assert.deepEqual(back.assignedTo, ['default'])
        assert.equal(served(), back.generation)
        assert.equal(audited().at(-1)?.action, 'policy.rolled_back')
        assert.equal(audited().at(-1)?.details['rolledBackTo'], first.generation)
        const { items } = value(await policies.listRevisions(tenantId, first.policyId, {}))
        assert.deepEqual(
          items.map(({ status }) => status),
          ['archived', 'published'],
        )
        const [policy] = value(await policies.list(tenantId, {})).items
        assert.deepEqual([policy?.publishedRevisionId, policy?.generation], [first.revisionId, back.generation])
        const again = await publish(documentOf('engineering', 100, '# the same'))
        assert.deepEqual([again.generation, again.unchanged], [back.generation, true])
      },
    )

    scene('to what another policy published, or nobody did, is not found', async ({ tenantId, policies, publish }) => {
      const one = await publish(documentOf('one', 100))
      const two = await publish(documentOf('two', 110))
      for (const generation of [two.generation, 'g9-000000000000', 'g1-000000000000', '', 'g01', 'gNaN-'])
        assert.equal(
          code(await policies.rollback(by, tenantId, one.policyId, 1, { generation })),
          'not_found',
          generation,
        )
    })
  })
})
