// Proof that more heartbeats than can be stored are our fault and no verdict: 503 with a wait on the wire (telemetry 11 and 24).
// What a database that is away answers is proved in tests/wire.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heartbeat } from '@muster/contract/device'
import { heartbeatAt } from '@muster/contract/testing'
import { createGateway, type Served } from '@muster/http'
import { ok, refuse } from '@muster/kernel'
import type { BoundAgent } from '../binding/binding.ts'
import { fromBatch, type HeartbeatAnswers, type HeartbeatBatch } from './batch.ts'
import { boundOf, exampleMs } from './heartbeat.fixture.ts'
import { type HeardAgent, serveHeartbeat } from './route.ts'

const agentOf = (no: number): BoundAgent<HeardAgent> => ({
  agent: { ...boundOf(no), tokenEpoch: 1, state: 'active', deviceNo: no },
  credentialExpiresMs: null,
})

/** A store that answers nobody until it is told to. */
const createSlowStore = () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const unit = async (batch: HeartbeatBatch): Promise<HeartbeatAnswers> => {
    const told = fromBatch(batch)
    await promise
    return told.map(() => null)
  }
  return { unit, goOn: resolve }
}

const body = new Uint8Array(Buffer.from(JSON.stringify(heartbeatAt(exampleMs))))
const agents = 25_000

test('whoever comes when no more can be stored is told to wait, and nobody who waits is forgotten', async () => {
  const { unit, goOn } = createSlowStore()
  const served: Served<BoundAgent<HeardAgent>> = serveHeartbeat({
    unit,
    onHeard: () => {},
    renewToken: () => null,
    isLenient: () => false,
    noteRefusal: () => {},
    onTaken: () => {},
  })
  const gateway = await createGateway({
    listen: { host: '127.0.0.1', port: 0 },
    tls: 'plain',
    served: [served],
    identifyDevice: () => refuse('certificate_missing'),
    identifyAgent: () => ok(agentOf(0)),
    excuseOf: () => undefined,
    checkReplies: true,
  })
  const send = () =>
    fetch(`http://127.0.0.1:${gateway.port}${heartbeat.path.replace('{agent_id}', 'agt_0')}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
  try {
    const said = { params: {}, query: {}, body, requestId: 'req_1', ip: '127.0.0.1', receivedMs: exampleMs }
    const waiting = Array.from({ length: agents }, async (_, index) =>
      served.handle({ ...said, speaker: agentOf(index + 1) }),
    )
    const reply = await send()
    const { error } = (await reply.json()) as { error: { code: string } }
    assert.deepEqual([reply.status, error.code], [503, 'unavailable'])
    assert.ok(Number(reply.headers.get('retry-after')) >= 30)
    goOn()
    const answers = await Promise.all(waiting)
    const refused = answers.flatMap((answer) => (answer.ok ? [] : [answer.refusal.code]))
    assert.deepEqual([...new Set(refused)], ['store_busy'])
    assert.ok(refused.length > 0 && refused.length < agents)
    assert.equal((await send()).status, 202)
  } finally {
    await gateway.close()
  }
})
