// The server is killed under heartbeats, again and again: what was acknowledged is known afterwards, and nothing is there twice.
// Sensors and operators under the same are rounds.test.ts.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createEnrollmentToken } from '@muster/contract'
import { heartbeatAt } from '@muster/contract/testing'
import { call } from '@muster/http'
import { openStoppedStorage, value } from '@muster/server/testing'
import { readReceived } from '@muster/telemetry'
import { type AgentClient, joinAgent } from '../wire/agent-client.ts'
import { chooseSeed, createDice } from './dice.ts'
import { type Address, endpointOf, findAddress, launch, ownerOf, type Program, readAuthority } from './program.ts'

const seed = chooseSeed('MUSTER_CHAOS_SEED')
const dice = createDice(seed)
/** An address may bring in twenty at once, and an agent sends five in a row; a restarted server counts anew. */
const agentCount = 16
const kills = 3

interface Sent {
  readonly agent: AgentClient
  readonly body: Record<string, unknown>
  isAcknowledged: boolean
}

const send = async (sent: Sent): Promise<boolean | undefined> => {
  const heard = await sent.agent.heartbeat({ body: sent.body }).catch(() => undefined)
  if (heard === undefined || heard.status === 503) return undefined
  assert.equal(heard.status, 202, JSON.stringify(heard.body))
  sent.isAcknowledged = true
  return heard.body.duplicate as boolean
}

/** Two heartbeats of each agent, among which the server is killed. */
const killAmong = async (program: Program, agents: readonly AgentClient[]): Promise<readonly Sent[]> => {
  const news = agents.flatMap((agent) =>
    [0, 1].map((index): Sent => ({ agent, body: heartbeatAt(Date.now() + index), isAcknowledged: false })),
  )
  const fatal = dice.between(1, news.length - 1)
  let answered = 0
  await Promise.all(
    news.map(async (sent) => {
      await send(sent)
      answered += 1
      if (answered === fatal) await program.kill()
    }),
  )
  return news
}

const begin = async (dataDir: string, address: Address): Promise<readonly AgentClient[]> => {
  const body = { label: 'chaos', maxUses: agentCount }
  const { token } = await value(call(ownerOf(dataDir, address), createEnrollmentToken, { body }))
  const place = { endpoint: endpointOf(address), ca: await readAuthority(address) }
  const agents: AgentClient[] = []
  for (let count = 0; count < agentCount; count += 1) agents.push(await joinAgent(place, token))
  return agents
}

/** How often each heartbeat would be told of, by the id it was sent under. */
const readTold = async (dataDir: string): Promise<readonly (string | null)[]> => {
  const storage = await openStoppedStorage(dataDir)
  try {
    const told = []
    const all = { tenantId: 'default', fromNo: 1, throughNo: Number.MAX_SAFE_INTEGER }
    for await (const { payload } of readReceived(storage.db, all)) told.push(payload.heartbeat_id)
    return told
  } finally {
    await storage.close()
  }
}

test('a server killed under heartbeats knows what it acknowledged, once', async (t) => {
  t.diagnostic(`seed ${seed}`)
  const scratch = mkdtempSync(join(tmpdir(), 'muster-heartbeats-'))
  const dataDir = join(scratch, 'data')
  const address = await findAddress(dice)
  let program = launch(dataDir, address)
  try {
    await program.started
    const agents = await begin(dataDir, address)
    const all: Sent[] = []
    for (let count = 0; count < kills; count += 1) {
      const news = await killAmong(program, agents)
      program = launch(dataDir, address)
      await program.started
      for (const sent of news) {
        const wasAcknowledged = sent.isAcknowledged
        const isDuplicate = await send(sent)
        if (wasAcknowledged) assert.equal(isDuplicate, true, 'what was acknowledged was lost')
      }
      all.push(...news)
    }
    for (const agent of agents) agent.close()
    await program.stop()
    assert.ok(all.every(({ isAcknowledged }) => isAcknowledged))
    const ids = all.map(({ body }) => String(body['heartbeat_id']))
    const told = await readTold(dataDir)
    assert.equal(told.length, ids.length)
    assert.deepEqual(new Set(told), new Set<string | null>(ids))
  } finally {
    await program.kill()
    rmSync(scratch, { recursive: true, force: true })
  }
})
