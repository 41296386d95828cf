// Proof that documents are judged as their author may write them, and kept as numbered revisions; on both engines.
// Which faults a document can have is tested where they are found.
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { eachEngine } from '@muster/storage/testing'
import { by, code, documentOf, plain, prepareScenes, value } from './testing.ts'

eachEngine((engine) => {
  const scene = prepareScenes(engine)

  describe('saving', () => {
    scene('makes the policy its document names, and numbers its revisions', async ({ tenantId, policies, audited }) => {
      const source = { repository: 'git@example:policies', commit: 'abc' }
      const first = value(await policies.save(by, tenantId, plain, { yaml: documentOf('engineering'), source }))
      assert.match(first.policy.id, /^pol_/)
      assert.match(first.revision.id, /^rev_/)
      assert.deepEqual(first.policy, {
        id: first.policy.id,
        name: 'engineering',
        description: 'About engineering',
        latestRevisionId: first.revision.id,
        publishedRevisionId: null,
        generation: null,
        createdAt: '2026-06-02T12:00:00.000Z',
        version: 0,
      })
      assert.deepEqual(first.revision, {
        id: first.revision.id,
        policyId: first.policy.id,
        number: 1,
        status: 'draft',
        yaml: documentOf('engineering'),
        source,
        createdBy: 'opt_alice',
        createdAt: '2026-06-02T12:00:00.000Z',
      })
      const second = value(await policies.save(by, tenantId, plain, { yaml: documentOf('engineering', 60) }))
      assert.equal(second.policy.id, first.policy.id)
      assert.equal(second.revision.number, 2)
      assert.equal(second.policy.latestRevisionId, second.revision.id)
      assert.deepEqual(second.revision.source, { repository: null, commit: null })
      assert.deepEqual(
        audited().map(({ action, target, details }) => [action, target.id, details['number']]),
        [
          ['policy.saved', first.policy.id, 1],
          ['policy.saved', first.policy.id, 2],
        ],
      )
    })

    scene('refuses a document with errors and says where they are', async ({ tenantId, policies, audited }) => {
      const refused = await policies.save(by, tenantId, plain, { yaml: documentOf('engineering', 5) })
      assert.ok(!refused.ok)
      assert.equal(refused.refusal.code, 'policy_invalid')
      assert.deepEqual(
        refused.refusal.fields?.map(({ path, code, line }) => [path, code, line]),
        [['/agent/watch/pollIntervalSeconds', 'out_of_bounds', 4]],
      )
      assert.deepEqual(value(await policies.list(tenantId, {})).items, [])
      assert.deepEqual(audited(), [])
    })

    scene(
      'lets only the capability widen where agents look, at publication too',
      async ({ tenantId, policies, audited }) => {
        const yaml = documentOf('roots').replace('watch: {', 'watch: { projectRoots: [~/work],')
        assert.equal(code(await policies.save(by, tenantId, plain, { yaml })), 'policy_invalid')
        const wide = { mayWidenScan: true }
        const { revision } = value(await policies.save(by, tenantId, wide, { yaml }))
        assert.equal(code(await policies.publish(by, tenantId, plain, revision.id, 0, {})), 'policy_invalid')
        value(await policies.publish(by, tenantId, wide, revision.id, 0, {}))
        assert.equal(audited().at(-1)?.details['scanScope'], true)
      },
    )

    scene('races for a new name end in one policy', async ({ tenantId, policies }) => {
      const saves = await Promise.all(
        Array.from({ length: 8 }, (_, at) =>
          policies.save(by, tenantId, plain, { yaml: documentOf('race', 100 + at) }),
        ),
      )
      assert.equal(new Set(saves.map((save) => value(save).policy.id)).size, 1)
      const numbers = saves.map((save) => value(save).revision.number).sort((left, right) => left - right)
      assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6, 7, 8])
    })
  })

  describe('validating', () => {
    scene(
      'answers with the bundle a base agent would receive, and keeps nothing',
      async ({ tenantId, policies, publish }) => {
        const judged = value(await policies.validate(tenantId, plain, { yaml: documentOf('engineering') }))
        assert.equal(judged.valid, true)
        assert.deepEqual(value(await policies.list(tenantId, {})).items, [])
        const published = await publish(documentOf('engineering'))
        assert.equal(judged.bundle?.sha256, published.sha256)
        const { byteCount } = value(await policies.readGeneration(tenantId, published.generation))
        assert.equal(judged.bundle?.byteCount, byteCount)
      },
    )

    scene('answers faults as a value', async ({ tenantId, policies }) => {
      const judged = value(await policies.validate(tenantId, plain, { yaml: 'a: *b' }))
      assert.equal(judged.valid, false)
      assert.equal(judged.bundle, null)
      assert.ok(judged.errors.some((error) => error.code === 'yaml_alias' && error.line === 1 && error.column === 4))
    })

    scene(
      'counts as new only rules that the policy does not have in force',
      async ({ tenantId, policies, publish }) => {
        const rule = (at: number) =>
          `{ id: r${at}, surface: homebrew, match: fieldContainsAny, field: name, values: [n${at}], severity: info, title: T, rationale: R }`
        const yaml = (count: number) =>
          `${documentOf('many').split('\n').slice(0, 3).join('\n')}\nagent: { includeBuiltinRules: false, rules: [${Array.from({ length: count }, (_, at) => rule(at)).join(', ')}] }`
        const codes = async (count: number) =>
          value(await policies.validate(tenantId, plain, { yaml: yaml(count) })).warnings.map((warning) => warning.code)
        assert.deepEqual(await codes(21), ['many_new_rules'])
        await publish(yaml(21))
        assert.deepEqual(await codes(41), [])
        assert.deepEqual(await codes(42), ['many_new_rules'])
      },
    )
  })
})
