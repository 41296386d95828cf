// Proof that every device is served the bundle made for its kind, by every process, soon after it was published.
// Who gets which policy is tested in assign.test.ts.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newId } from '@muster/kernel'
import { openStorage } from '@muster/storage'
import { createTestPlace, eachEngine } from '@muster/storage/testing'
import { BASE_CAPABILITY, type CapabilitySet } from './bundle/capability.ts'
import { createPolicies } from './policy.ts'
import { by, documentOf, needs, plain, prepareScenes, rooms, sensor, value } from './testing.ts'

const rich: CapabilitySet = {
  name: 'rich',
  covers: (sensorVersion) => sensorVersion.startsWith('rich-agent/'),
  vocabulary: { ...BASE_CAPABILITY.vocabulary, surfaces: [...BASE_CAPABILITY.vocabulary.surfaces, 'aptPackages'] },
}

eachEngine((engine) => {
  const aptRule = '{ id: apt, surface: aptPackages, match: always, severity: info, title: T, rationale: R }'
  const withApt = (seconds: number, ...rules: readonly string[]) =>
    `${documentOf('mixed').split('\n').slice(0, 3).join('\n')}\nagent: { watch: { pollIntervalSeconds: ${seconds} }, includeBuiltinRules: false, rules: [${rules.join(', ')}] }`

  describe('with agents that know more words', () => {
    const scene = prepareScenes(engine, [rich, BASE_CAPABILITY])

    scene('each kind is served the rules it knows', async ({ tenantId, policies, publish, served }) => {
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

    scene('a rule for one kind restarts only that kind', async ({ publish, served }) => {
      const before = await publish(withApt(100))
      const richBefore = served([], 'rich-agent/1.0.0')
      const after = await publish(withApt(100, aptRule))
      assert.equal(after.generation, before.generation)
      assert.equal(after.unchanged, false)
      assert.notEqual(served([], 'rich-agent/1.0.0'), richBefore)
    })

    scene(
      'a rollback brings back every kind’s bytes, also those that were kept',
      async ({ tenantId, policies, publish, served }) => {
        const bytesOf = (sensorVersion: string) =>
          Buffer.from(policies.bundles.bundleFor(tenantId, [], sensorVersion)?.bytes ?? []).toString()
        await publish(withApt(100))
        const second = await publish(withApt(100, aptRule))
        const wanted = [bytesOf(sensor), bytesOf('rich-agent/1.0.0')]
        const richGeneration = served([], 'rich-agent/1.0.0') ?? ''
        await publish(withApt(200))
        value(await policies.rollback(by, tenantId, second.policyId, 3, { generation: richGeneration }))
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
      const { generation } = value(await publisher.publish(by, tenantId, plain, revision.id, 0, {}))
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
