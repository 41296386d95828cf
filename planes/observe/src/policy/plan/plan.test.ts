// Proof that a plan says what publishing then does, and that nothing is kept of it.
// What counts as a change is tested in decide.test.ts.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { planPolicy } from '@muster/contract'
import { wholeTenant } from '@muster/identity'
import { eachEngine } from '@muster/storage/testing'
import { by, code, documentOf, plain, prepareScenes, sensor, value } from '../testing.ts'
import type { PlannedFleet } from './plan.ts'

const ours = 'muster-agent/0.1.0'
const fleet: PlannedFleet = {
  devices: [
    { deviceNo: 1, groupNos: [], sensorVersion: sensor },
    { deviceNo: 2, groupNos: [], sensorVersion: ours },
    { deviceNo: 3, groupNos: [7], sensorVersion: sensor },
  ],
  tryRules: () => Promise.reject(new Error('nobody asked for a trial')),
}

/** Says what it was asked to try. */
const tried = (): { fleet: PlannedFleet; asked: unknown[] } => {
  const asked: unknown[] = []
  const none = { findings: 0, rules: [], samples: [] }
  const recent = { since: new Date(0).toISOString(), matches: 0, isCut: false, rules: [], notMade: none }
  const trial = { matches: 0, isCut: false, rules: [], devices: [], orphaned: none, recent }
  const tryRules: PlannedFleet['tryRules'] = async (deviceNos, before, after) => {
    asked.push([deviceNos, before.map(({ id }) => id), after.map(({ id }) => id)])
    return trial
  }
  return { fleet: { ...fleet, tryRules }, asked }
}

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
      const plan = value(await policies.plan(tenantId, plain, { yaml }, fleet))
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
      const same = value(await policies.plan(tenantId, plain, { yaml: documentOf('engineering') }, fleet))
      assert.deepEqual([same.drift, same.textDiff, same.policyId, same.version], [false, '', policyId, 1])
      assert.equal(same.publishedRevisionId, revisionId)
      const commented = documentOf('engineering', 300, '# why')
      const { drift, textDiff, bundles } = value(await policies.plan(tenantId, plain, { yaml: commented }, fleet))
      assert.equal(drift, false)
      assert.match(textDiff, /^\+apiVersion: fleet\/v1 # why$/m)
      assert.deepEqual([bundles.length, bundles[0]?.unchanged], [1, true])
    })

    scene('of a revision is that of its text', async ({ tenantId, policies, publish, audited }) => {
      await publish(documentOf('engineering'))
      const yaml = documentOf('engineering', 60)
      const { revision } = value(await policies.save(by, tenantId, plain, { yaml }))
      const statements = audited().length
      const trying = tried().fleet
      const dry = value(await policies.dryRun(tenantId, plain, revision.id, {}, trying))
      assert.deepEqual(dry, value(await policies.plan(tenantId, plain, { yaml, tryRules: true }, trying)))
      assert.equal(value(await policies.plan(tenantId, plain, { yaml }, fleet)).trial, null)
      assert.deepEqual(dry.changes.settings, [{ path: '/watch/pollIntervalSeconds', before: 300, after: 60 }])
      assert.equal(audited().length, statements)
      assert.equal(value(await policies.readRevision(tenantId, revision.id)).status, 'draft')
      assert.equal(code(await policies.dryRun('other', plain, revision.id, {}, fleet)), 'not_found')
    })

    scene('for a group leaves the others what they have', async ({ tenantId, policies, publish }) => {
      await publish(documentOf('everybody'))
      const yaml = documentOf('dev', 60)
      const plan = value(await policies.plan(tenantId, plain, { yaml, groups: ['developers'] }, fleet))
      assert.deepEqual(plan.assignedTo, { before: [], after: ['developers'] })
      assert.deepEqual(
        plan.bundles.map((bundle) => bundle.devices),
        [1],
      )
      assert.equal(value(await policies.listAssignments(wholeTenant(tenantId))).items.length, 1)
      assert.equal(code(await policies.plan(tenantId, plain, { yaml, groups: ['nobody'] }, fleet)), 'not_found')
    })

    scene(
      'tries its rules on the devices it reaches, against those in force',
      async ({ tenantId, policies, publish }) => {
        await publish(withApt('apt'))
        const yaml = withApt('apt').replace('acme.apt', 'acme.other')
        const { fleet: trying, asked } = tried()
        const plan = value(
          await policies.plan(tenantId, plain, { yaml, groups: ['developers'], tryRules: true }, trying),
        )
        assert.equal(plan.trial?.matches, 0)
        assert.deepEqual(asked, [[[1, 2, 3], ['acme.apt'], ['acme.other']]])
      },
    )

    scene('of a bad document is every error of it', async ({ tenantId, policies }) => {
      const refused = await policies.plan(tenantId, plain, { yaml: documentOf('bad', 0) }, fleet)
      assert.ok(!refused.ok)
      assert.equal(refused.refusal.code, 'policy_invalid')
      assert.equal(refused.refusal.fields?.[0]?.path, '/agent/watch/pollIntervalSeconds')
    })
  })
})
