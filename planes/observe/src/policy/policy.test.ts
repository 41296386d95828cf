// The policy feature on both engines: save, publish, assign, roll back, and what devices are served.
// Which faults a document has and which bytes it gives are tested where they are decided.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { AuditStatement } from '@muster/contract'
import { createFakeClock, newId, ok, refuse, sha256Hex, silentLog } from '@muster/kernel'
import type { Storage, Tx } from '@muster/storage'
import { openStorage } from '@muster/storage'
import { createTestPlace, eachEngine, openTestStorage } from '@muster/storage/testing'
import { isGroupAssigned } from './assignment-store.ts'
import { BASE_CAPABILITY, type CapabilitySet } from './bundle/capability.ts'
import { policyMigrations } from './migrations.ts'
import type { GroupBook } from './needs.ts'
import { createPolicies, type Policies } from './policy.ts'

const rooms = [{ room: 'observe', migrations: policyMigrations }]
const by = { actor: { type: 'operator', id: 'opt_alice' }, requestId: 'req_1' } as const
const plain = { mayWidenScan: false }
const sensor = 'koban-agent'

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

const documentOf = (name: string, pollIntervalSeconds = 300, comment = ''): string =>
  [
    `apiVersion: fleet/v1 ${comment}`,
    'kind: Policy',
    `metadata: { name: ${name}, description: About ${name} }`,
    `agent: { watch: { pollIntervalSeconds: ${pollIntervalSeconds} } }`,
  ].join('\n')

interface Published {
  readonly generation: string
  readonly revisionId: string
  readonly policyId: string
  readonly sha256: string
  readonly unchanged: boolean
  readonly assignedTo: readonly string[]
}

/** One tenant of its own, in a database that the scenes of an engine share. */
interface World {
  readonly tenantId: string
  readonly storage: Storage
  readonly policies: Policies
  audited(): readonly AuditStatement[]
  /** Saves and publishes. */
  publish(text: string, groups?: string[]): Promise<Published>
  served(groupNos?: readonly number[], sensorVersion?: string): string | null
}

const value = <T>(result: { ok: true; value: T } | { ok: false; refusal: { code: string } }): T =>
  result.ok ? result.value : assert.fail(`refused: ${result.refusal.code}`)

const code = (result: { ok: true } | { ok: false; refusal: { code: string } }): string =>
  result.ok ? 'ok' : result.refusal.code

const needs = { groups, clock: createFakeClock(), log: silentLog }

const createWorld = (storage: Storage, policies: Policies, statements: readonly AuditStatement[]): World => {
  const tenantId = newId('tenant')
  return {
    tenantId,
    storage,
    policies,
    audited: () => statements.filter((statement) => statement.tenantId === tenantId),
    async publish(text, named) {
      const { revision } = value(await policies.save(by, tenantId, plain, { yaml: text }))
      const body = named === undefined ? {} : { groups: named }
      return value(await policies.publish(by, tenantId, plain, revision.id, body))
    },
    served: (groupNos = [], sensorVersion = sensor) =>
      policies.bundles.bundleFor(tenantId, groupNos, sensorVersion)?.generation ?? null,
  }
}

const rich: CapabilitySet = {
  name: 'rich',
  covers: (sensorVersion) => sensorVersion.startsWith('rich-agent/'),
  vocabulary: { ...BASE_CAPABILITY.vocabulary, surfaces: [...BASE_CAPABILITY.vocabulary.surfaces, 'aptPackages'] },
}

eachEngine((engine) => {
  const statements: AuditStatement[] = []
  let storage: Storage
  let usual: Policies
  let mixed: Policies

  before(async () => {
    storage = await openTestStorage(engine, rooms)
    const audit = async (_tx: Tx, said: readonly AuditStatement[]) => statements.push(...said)
    usual = await createPolicies({ ...needs, storage, audit })
    mixed = await createPolicies({ ...needs, storage, audit, capabilitySets: [rich, BASE_CAPABILITY] })
  })

  after(async () => {
    await usual.close()
    await mixed.close()
    await storage.close()
  })

  const scene = (name: string, play: (world: World) => Promise<void>) =>
    test(name, () => play(createWorld(storage, usual, statements)))

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
        const yaml = `${documentOf('roots').replace('agent: ', 'agent: { sync: {}, ').replace('{ watch: {', 'watch: { projectRoots: [~/work],')}`
        assert.equal(code(await policies.save(by, tenantId, plain, { yaml })), 'policy_invalid')
        const wide = { mayWidenScan: true }
        const { revision } = value(await policies.save(by, tenantId, wide, { yaml }))
        assert.equal(code(await policies.publish(by, tenantId, plain, revision.id, {})), 'policy_invalid')
        value(await policies.publish(by, tenantId, wide, revision.id, {}))
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
        assert.deepEqual(value(await policies.listAssignments(tenantId)).items, [
          { policyId: sec.policyId, group: 'security', priority: 2 },
          { policyId: sec.policyId, group: 'developers', priority: 1 },
          { policyId: all.policyId, group: null, priority: 0 },
        ])
        assert.equal(
          code(await policies.publish(by, tenantId, plain, dev.revisionId, { groups: ['nobody'] })),
          'not_found',
        )
      },
    )

    scene('of an unknown revision, or one of another tenant, is not found', async ({ tenantId, policies, publish }) => {
      const { revisionId, policyId, generation } = await publish(documentOf('engineering'))
      assert.equal(code(await policies.publish(by, tenantId, plain, 'rev_none', {})), 'not_found')
      assert.equal(code(await policies.publish(by, 'other', plain, revisionId, {})), 'not_found')
      assert.equal(code(await policies.readRevision('other', revisionId)), 'not_found')
      assert.equal(code(await policies.listRevisions('other', policyId, {})), 'not_found')
      assert.equal(code(await policies.readGeneration('other', generation)), 'not_found')
      assert.equal(code(await policies.rollback(by, 'other', policyId, { generation })), 'not_found')
      assert.equal(code(await policies.adoption('other', policyId, [])), 'not_found')
      const items = [{ policyId, group: null, priority: 0 }]
      assert.equal(code(await policies.replaceAssignments(by, 'other', { items })), 'not_found')
      assert.deepEqual(value(await policies.list('other', {})).items, [])
      assert.deepEqual(value(await policies.listGenerations('other', {})).items, [])
      assert.deepEqual(value(await policies.listAssignments('other')).items, [])
      assert.equal(policies.bundles.bundleFor('other', [], sensor), null)
    })

    scene('by many at once gives every text its own number', async ({ tenantId, policies, served }) => {
      const saved = await Promise.all(
        [100, 110, 120, 130].map(async (seconds) =>
          value(await policies.save(by, tenantId, plain, { yaml: documentOf(`p${seconds}`, seconds) })),
        ),
      )
      const published = await Promise.all(
        saved.map(async ({ revision }) => value(await policies.publish(by, tenantId, plain, revision.id, {}))),
      )
      const numbers = published.map(({ generation }) => Number(generation.slice(1).split('-')[0]))
      assert.deepEqual(numbers.toSorted(), [1, 2, 3, 4])
      const { items } = value(await policies.listAssignments(tenantId))
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
      await assert.rejects(failing.publish(by, tenantId, plain, revision.id, {}), /no history/)
      await assert.rejects(failing.save(by, tenantId, plain, { yaml: documentOf('other') }), /no history/)
      await failing.close()
      assert.equal(value(await policies.readRevision(tenantId, revision.id)).status, 'draft')
      assert.deepEqual(value(await policies.listGenerations(tenantId, {})).items, [])
      assert.equal(value(await policies.list(tenantId, {})).items.length, 1)
    })
  })

  describe('rolling back', () => {
    scene(
      'publishes the old bytes under a new generation',
      async ({ tenantId, policies, publish, served, audited }) => {
        const first = await publish(documentOf('engineering', 100))
        await publish(documentOf('engineering', 110))
        const back = value(await policies.rollback(by, tenantId, first.policyId, { generation: first.generation }))
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
        assert.equal(code(await policies.rollback(by, tenantId, one.policyId, { generation })), 'not_found', generation)
    })
  })

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
        const replaced = value(await policies.replaceAssignments(by, tenantId, { items }))
        assert.deepEqual(replaced.items, [
          { policyId: two.policyId, group: 'security', priority: 20 },
          { policyId: one.policyId, group: 'developers', priority: 10 },
        ])
        assert.deepEqual([served(), served([7]), served([7, 8])], [null, one.generation, two.generation])
        assert.equal(audited().at(-1)?.action, 'policy.assigned')
        value(await policies.replaceAssignments(by, tenantId, { items: [] }))
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
        assert.equal(code(await policies.replaceAssignments(by, tenantId, { items })), want)
      assert.equal(served([7]), generation)
    })

    scene('a policy that was never published hides nothing', async ({ tenantId, policies, publish, served }) => {
      const one = await publish(documentOf('one'))
      const draft = value(await policies.save(by, tenantId, plain, { yaml: documentOf('draft') }))
      const items = [
        { policyId: one.policyId, group: null, priority: 0 },
        { policyId: draft.policy.id, group: 'developers', priority: 10 },
      ]
      value(await policies.replaceAssignments(by, tenantId, { items }))
      assert.equal(served([7]), one.generation)
      const published = value(
        await policies.publish(by, tenantId, plain, draft.revision.id, { groups: ['developers'] }),
      )
      assert.equal(served([7]), published.generation)
    })

    scene('is known to whoever would remove a group', async ({ storage, publish }) => {
      await publish(documentOf('one'), ['developers'])
      const inUse = (groupNo: number) => storage.write((tx) => isGroupAssigned(tx, groupNo))
      assert.deepEqual([await inUse(7), await inUse(9)], [true, false])
    })
  })

  describe('reading', () => {
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

  const aptRule = '{ id: apt, surface: aptPackages, match: always, severity: info, title: T, rationale: R }'
  const withApt = (seconds: number, ...rules: readonly string[]) =>
    `${documentOf('mixed').split('\n').slice(0, 3).join('\n')}\nagent: { watch: { pollIntervalSeconds: ${seconds} }, includeBuiltinRules: false, rules: [${rules.join(', ')}] }`

  describe('with agents that know more words', () => {
    const mixedScene = (name: string, play: (world: World) => Promise<void>) =>
      test(name, () => play(createWorld(storage, mixed, statements)))

    mixedScene('each kind is served the rules it knows', async ({ tenantId, policies, publish, served }) => {
      const published = await publish(withApt(100, aptRule))
      assert.equal(served(), published.generation)
      assert.notEqual(served([], 'rich-agent/1.0.0'), published.generation)
      const rules = (sensorVersion: string) => {
        const bundle = policies.bundles.bundleFor(tenantId, [], sensorVersion)
        return JSON.parse(Buffer.from(bundle?.bytes ?? []).toString()).rules.length
      }
      assert.deepEqual([rules(sensor), rules('rich-agent/1.0.0')], [0, 1])
      const { droppedRules } = value(await policies.readGeneration(tenantId, published.generation))
      assert.deepEqual(
        droppedRules.map(({ id, surface }) => [id, surface]),
        [['apt', 'aptPackages']],
      )
    })

    mixedScene('a rule for one kind restarts only that kind', async ({ publish, served }) => {
      const before = await publish(withApt(100))
      const richBefore = served([], 'rich-agent/1.0.0')
      const after = await publish(withApt(100, aptRule))
      assert.equal(after.generation, before.generation)
      assert.equal(after.unchanged, false)
      assert.notEqual(served([], 'rich-agent/1.0.0'), richBefore)
    })

    mixedScene(
      'a rollback brings back every kind’s bytes, also those that were kept',
      async ({ tenantId, policies, publish, served }) => {
        const bytesOf = (sensorVersion: string) =>
          Buffer.from(policies.bundles.bundleFor(tenantId, [], sensorVersion)?.bytes ?? []).toString()
        await publish(withApt(100))
        const second = await publish(withApt(100, aptRule))
        const wanted = [bytesOf(sensor), bytesOf('rich-agent/1.0.0')]
        const richGeneration = served([], 'rich-agent/1.0.0') ?? ''
        await publish(withApt(200))
        value(await policies.rollback(by, tenantId, second.policyId, { generation: richGeneration }))
        assert.deepEqual([bytesOf(sensor), bytesOf('rich-agent/1.0.0')], wanted)
      },
    )
  })

  test('another process serves a publication without being told', async () => {
    const place = await createTestPlace(engine)
    const open = () => openStorage({ url: place.url, rooms })
    const tenantId = newId('tenant')
    const audit = async () => {}
    const [here, there] = [await open(), await open()]
    const [publisher, gateway] = [
      await createPolicies({ ...needs, audit, storage: here }),
      await createPolicies({ ...needs, audit, storage: there }),
    ]
    try {
      const { revision } = value(await publisher.save(by, tenantId, plain, { yaml: documentOf('engineering') }))
      const { generation } = value(await publisher.publish(by, tenantId, plain, revision.id, {}))
      await gateway.bundles.refresh()
      assert.equal(gateway.bundles.bundleFor(tenantId, [], sensor)?.generation, generation)
      const late = await createPolicies({ ...needs, audit, storage: there })
      assert.equal(late.bundles.bundleFor(tenantId, [], sensor)?.generation, generation)
      await late.close()
    } finally {
      for (const feature of [publisher, gateway]) await feature.close()
      for (const storage of [here, there]) await storage.close()
      await place.remove()
    }
  })
})
