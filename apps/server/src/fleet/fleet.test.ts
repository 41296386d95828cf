// Proof that the server serves the contract, all of it and nothing else, and to nobody but whom the contract names.
// What the answers mean is tested in the rooms that give them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  createEnrollmentToken,
  createGroup,
  enroll,
  fleetRoutes,
  listAudit,
  publishRevision,
  REFUSALS,
  ROLES,
  type Route,
  readDevice,
  readGroup,
  refusalsOf,
  renew,
  roleMay,
  savePolicy,
  sensorRoutes,
} from '@muster/contract'
import { call } from '@muster/http'
import { eachEngine } from '@muster/storage/testing'
import { enrollTestDevice } from '../testing/device.ts'
import { startTestServer, type TestServer, value } from '../testing/server.ts'
import { serveFleet } from './fleet.ts'

const routes = Object.entries(fleetRoutes as Record<string, Route>)
/** Signing in is for whoever is nobody yet, and has its tests in session.test.ts. */
const closedRoutes = routes.filter(([name]) => name !== 'signIn')

const policyYaml = `apiVersion: fleet/v1
kind: Policy
metadata: { name: workstations }
agent: {}
`

/** What exists in the default tenant, by the noun in a route's path. */
interface Objects {
  readonly devices: string
  readonly groups: string
  readonly policies: string
  readonly revisions: string
  readonly generations: string
  readonly 'enrollment-tokens': string
  readonly 'operator-tokens': string
}

const makeObjects = async (server: TestServer): Promise<Objects> => {
  const { owner } = server
  const group = await value(call(owner, createGroup, { body: { name: 'all of them' } }))
  const token = await value(call(owner, createEnrollmentToken, { body: { label: 'kept' } }))
  const saved = await value(call(owner, savePolicy, { body: { yaml: policyYaml } }))
  const published = await value(
    call(owner, publishRevision, {
      params: { id: saved.revision.id },
      body: { groups: [group.name] },
      ifMatch: saved.policy.version,
    }),
  )
  const entries = await value(call(owner, listAudit, { query: {} }))
  return {
    devices: await enrollTestDevice(server),
    groups: group.id,
    policies: saved.policy.id,
    revisions: saved.revision.id,
    generations: published.generation,
    'enrollment-tokens': token.id,
    'operator-tokens': entries.items[0]?.actor.id ?? '',
  }
}

const pathWith = (route: Route, id: string): string => route.path.replaceAll(/\{\w+\}/g, id)

const statusOf = async (
  server: TestServer,
  route: Route,
  path: string,
  token?: string,
  said: unknown = {},
): Promise<number> => {
  const { method } = route
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`
  if (route.precondition === 'if-match') headers['if-match'] = '"1"'
  const body = method === 'GET' || method === 'DELETE' ? null : JSON.stringify(said)
  const reply = await fetch(`${server.api.url}${path}`, { method, headers, body })
  await reply.arrayBuffer()
  return reply.status
}

const documented = (route: Route): ReadonlySet<number> =>
  new Set([route.status, ...refusalsOf(route).map((code) => REFUSALS[code].status)])

eachEngine((engine) => {
  let server: TestServer
  let objects: Objects

  before(async () => {
    server = await startTestServer({ engine })
    objects = await makeObjects(server)
  })
  after(() => server.close())

  test('the served routes are those of the contract', () => {
    const { rooms } = server
    const served = serveFleet({
      rooms,
      server: { settings: { dataDir: '' } as never },
      clock: { nowMs: () => 0 },
      startedMs: 0,
    })
    assert.deepEqual(new Set(served.map(({ route }) => route)), new Set(routes.map(([, route]) => route)))
    assert.equal(served.length, routes.length)
    const sensors = rooms.observe.sensorRoutes.map(({ route }) => route)
    // Coming in and staying in are identity's.
    assert.deepEqual(new Set([enroll, renew, ...sensors]), new Set(Object.values(sensorRoutes)))
  })

  test('every route is closed without a token and with a wrong one', async () => {
    for (const [name, route] of closedRoutes) {
      const path = pathWith(route, 'x')
      assert.equal(await statusOf(server, route, path), 401, `${name} without a token`)
      assert.equal(await statusOf(server, route, path, `mot_${'x'.repeat(43)}`), 401, `${name} with a wrong token`)
    }
  })

  for (const role of ROLES) {
    test(`the role ${role} opens what its capabilities say, and is answered as documented`, async () => {
      const token = await server.tokenOf(role)
      for (const [name, route] of closedRoutes) {
        const status = await statusOf(server, route, pathWith(route, 'x'), token)
        const may = route.may !== undefined && roleMay(role, route.may)
        assert.equal(status === 403, !may, `${name}: ${status}`)
        assert.ok(documented(route).has(status), `${name} answered ${status}, which is not documented`)
      }
    })
  }

  test("another tenant's objects are not there, for reading and for writing", async () => {
    const foreign = await server.tokenOf('owner', 'other')
    const own = await server.tokenOf('owner')
    const named = routes.filter(([, route]) => route.params !== undefined)
    assert.ok(named.length > 15)
    for (const [name, route] of named) {
      const noun = route.path.split('/')[4] as keyof Objects
      const id = objects[noun]
      if (id === undefined) continue // findings need a sensor that reports one; the flow tests make it
      const path = pathWith(route, id)
      const body = {
        mergeDevice: { intoId: id },
        deleteDeviceData: { confirm: id },
        rollbackPolicy: { generation: objects.generations },
      }[name]
      assert.equal(await statusOf(server, route, path, foreign, body), 404, `${name} of another tenant`)
      if (route.method === 'GET')
        assert.equal(await statusOf(server, route, path, own), 200, `${name} of the own tenant`)
    }
    const device = await value(call(server.owner, readDevice, { params: { id: objects.devices } }))
    assert.equal(device.status, 'active')
    assert.equal((await call(server.owner, readGroup, { params: { id: objects.groups } })).ok, true)
  })
})
