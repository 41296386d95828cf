// Proves that a handler which forgets its tenant tells nothing of others on PostgreSQL, in a reply and in a long stream.
// What the database keeps from whom is the storage edge's test.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createGroup, exportAudit, listGroups, type Route, signIn } from '@muster/contract'
import type { Said, Served } from '@muster/http'
import type { KnownOperator } from '@muster/identity'
import { ok } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import { rooms } from '../open-storage.ts'
import { serveWithinTenant } from './tenant.ts'

const readGroups = async ({ db }: Storage): Promise<readonly string[]> =>
  (await db.selectFrom('identity_group').select('name').orderBy('name').execute()).map(({ name }) => String(name))

/** A group of the tenant with the same name. */
const groupOf = (name: string) => ({
  group_id: name,
  tenant_id: name,
  name,
  description: '',
  tag: null,
  created_ms: 1,
  version: 1,
})

/** Reads again for each line it gives out, long after the handler returned. */
async function* manyLines(storage: Storage): AsyncGenerator<readonly string[]> {
  for (let line = 0; line < 3; line += 1) yield await readGroups(storage)
}

eachEngine((engine) => {
  let storage: Storage
  const told = engine === 'postgres' ? ['amber'] : ['amber', 'birch']

  before(async () => {
    storage = await openTestStorage(engine, rooms)
    await storage.write((tx) =>
      tx
        .insertInto('identity_group')
        .values([groupOf('amber'), groupOf('birch')])
        .execute(),
    )
  })
  after(() => storage?.close())

  const ask = async (route: Route, handle: Served<KnownOperator>['handle']): Promise<unknown> => {
    const speaker = route.speaker === 'operator' ? { tenantId: 'amber' } : undefined
    const answer = await serveWithinTenant({ route, handle }).handle({ speaker } as Said<Route, KnownOperator>)
    assert.ok(answer.ok)
    return answer.value
  }

  test('a reply', async () => {
    assert.deepEqual(await ask(listGroups, async () => ok(await readGroups(storage))), told)
  })

  test('every line of a stream, and what it does when its reader leaves', async () => {
    const lines = (await ask(exportAudit, () => ok(manyLines(storage)))) as AsyncIterable<unknown>
    const heard: unknown[] = []
    for await (const line of lines) heard.push(line)
    assert.deepEqual(heard, [told, told, told])
    let last: readonly string[] = []
    const leaving = async function* () {
      try {
        yield* manyLines(storage)
      } finally {
        last = await readGroups(storage)
      }
    }
    for await (const line of (await ask(exportAudit, () => ok(leaving()))) as AsyncIterable<unknown>) {
      assert.deepEqual(line, told)
      break
    }
    assert.deepEqual(last, told)
  })

  test('whoever signs in is nobody yet, and all operators are looked through', async () => {
    assert.deepEqual(await ask(signIn, async () => ok(await readGroups(storage))), ['amber', 'birch'])
  })

  if (engine === 'sqlite') return

  test('a change that names another tenant is a fault', async () => {
    const change = () =>
      storage.write((tx) =>
        tx
          .insertInto('identity_group')
          .values({ ...groupOf('birch'), group_id: 'c', name: 'c' })
          .execute(),
      )
    await assert.rejects(
      ask(createGroup, async () => ok(await change())),
      /violates row-level security policy/,
    )
  })
})
