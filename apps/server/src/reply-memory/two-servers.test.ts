// Proof that two servers on one PostgreSQL do what a key names once, and give the same answer, however close the requests come.
// What one server does with a key is in fleet/once.test.ts.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createEnrollmentToken, createGroup, listEnrollmentTokens, listGroups } from '@muster/contract'
import { type Client, call } from '@muster/http'
import { createTestPlace, eachEngine, type TestPlace } from '@muster/storage/testing'
import { startTestServer, type TestServer, value } from '../testing/server.ts'

eachEngine((engine) => {
  // A SQLite file has one server.
  if (engine === 'sqlite') return

  const folder = mkdtempSync(join(tmpdir(), 'muster-two-'))
  let place: TestPlace
  let servers: readonly TestServer[] = []
  let clients: readonly Client[] = []

  before(async () => {
    place = await createTestPlace('postgres')
    const argv = ['--db', place.url]
    const first = await startTestServer({ argv, dataDir: join(folder, 'one') })
    servers = [first]
    cpSync(join(folder, 'one', 'ca'), join(folder, 'two', 'ca'), { recursive: true })
    const second = await startTestServer({ argv, dataDir: join(folder, 'two'), hasOwner: false })
    servers = [first, second]
    const token = readFileSync(join(folder, 'one', 'admin-token'), 'utf8').trim()
    clients = servers.map((server) => server.client(token))
  })
  after(async () => {
    await Promise.all(servers.map((server) => server.close()))
    await place.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const keys = Array.from({ length: 15 }, (_, index) => `order-${index}`)
  /** Three times on each server, all at the same moment. */
  const everywhere = <T>(ask: (client: Client) => Promise<T>): Promise<readonly T[]> =>
    Promise.all([...clients, ...clients, ...clients].map(ask))

  test('a token is made once for a key, and everybody is shown the same one', async () => {
    const answers = await Promise.all(
      keys.map((key) =>
        everywhere((client) =>
          value(call(client, createEnrollmentToken, { body: { label: key }, idempotencyKey: key })),
        ),
      ),
    )
    for (const [first, ...others] of answers) for (const other of others) assert.deepEqual(other, first)
    for (const client of clients) {
      const { items } = await value(call(client, listEnrollmentTokens, { query: { limit: '200' } }))
      assert.deepEqual(items.map(({ label }) => label).toSorted(), keys.toSorted())
    }
  })

  test('one of two requests under one key is answered, and the other is told of the conflict', async () => {
    for (const key of keys.slice(0, 5)) {
      const answers = await Promise.all(
        clients.map((client, index) =>
          call(client, createGroup, { body: { name: `${key}-${index}` }, idempotencyKey: `group-${key}` }),
        ),
      )
      assert.deepEqual(
        new Set(answers.map((answer) => answer.ok || answer.refusal.code)),
        new Set([true, 'idempotency_conflict']),
      )
    }
    const [client] = clients
    assert.ok(client)
    assert.equal((await value(call(client, listGroups, { query: {} }))).items.length, 5)
  })
})
