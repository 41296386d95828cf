// Proof that a backup taken under load restores to a whole server, and that a damaged one is not restored at all.
// Copying a database is tested in the storage edge.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createGroup, listGroups, readStatus, verifyAudit } from '@muster/contract'
import { type Client, call, createClient } from '@muster/http'
import { Secret } from '@muster/kernel'
import { runProgram, scratchDir, serveProgram } from '../testing/program.ts'
import { value } from '../testing/server.ts'

const clientOf = (dataDir: string, baseUrl: string): Client =>
  createClient({ baseUrl, token: new Secret(readFileSync(join(dataDir, 'admin-token'), 'utf8').trim()) })

const namesOf = async (client: Client): Promise<ReadonlySet<string>> => {
  const names = new Set<string>()
  for (let cursor: string | undefined | null; cursor !== null; ) {
    const page = await value(call(client, listGroups, { query: { limit: '200', cursor: cursor ?? undefined } }))
    for (const { name } of page.items) names.add(name)
    cursor = page.nextCursor
  }
  return names
}

/** Writes one group after the other, until it is told to stop; tells which were acknowledged. */
const startLoad = (client: Client) => {
  const acknowledged: string[] = []
  const over = new AbortController()
  const done = (async () => {
    while (!over.signal.aborted) {
      const name = `group ${acknowledged.length}`
      // The rate limit of one operator is part of the load.
      if ((await call(client, createGroup, { body: { name } })).ok) acknowledged.push(name)
    }
  })()
  return {
    acknowledged,
    async stop() {
      over.abort()
      await done
    },
  }
}

test('a backup under load holds all that was acknowledged before it, and restores to a whole server', async () => {
  const scratch = scratchDir()
  const [dataDir, saved, restored] = ['data', 'saved', 'restored'].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
  ]
  const first = await serveProgram(dataDir)
  const load = startLoad(clientOf(dataDir, first.running.api.url))
  while (load.acknowledged.length < 20) await new Promise((resolve) => setImmediate(resolve))
  const before = [...load.acknowledged]
  const backup = await runProgram(['backup', saved, '--data-dir', dataDir])
  await load.stop()
  assert.equal(backup.code, 0, backup.said)
  assert.match(backup.said, /backed up \d+ files/)
  assert.equal(await first.stop(), 0)
  for (const name of readdirSync(saved, { recursive: true }) as string[])
    assert.equal(statSync(join(saved, name)).mode & 0o077, 0, name)

  const restore = await runProgram(['restore', saved, '--data-dir', restored])
  assert.equal(restore.code, 0, restore.said)
  const second = await serveProgram(restored)
  const client = clientOf(restored, second.running.api.url)
  const held = await namesOf(client)
  assert.deepEqual(
    before.filter((name) => !held.has(name)),
    [],
  )
  assert.equal((await value(call(client, verifyAudit, { query: {} }))).ok, true)
  const ca = async (url: string) => (await fetch(`${url}/ca.pem`)).text()
  const authority = (await value(call(client, readStatus, {}))).authority.current
  assert.equal(existsSync(join(restored, 'ca', `${authority}.key.pem`)), true)
  assert.match(await ca(second.running.api.url), /BEGIN CERTIFICATE/)
  assert.equal(await second.stop(), 0)
})

test('what is no backup, is damaged, or would overwrite something is refused in one line', async () => {
  const scratch = scratchDir()
  const dataDir = join(scratch, 'data')
  const saved = join(scratch, 'saved')
  assert.equal((await runProgram(['migrate', '--data-dir', dataDir])).code, 0)
  assert.equal((await runProgram(['backup', saved, '--data-dir', dataDir])).code, 0)
  const refused = async (argv: string[], says: RegExp): Promise<void> => {
    const { code, said } = await runProgram(argv)
    assert.equal(code, 1)
    assert.equal(said.trimEnd().split('\n').length, 1, said)
    assert.match(said, says)
  }
  await refused(['backup', saved, '--data-dir', dataDir], /is not empty; name a new folder/)
  await refused(['backup', join(dataDir, 'inside'), '--data-dir', dataDir], /lies in the data folder/)
  await refused(['backup', join(scratch, 'b'), '--data-dir', join(scratch, 'none')], /there is nothing to back up yet/)
  await refused(['restore', saved, '--data-dir', dataDir], /is in use already; restore into an empty one/)
  await refused(['restore', scratch, '--data-dir', join(scratch, 'new')], /holds no muster-backup\.json/)
  const file = join(saved, 'muster.db')
  const bytes = readFileSync(file)
  bytes[5000] = (bytes[5000] ?? 0) ^ 0xff
  writeFileSync(file, bytes)
  await refused(
    ['restore', saved, '--data-dir', join(scratch, 'new')],
    /muster\.db in the backup is not what was backed up/,
  )
  assert.equal(existsSync(join(scratch, 'new')), false)
})
