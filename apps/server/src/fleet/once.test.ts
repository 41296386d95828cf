// Proof that a named write happens once, across restarts too, and that an export of the history is itself recorded.
// What a key may look like, and what happens while the first request runs, is tested in the http edge.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  createEnrollmentToken,
  createGroup,
  exportAudit,
  listAudit,
  listEnrollmentTokens,
  listGroups,
} from '@muster/contract'
import { call, callLines } from '@muster/http'
import { startTestServer, value } from '../testing/server.ts'

const dataDir = join(mkdtempSync(join(tmpdir(), 'muster-once-')), 'data')
after(() => rmSync(join(dataDir, '..'), { recursive: true, force: true }))

test('the same key with the same request has one effect and one answer, after a restart too', async () => {
  const asked = { body: { label: 'once' }, idempotencyKey: 'order-1' }
  const first = await startTestServer({ dataDir })
  const made = await value(call(first.owner, createEnrollmentToken, asked))
  assert.deepEqual(await value(call(first.owner, createEnrollmentToken, asked)), made)
  await first.close()
  const files = readdirSync(dataDir).filter((name) => name.startsWith('muster.db'))
  for (const name of files)
    assert.ok(!readFileSync(join(dataDir, name)).includes(made.token), `the raw token is in ${name}`)

  const second = await startTestServer({ dataDir })
  try {
    assert.deepEqual(await value(call(second.owner, createEnrollmentToken, asked)), made)
    const listed = await value(call(second.owner, listEnrollmentTokens, { query: {} }))
    assert.equal(listed.items.filter(({ label }) => label === 'once').length, 1)
    const other = await call(second.owner, createEnrollmentToken, { ...asked, body: { label: 'twice' } })
    assert.equal(!other.ok && other.refusal.code, 'idempotency_conflict')
  } finally {
    await second.close()
  }
})

test('a key belongs to its operator, and a refused request may be sent again under it', async () => {
  const server = await startTestServer()
  try {
    const other = server.client(await server.tokenOf('admin'))
    const asked = { body: { name: 'a' }, idempotencyKey: 'k' }
    const made = await value(call(server.owner, createGroup, asked))
    const taken = await call(other, createGroup, asked)
    assert.equal(!taken.ok && taken.refusal.code, 'name_taken')
    assert.deepEqual(await value(call(server.owner, createGroup, asked)), made)
    assert.equal((await value(call(server.owner, listGroups, { query: {} }))).items.length, 1)
  } finally {
    await server.close()
  }
})

test('an export begins after the entry that records it, and is in order', async () => {
  const server = await startTestServer()
  try {
    const lines = await value(callLines(server.owner, exportAudit, { query: {} }))
    const entries = []
    for await (const entry of lines) entries.push(entry)
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      entries.map((_, index) => index + 1),
    )
    assert.equal(entries.at(-1)?.action, 'audit.exported')
    const { items } = await value(call(server.owner, listAudit, { query: { action: 'audit.exported' } }))
    assert.equal(items.length, 1)
    assert.equal(items[0]?.actor.type, 'operator')
  } finally {
    await server.close()
  }
})
