// Proof that a plan says what publishing then does, and that nothing is kept of it.
// What counts as a change is tested in decide.test.ts.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { planPolicy } from '@muster/contract'
import { wholeTenant } from '@muster/identity'
import { eachEngine } from '@muster/storage/testing'
import { by, code, documentOf, plain, prepareScenes, sensor, value } from '../testing.ts'

const ours = 'muster-agent/0.1.0'
const devices = [
  { groupNos: [], sensorVersion: sensor },
  { groupNos: [], sensorVersion: ours },
  { groupNos: [7], sensorVersion: sensor },
]

const withApt = (name: string): string => `${documentOf(name).split('agent:')[0]}agent:
  includeBuiltinRules: false
  rules:
    - { id: acme.apt, surface: debianPackages, match: always, severity: info, title: T, rationale: R }
`

eachEngine((engine) => {
  const scene = prepareScenes(engine)

  describe('a plan', () => {
    scene('of a new policy adds every rule, for every device it reaches', async ({ tenantId, policies, publish }) => {
      const yaml = withApt('new')
      const plan = value(await policies.plan(tenantId, plain, { yaml }, devices))
      planPolicy.reply.parse(plan)
      assert.deepEqual([plan.policyId, plan.version, plan.publishedRevisionId, plan.drift], [null, 0, null, true])
      assert.deepEqual(plan.changes.rules.added, [{ id: 'acme.apt', surface: 'debianPackages' }])
      assert.deepEqual(plan.assignedTo, { before: [], after: ['default'] })
      assert.match(plan.textDiff, /^--- published\n\+\+\+ planned\n@@ -0,0 /)
      const reached = plan.bundles.map(({ capabilitySet, devices: count }) => [capabilitySet, count])
      assert.deepEqual(reached, [
        ['base', 2],
        ['muster', 1],
      ])
      assert.deepEqual(value(await policies.list(tenantId, {})).items, [])
      const published = await publish(yaml)
      const [base] = plan.bundles
      assert.deepEqual([published.sha256, published.droppedRules], [base?.sha256, base?.droppedRules])
    })

    scene('of what is in force has no drift, whatever its comments', async ({ tenantId, policies, publish }) => {
      const { policyId, revisionId } = await publish(documentOf('engineering'))
      const same = value(await policies.plan(tenantId, plain, { yaml: documentOf('engineering') }, devices))
      assert.deepEqual([same.drift, same.textDiff, same.policyId, same.version], [false, '', policyId, 1])
      assert.equal(same.publishedRevisionId, revisionId)
      const commented = documentOf('engineering', 300, '# why')
      const { drift, textDiff, bundles } = value(await policies.plan(tenantId, plain, { yaml: commented }, devices))
      assert.equal(drift, false)
      assert.match(textDiff, /^\+apiVersion: fleet\/v1 # why$/m)
      assert.deepEqual([bundles.length, bundles[0]?.unchanged], [1, true])
    })

    scene('of a revision is that of its text', async ({ tenantId, policies, publish, audited }) => {
      await publish(documentOf('engineering'))
      const yaml = documentOf('engineering', 60)
      const { revision } = value(await policies.save(by, tenantId, plain, { yaml }))
      const statements = audited().length
      const dry = value(await policies.dryRun(tenantId, plain, revision.id, {}, devices))
      assert.deepEqual(dry, value(await policies.plan(tenantId, plain, { yaml }, devices)))
      assert.deepEqual(dry.changes.settings, [{ path: '/watch/pollIntervalSeconds', before: 300, after: 60 }])
      assert.equal(audited().length, statements)
      assert.equal(value(await policies.readRevision(tenantId, revision.id)).status, 'draft')
      assert.equal(code(await policies.dryRun('other', plain, revision.id, {}, devices)), 'not_found')
    })

    scene('for a group leaves the others what they have', async ({ tenantId, policies, publish }) => {
      await publish(documentOf('everybody'))
      const yaml = documentOf('dev', 60)
      const plan = value(await policies.plan(tenantId, plain, { yaml, groups: ['developers'] }, devices))
      assert.deepEqual(plan.assignedTo, { before: [], after: ['developers'] })
      assert.deepEqual(
        plan.bundles.map((bundle) => bundle.devices),
        [1],
      )
      assert.equal(value(await policies.listAssignments(wholeTenant(tenantId))).items.length, 1)
      assert.equal(code(await policies.plan(tenantId, plain, { yaml, groups: ['nobody'] }, devices)), 'not_found')
    })

    scene('of a bad document is every error of it', async ({ tenantId, policies }) => {
      const refused = await policies.plan(tenantId, plain, { yaml: documentOf('bad', 0) }, devices)
      assert.ok(!refused.ok)
      assert.equal(refused.refusal.code, 'policy_invalid')
      assert.equal(refused.refusal.fields?.[0]?.path, '/agent/watch/pollIntervalSeconds')
    })
  })
})
