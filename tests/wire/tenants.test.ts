// Two tenants of one server, with everything in both: each reads every route there is and meets its own things only.
// What strangers and other roles are told is walk.test.ts; that PostgreSQL itself keeps rows apart, the server's tables.test.ts.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import {
  createEnrollmentToken,
  createGroup,
  createOperatorToken,
  exportInventory,
  fleetRoutes,
  listFindings,
  placeLegalHold,
  publishRevision,
  type Route,
  replaceAssignments,
  savePolicy,
  saveView,
  searchInventory,
  telemetryOperatorRoutes,
} from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { joinAgent } from './agent-client.ts'
import { type Ground, openGround } from './ground.ts'
import { deliver, findingEvent, findingOn, itemEvent, npmItem } from './sensor-events.ts'

/** A tenant whose every name carries its word. */
interface Side {
  readonly word: string
  readonly token: string
  readonly ids: Readonly<
    Record<
      | 'device'
      | 'enrollmentToken'
      | 'group'
      | 'policy'
      | 'revision'
      | 'generation'
      | 'finding'
      | 'operatorToken'
      | 'legalHold'
      | 'agent'
      | 'asset'
      | 'collector',
      string
    >
  >
}

type Ids = Side['ids']

const yamlOf = (word: string): string => `apiVersion: fleet/v1
kind: Policy
metadata: { name: ${word} }
agent: { watch: { projectRoots: [~/${word}] } }
`

const fillSide = async (ground: Ground, word: string): Promise<Side> => {
  const { owner } = ground.server
  const sensor = await ground.enrolled({ hostname: `${word}-host` })
  const { tenantId, deviceId: device } = sensor.identity()
  const item = npmItem(`${word}-package`, '1.0.0')
  await deliver(sensor, [itemEvent(item), findingEvent(findingOn(item))])
  const enrolling = await value(call(owner, createEnrollmentToken, { body: { label: word } }))
  const agent = await joinAgent(ground, enrolling.token, { hostname: `${word}-build` })
  assert.equal((await agent.heartbeat()).status, 202)
  agent.close()
  const group = await value(call(owner, createGroup, { body: { name: word } }))
  const { policy, revision } = await value(call(owner, savePolicy, { body: { yaml: yamlOf(word) } }))
  const { generation } = await value(
    call(owner, publishRevision, { params: { id: revision.id }, body: {}, ifMatch: policy.version }),
  )
  const items = [{ policyId: policy.id, group: word, priority: 10 }]
  await value(call(owner, replaceAssignments, { body: { items }, ifMatch: 1 }))
  const findings = await value(call(owner, listFindings, { query: {} }))
  const hold = await value(call(owner, placeLegalHold, { body: { deviceId: device, reason: word } }))
  const operatorToken = await value(call(owner, createOperatorToken, { body: { name: word, role: 'viewer' } }))
  await value(call(owner, saveView, { body: { page: 'devices', name: word, query: 'status=active' } }))
  return {
    word,
    token: await ground.server.tokenOf('owner', tenantId),
    ids: {
      device,
      enrollmentToken: enrolling.id,
      group: group.id,
      policy: policy.id,
      revision: revision.id,
      generation,
      finding: findings.items[0]?.id ?? '',
      operatorToken: operatorToken.id,
      legalHold: hold.id,
      agent: agent.identity.agent_id,
      asset: agent.identity.asset_id,
      collector: agent.identity.collector_id,
    },
  }
}

/** Whose id a route that names one thing is asked with; a new route needs its line. */
const things: Readonly<Record<string, keyof Ids>> = {
  readEnrollmentToken: 'enrollmentToken',
  readDevice: 'device',
  deviceTimeline: 'device',
  deviceInventory: 'device',
  deviceEvents: 'device',
  deviceHeartbeats: 'device',
  readGroup: 'group',
  readFinding: 'finding',
  readPolicy: 'policy',
  listRevisions: 'policy',
  policyAdoption: 'policy',
  readRevision: 'revision',
  readGeneration: 'generation',
  readLegalHold: 'legalHold',
  readAgent: 'agent',
  readAsset: 'asset',
  assetTimeline: 'asset',
}

const routes = Object.entries<Route>({ ...fleetRoutes, ...telemetryOperatorRoutes })
const questions = routes.filter(([, { method, speaker }]) => method === 'GET' && speaker === 'operator')
/** Questions too long for an address. */
const longQuestions: readonly Route[] = [searchInventory, exportInventory]

const pathOf = (route: Route, id: string): string => route.path.replace(/\{\w+\}/, encodeURIComponent(id))

eachEngine((engine) => {
  suite('two tenants', () => {
    let ground: Ground
    let sides: readonly [Side, Side]
    /** Each in turn, and the other. */
    const turns = (): readonly (readonly [Side, Side])[] => [sides, [sides[1], sides[0]]]

    before(async () => {
      ground = await openGround({ engine })
      sides = [await fillSide(ground, 'amber'), await fillSide(await ground.ofTenant(), 'birch')]
    })
    after(() => ground?.close())

    const ask = async ({ token }: Side, { method }: Route, path: string, said?: unknown) => {
      const reply = await fetch(`${ground.server.api.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(said === undefined ? {} : { body: JSON.stringify(said) }),
      })
      return { status: reply.status, text: await reply.text() }
    }
    const readAll = async (side: Side): Promise<readonly (readonly [route: string, text: string])[]> => {
      const heard: [string, string][] = []
      const note = (name: string, { status, text }: Awaited<ReturnType<typeof ask>>): void => {
        assert.deepEqual([name, status], [name, 200], text)
        heard.push([name, text])
      }
      for (const [name, route] of questions) {
        const thing = things[name]
        note(name, await ask(side, route, pathOf(route, thing === undefined ? '' : side.ids[thing])))
      }
      const names = sides.map(({ word }) => `${word}-package`)
      for (const route of longQuestions)
        note(route.path, await ask(side, route, route.path, { ecosystem: 'npm', names }))
      return heard
    }

    test('every question about one thing has its line', () => {
      const named = questions.filter(([, { path }]) => path.includes('{')).map(([name]) => name)
      assert.deepEqual(named.toSorted(), Object.keys(things).toSorted())
      assert.deepEqual(ground.server.rooms.storage.missingWall, [])
    })

    test('each reads everything of its own, and nothing of the other', async () => {
      for (const [own, other] of turns()) {
        const heard = await readAll(own)
        const foreign = [other.word, ...Object.values(other.ids)]
        // Whoever searches for a package is told its name.
        for (const [name, text] of heard)
          for (const sign of foreign)
            if (!(longQuestions.some(({ path }) => path === name) && sign === other.word))
              assert.ok(!text.includes(sign), `${name} tells ${own.word} of ${sign}`)
        const all = heard.map(([, text]) => text).join('\n')
        for (const [thing, id] of Object.entries(own.ids)) assert.ok(all.includes(id), `nothing told of the ${thing}`)
      }
    })

    test('what belongs to the other does not exist', async () => {
      for (const [own, other] of turns())
        for (const [name, route] of questions) {
          const thing = things[name]
          if (thing === undefined) continue
          const { status } = await ask(own, route, pathOf(route, other.ids[thing]))
          assert.deepEqual([name, status], [name, 404])
        }
    })
  })
})
