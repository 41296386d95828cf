// Every operator route of the telemetry facade, asked with an owner's token that is limited to one group: agents, assets and
// tokens beyond the group are as if they did not exist, on both databases (fleet-product 3.2, telemetry 15).
// A new route does not compile here until it is said how it answers. The fleet API's routes are group-walk.test.ts.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  changeSettings,
  createEnrollmentToken,
  createGroup,
  createOperatorToken,
  type Route,
  readSettings,
  telemetryOperatorRoutes,
} from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { type AgentClient, joinAgent } from './agent-client.ts'
import { type Ground, openGround } from './ground.ts'

/** Stands in every name that lies outside of the group. */
const beyond = 'beyond'

interface Side {
  readonly agent: string
  readonly asset: string
  readonly collector: string
  readonly token: string
}

interface Asked {
  readonly id?: string
  readonly body?: unknown
}

/** `each`: about one thing, which beyond the border is answered with 404. `all`: one question about everything there is. */
type Step =
  | { readonly each: (side: Side) => Asked; readonly status: number }
  | { readonly all: Asked; readonly status: number }

const agent = (status: number, body?: unknown): Step => ({ each: ({ agent: id }) => ({ id, body }), status })
const asset: Step = { each: ({ asset: id }) => ({ id }), status: 200 }
const list: Step = { all: {}, status: 200 }

/** In the order they are asked; 409 is what a turn answers to an agent that is there and cannot take it. */
const steps: Record<keyof typeof telemetryOperatorRoutes, Step> = {
  listAgents: list,
  readAgent: agent(200),
  listAssets: list,
  readAsset: asset,
  assetTimeline: asset,
  listCollectors: list,
  listAgentEnrollmentTokens: list,
  createAgentEnrollmentToken: { all: { body: { label: 'of one side' } }, status: 201 },
  revokeAgentEnrollmentToken: { each: ({ token: id }) => ({ id, body: {} }), status: 200 },
  approveAgent: agent(409, {}),
  denyAgent: agent(409, {}),
  reactivateAgent: agent(409, {}),
  revokeAgent: agent(200, { reason: 'other' }),
}

eachEngine((engine) => {
  let ground: Ground
  let limited: string
  let inside: Side
  let outside: Side
  let waiting: string
  const agents: AgentClient[] = []

  const populate = async (name: string): Promise<Side> => {
    const { owner } = ground.server
    await value(call(owner, createGroup, { body: { name } }))
    const body = { label: `${name}-token`, groups: [name], planes: ['telemetry' as const] }
    const { id, token } = await value(call(owner, createEnrollmentToken, { body }))
    const joined = await joinAgent(ground, token, { hostname: `${name}-host` })
    agents.push(joined)
    assert.equal((await joined.heartbeat()).status, 202)
    const { agent_id, asset_id, collector_id } = joined.identity
    return { agent: agent_id, asset: asset_id, collector: collector_id, token: id }
  }

  /** Nobody let it in yet, so it is of no group. */
  const knock = async (): Promise<string> => {
    const { owner } = ground.server
    const { liveness, agents: rules, version } = await value(call(owner, readSettings, {}))
    const body = { liveness, agents: { ...rules, approvalRequired: true } }
    await value(call(owner, changeSettings, { body, ifMatch: String(version) }))
    const token = await ground.token({ planes: ['telemetry'], groups: ['inside'] })
    const refused: unknown = await joinAgent(ground, token, { hostname: `${beyond}-door` }).catch(
      (fault: unknown) => fault,
    )
    const found = /"agent_id":"(\w+)"/.exec(String(refused))?.[1]
    assert.ok(found !== undefined, String(refused))
    return found
  }

  before(async () => {
    ground = await openGround({ engine })
    inside = await populate('inside')
    outside = await populate(beyond)
    waiting = await knock()
    const body = { name: 'limited', role: 'owner' as const, groups: ['inside'] }
    limited = (await value(call(ground.server.owner, createOperatorToken, { body }))).token
  })
  after(async () => {
    for (const joined of agents) joined.close()
    await ground.close()
  })

  const ask = async (route: Route, { id = 'x', body }: Asked) => {
    const reply = await fetch(`${ground.server.api.url}${route.path.replaceAll(/\{\w+\}/g, id)}`, {
      method: route.method,
      headers: { authorization: `Bearer ${limited}`, 'content-type': 'application/json' },
      ...(route.method === 'POST' && { body: JSON.stringify(body) }),
    })
    return { status: reply.status, text: await reply.text() }
  }

  describe('on the telemetry facade a token that is limited to a group', () => {
    for (const [name, step] of Object.entries(steps))
      test(`is answered by ${name} as if there was nothing else`, async () => {
        const route = telemetryOperatorRoutes[name as keyof typeof steps]
        if ('each' in step) {
          const refused = await ask(route, step.each(outside))
          assert.equal(refused.status, 404, refused.text)
        }
        const { status, text } = await ask(route, 'each' in step ? step.each(inside) : step.all)
        assert.equal(status, step.status, text)
        if (name.startsWith('list') && name !== 'listAgentEnrollmentTokens')
          assert.ok(text.includes(inside.agent), text)
        for (const theirs of [beyond, waiting, ...Object.values(outside)])
          assert.ok(!text.includes(theirs), `${name} tells of ${theirs}: ${text}`)
      })

    test('does not let in who waits, nor turn them away', async () => {
      for (const turn of ['approveAgent', 'denyAgent', 'revokeAgent'] as const) {
        const body = turn === 'revokeAgent' ? { reason: 'other' } : {}
        const { status, text } = await ask(telemetryOperatorRoutes[turn], { id: waiting, body })
        assert.equal(status, 404, `${turn}: ${text}`)
      }
    })

    test('changes nothing beyond', async () => {
      const { agents: lives } = ground.server.rooms.identity
      assert.equal(lives.byId(outside.agent)?.state, 'active')
      assert.equal(lives.byId(waiting)?.state, 'pending')
    })
  })
})
