// Proof that devices get the policy of their highest group, and that assignments change all at once or not at all.
// The rule itself is tested in decide.test.ts.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { wholeTenant } from '@muster/identity'
import { eachEngine } from '@muster/storage/testing'
import { isGroupAssigned } from './assignment-store.ts'
import { by, code, documentOf, plain, prepareScenes, value } from './testing.ts'

eachEngine((engine) => {
  const scene = prepareScenes(engine)

  describe('assigning', () => {
    scene(
      'replaces everything at once, and devices follow',
      async ({ tenantId, policies, publish, served, audited }) => {
        const one = await publish(documentOf('one', 100))
        const two = await publish(documentOf('two', 110))
        const items = [
          { policyId: one.policyId, group: 'developers', priority: 10 },
          { policyId: two.policyId, group: 'grp_sec', priority: 20 },
        ]
        const replaced = value(await policies.replaceAssignments(by, tenantId, 2, { items }))
        assert.equal(replaced.version, 3)
        assert.deepEqual(replaced.items, [
          { policyId: two.policyId, group: 'security', priority: 20 },
          { policyId: one.policyId, group: 'developers', priority: 10 },
        ])
        assert.deepEqual([served(), served([7]), served([7, 8])], [null, one.generation, two.generation])
        assert.equal(audited().at(-1)?.action, 'policy.assigned')
        value(await policies.replaceAssignments(by, tenantId, 3, { items: [] }))
        assert.equal(served([7, 8]), null)
      },
    )

    scene('refuses what cannot stand together and changes nothing', async ({ tenantId, policies, publish, served }) => {
      const { policyId, generation } = await publish(documentOf('one'))
      const cases = [
        { items: [{ policyId: 'pol_none', group: null, priority: 0 }], want: 'not_found' },
        { items: [{ policyId, group: 'nobody', priority: 1 }], want: 'not_found' },
        {
          items: ['developers', 'security'].map((group) => ({ policyId, group, priority: 5 })),
          want: 'priority_taken',
        },
        { items: [{ policyId, group: 'developers', priority: 0 }], want: 'priority_taken' },
        {
          items: ['developers', 'grp_dev'].map((group, at) => ({ policyId, group, priority: 5 + at })),
          want: 'request_malformed',
        },
        { items: [{ policyId, group: null, priority: 3 }], want: 'request_malformed' },
      ]
      for (const { items, want } of cases)
        assert.equal(code(await policies.replaceAssignments(by, tenantId, 1, { items })), want)
      assert.equal(served([7]), generation)
    })

    scene(
      'has a version that grows with what changes, and only then',
      async ({ tenantId, policies, publish, audited }) => {
        const versionNow = async () => value(await policies.listAssignments(wholeTenant(tenantId))).version
        assert.equal(await versionNow(), 0)
        const { policyId } = await publish(documentOf('one'))
        assert.equal(await versionNow(), 1)
        await publish(documentOf('one', 100))
        assert.equal(await versionNow(), 1, 'published to where it went before')
        await publish(documentOf('one', 110), ['developers'])
        assert.equal(await versionNow(), 2)
        const statements = audited().length
        const items = [{ policyId, group: null, priority: 0 }]
        for (const version of [0, 1, 3])
          assert.equal(code(await policies.replaceAssignments(by, tenantId, version, { items })), 'version_stale')
        const kept = value(await policies.listAssignments(wholeTenant(tenantId)))
        assert.deepEqual([kept.version, kept.items.length, audited().length], [2, 2, statements])
        const racing = await Promise.all([1, 2].map(() => policies.replaceAssignments(by, tenantId, 2, { items })))
        assert.deepEqual(racing.map(code).toSorted(), ['ok', 'version_stale'])
      },
    )

    scene('a policy that was never published hides nothing', async ({ tenantId, policies, publish, served }) => {
      const one = await publish(documentOf('one'))
      const draft = value(await policies.save(by, tenantId, plain, { yaml: documentOf('draft') }))
      const items = [
        { policyId: one.policyId, group: null, priority: 0 },
        { policyId: draft.policy.id, group: 'developers', priority: 10 },
      ]
      value(await policies.replaceAssignments(by, tenantId, 1, { items }))
      assert.equal(served([7]), one.generation)
      const published = value(
        await policies.publish(by, tenantId, plain, draft.revision.id, 0, { groups: ['developers'] }),
      )
      assert.equal(served([7]), published.generation)
    })

    scene('is known to whoever would remove a group', async ({ storage, publish }) => {
      await publish(documentOf('one'), ['developers'])
      const inUse = (groupNo: number) => storage.write((tx) => isGroupAssigned(tx, groupNo))
      assert.deepEqual([await inUse(7), await inUse(9)], [true, false])
    })
  })
})
