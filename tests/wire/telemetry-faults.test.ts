// Every fault of ours that can be made, one after the other: no table, no key, no key store is a verdict about an agent, because
// an agent stops for good on one (telemetry 11 and 24). And the published vectors, as far as the server meets them (22).
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createEnrollmentToken } from '@muster/contract'
import { heartbeatAt } from '@muster/contract/testing'
import { call } from '@muster/http'
import { createFakeClock } from '@muster/kernel'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { sql } from 'kysely'
import { type AgentIdentity, certificateRequest, type Heard, post } from './agent-client.ts'
import { type Ground, openGround } from './ground.ts'

const exchangePath = '/api/v1/agent-enrollment/exchange'
const minuteMs = 60_000

const codeOf = ({ status, body }: Heard): readonly [number, string] => [status, body?.error?.code ?? body?.status]

const exchangeBody = (token: string, more: Readonly<Record<string, unknown>> = {}) => ({
  enrollment_token: token,
  csr_pem: certificateRequest(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  nonce: randomBytes(32).toString('base64url'),
  hostname: 'build-07',
  os_family: 'linux',
  agent_version: '0.1.0',
  ...more,
})

const tokenFor = async (ground: Ground): Promise<string> => {
  const body = { label: 'faults', maxUses: 1000 }
  return (await value(call(ground.server.owner, createEnrollmentToken, { body }))).token
}

const beat = (ground: Ground, identity: AgentIdentity, atMs: number, token = identity.service_account_token) =>
  post(ground, `/api/v1/agents/${identity.agent_id}/telemetry/heartbeat`, heartbeatAt(atMs), {
    authorization: `Bearer ${token}`,
  })

/** The same token as if a gateway had signed it whose key this one never heard of. */
const ofStrangeKey = (token: string): string => {
  const [head, ...rest] = token.split('.')
  const said = JSON.parse(Buffer.from(head ?? '', 'base64url').toString())
  return [Buffer.from(JSON.stringify({ ...said, kid: 'stk_elsewhere' })).toString('base64url'), ...rest].join('.')
}

const tablesOf = async ({ server }: Ground): Promise<readonly string[]> => {
  const { db, engine } = server.rooms.storage
  const named = db.selectFrom(engine === 'sqlite' ? 'sqlite_master' : 'pg_tables')
  const found =
    engine === 'sqlite'
      ? await named.select('name').where('type', '=', 'table').execute()
      : await named.select('tablename as name').where(sql<boolean>`schemaname = current_schema()`).execute()
  return found.map((row) => String(row['name'])).filter((name) => /^(identity|ledger|storage|telemetry)_/.test(name))
}

eachEngine((engine) => {
  test('whichever table is away, an agent is let in and heard, or told to wait', async () => {
    const clock = createFakeClock(Date.now())
    const ground = await openGround({ engine, clock })
    try {
      const { storage } = ground.server.rooms
      const token = await tokenFor(ground)
      const { body: identity } = await post(ground, exchangePath, exchangeBody(token))
      assert.equal((await beat(ground, identity, clock.nowMs())).status, 202)
      const waiting: string[] = []
      for (const table of await tablesOf(ground)) {
        clock.advance(minuteMs)
        await storage.write((tx) => tx.schema.alterTable(table).renameTo('away').execute())
        const heard = {
          exchange: await post(ground, exchangePath, exchangeBody(token)),
          heartbeat: await beat(ground, identity, clock.nowMs()),
        }
        // Word of other gateways' keys comes this way: a key that cannot be looked up is no verdict, one that is nowhere is.
        if (table === 'identity_change')
          assert.deepEqual(
            codeOf(await beat(ground, identity, clock.nowMs(), ofStrangeKey(identity.service_account_token))),
            [503, 'unavailable'],
          )
        await storage.write((tx) => tx.schema.alterTable('away').renameTo(table).execute())
        for (const [what, { status, body, headers }] of Object.entries(heard)) {
          assert.ok(
            [200, 201, 202, 503].includes(status),
            `${what} without ${table}: ${status} ${JSON.stringify(body)}`,
          )
          if (status !== 503) continue
          assert.equal(body.error.code, 'unavailable')
          assert.ok(Number(headers['retry-after']) >= 30)
          waiting.push(`${what} ${table}`)
        }
      }
      for (const known of [
        'exchange identity_enrollment_token',
        'exchange identity_agent',
        'heartbeat telemetry_heartbeat',
      ])
        assert.ok(waiting.includes(known), known)
      clock.advance(minuteMs)
      assert.equal((await beat(ground, identity, clock.nowMs())).status, 202)
      const strange = await beat(ground, identity, clock.nowMs(), ofStrangeKey(identity.service_account_token))
      assert.deepEqual(codeOf(strange), [401, 'invalid_credential'])
    } finally {
      await ground.close()
    }
  })
})

test('a data folder whose keys are gone lets nobody in and hears everybody', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'muster-keys-'))
  const dataDir = join(scratch, 'data')
  try {
    const first = await openGround({ dataDir })
    const token = await tokenFor(first)
    const { body: identity } = await post(first, exchangePath, exchangeBody(token))
    await first.close()
    const keys = join(dataDir, 'ca')
    for (const name of readdirSync(keys)) if (name.endsWith('.key.pem')) rmSync(join(keys, name))
    const second = await openGround({ dataDir })
    try {
      assert.deepEqual(codeOf(await post(second, exchangePath, exchangeBody(token))), [503, 'unavailable'])
      assert.equal((await beat(second, identity, Date.now())).status, 202)
    } finally {
      await second.close()
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
})

test('the published token is found by its published hash, and the published fingerprints are taken', async () => {
  const raw = 'opet_example-token-for-test-vectors-only'
  const digest = '7303c92d8240cc4035c77cb721fd95771cafbc837e44dae01a61b45fbcb2ec54'
  const fingerprints = [
    'sha256:f30270a83f58ce1ab066024545a36dcdbae843d9b9c89ff47e3da788e762ed49',
    'sha256:a65b78a008ddd432778d4c4e239a7cadc0a4c05370cb1c6c1b69e0e192bb8bd9',
  ]
  const ground = await openGround()
  try {
    const { storage } = ground.server.rooms
    const known = createHash('sha256')
      .update(await tokenFor(ground))
      .digest('hex')
    await storage.write((tx) =>
      tx.updateTable('identity_enrollment_token').set({ digest }).where('digest', '=', known).execute(),
    )
    for (const hardware_fingerprint of fingerprints) {
      const more = { hardware_fingerprint, fingerprint_source: 'smbios_uuid' }
      assert.equal((await post(ground, exchangePath, exchangeBody(` ${raw}\n`, more))).status, 201)
    }
    const agents = await storage.db.selectFrom('identity_agent').selectAll().execute()
    assert.equal(new Set(agents.map((row) => row['fingerprint_digest'])).size, fingerprints.length)
    // What is kept is a digest of what was sent, and that is nowhere.
    const kept = JSON.stringify([agents, await storage.db.selectFrom('storage_outbox').selectAll().execute()])
    for (const secret of [raw, ...fingerprints, ...fingerprints.map((text) => text.slice(7))])
      assert.ok(!kept.includes(secret))
  } finally {
    await ground.close()
  }
})
