// Hostile YAML through everything a policy goes through: what is found sound can be saved and published as it was judged,
// what is not is refused, and meanwhile the event loop turns. Which faults a text has is tested in the observe plane.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { PolicyFault } from '@muster/contract'
import { startTestServer, type TestServer } from '@muster/server/testing'
import { bentFrom, fuzz, readCorpus, replay } from './fuzz.ts'

let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

const by = { actor: { type: 'system', id: 'fuzz' }, requestId: 'req_fuzz' } as const
const rights = { mayWidenScan: false }
const mostBytes = 64 * 1024

const check = async (bytes: Buffer): Promise<void> => {
  const { policies } = server.rooms.observe
  const yaml = bytes.subarray(0, mostBytes).toString('utf8')
  const judged = await policies.validate('default', rights, { yaml })
  assert.ok(judged.ok)
  const { valid, errors, warnings, bundle } = judged.value
  for (const fault of [...errors, ...warnings]) PolicyFault.parse(fault)
  assert.equal(valid, errors.length === 0)
  const saved = await policies.save(by, 'default', rights, { yaml })
  assert.equal(saved.ok, valid, saved.ok ? 'saved' : saved.refusal.code)
  if (!saved.ok) return assert.equal(saved.refusal.code, 'policy_invalid')
  assert.equal(saved.value.revision.yaml, yaml)
  const published = await policies.publish(
    by,
    'default',
    rights,
    saved.value.revision.id,
    saved.value.policy.version,
    {},
  )
  assert.equal(published.ok && published.value.sha256, bundle?.sha256)
}

replay('policy', check)
fuzz('policy', 'the corpus, bent', bentFrom(readCorpus('policy')), check)
