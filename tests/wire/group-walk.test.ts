// Every route of the fleet API, asked with an owner's token that is limited to one group: what lies in the group is
// there, what lies beyond it is as if it did not exist, on both databases (fleet-product 3.2).
// A new route does not compile here until it is said how it answers. Roles and tenants are walk.test.ts.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  changeGroup,
  createEnrollmentToken,
  createGroup,
  createOperatorToken,
  deleteGroup,
  exportInventory,
  type fleetRoutes as FleetRoutes,
  fleetRoutes,
  listDevices,
  listFindings,
  listOperatorTokens,
  me,
  mergeDevice,
  policyAdoption,
  publishRevision,
  type Route,
  readActivity,
  readCoverage,
  readDevice,
  readStatus,
  savePolicy,
  saveView,
  searchInventory,
} from '@muster/contract'
import { type Client, call, callLines } from '@muster/http'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { type Ground, openGround } from './ground.ts'
import type { Sensor } from './sensor-client.ts'
import { deliver, findingEvent, findingOn, itemEvent, npmItem } from './sensor-events.ts'

/** Stands in every name that lies outside of the group. */
const beyond = 'beyond'

interface Side {
  readonly group: string
  readonly device: string
  readonly spare: string
  readonly loose: string
  readonly finding: string
  readonly token: string
}

interface Scene {
  readonly inside: Side
  readonly outside: Side
  readonly policy: { readonly id: string; readonly revision: string; readonly generation: string }
  readonly operatorToken: string
  readonly savedView: string
  /** The raw value of that token. */
  readonly bearer: string
}

interface Said {
  readonly id?: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** What is said of one side of the border; of the other it must be answered with 404. */
type BySide = (side: Side, scene: Scene) => Said
/** `all`: one question about everything there is, whose answer must not know of what lies beyond. */
type Step = { readonly each: BySide } | { readonly all: (scene: Scene) => Said } | 'decides for the whole tenant'

const forAll = 'decides for the whole tenant'
const none = () => ({})
const device: Step = { each: ({ device: id }) => ({ id }) }
const step: Step = { each: ({ spare: id }) => ({ id, body: {} }) }
const search = { names: [`${beyond}-package`, 'shared', 'inside-package'], verdicts: ['present', 'unknown'] }

/** In the order they are asked. */
const steps: Record<keyof typeof FleetRoutes, Step> = {
  me: { all: none },
  signIn: { all: ({ bearer }) => ({ body: { token: bearer } }) },
  signOut: { all: none },
  listSavedViews: { all: none },
  saveView: { all: () => ({ body: { page: 'devices', name: 'mine', query: '' } }) },
  deleteSavedView: { all: ({ savedView }) => ({ id: savedView }) },
  readStatus: { all: none },
  readActivity: { all: none },
  readCoverage: { all: none },
  listEnrollmentTokens: { all: none },
  readEnrollmentToken: { each: ({ token: id }) => ({ id }) },
  listDevices: { all: none },
  readDevice: device,
  deviceTimeline: device,
  deviceInventory: device,
  deviceEvents: device,
  deviceHeartbeats: device,
  listGroups: { all: none },
  readGroup: { each: ({ group: id }) => ({ id }) },
  listChanges: { all: none },
  searchInventory: { all: () => ({ body: { ecosystem: 'npm', ...search } }) },
  exportInventory: { all: () => ({ body: { ecosystem: 'npm', ...search } }) },
  compareInventory: { each: ({ device: deviceId, spare }) => ({ body: { deviceId, reference: { deviceId: spare } } }) },
  rareInventory: { all: none },
  listFindings: { all: none },
  readFinding: { each: ({ finding: id }) => ({ id }) },
  listPolicies: { all: none },
  readPolicy: { all: ({ policy: { id } }) => ({ id }) },
  listRevisions: { all: ({ policy: { id } }) => ({ id }) },
  readRevision: { all: ({ policy: { revision } }) => ({ id: revision }) },
  policyAdoption: { all: ({ policy: { id } }) => ({ id }) },
  listAssignments: { all: none },
  listGenerations: { all: none },
  readGeneration: { all: ({ policy: { generation } }) => ({ id: generation }) },
  validatePolicy: forAll,
  planPolicy: forAll,
  dryRunRevision: forAll,
  savePolicy: forAll,
  publishRevision: forAll,
  rollbackPolicy: forAll,
  replaceAssignments: forAll,
  createGroup: forAll,
  changeGroup: forAll,
  deleteGroup: forAll,
  listAudit: forAll,
  verifyAudit: forAll,
  exportAudit: forAll,
  readRetention: forAll,
  changeRetention: forAll,
  listLegalHolds: forAll,
  placeLegalHold: forAll,
  readLegalHold: forAll,
  releaseLegalHold: forAll,
  readSettings: forAll,
  changeSettings: forAll,
  listOperatorTokens: { all: none },
  createOperatorToken: { all: () => ({ body: { name: 'further', role: 'viewer', groups: ['inside'] } }) },
  revokeOperatorToken: { all: ({ operatorToken }) => ({ id: operatorToken }) },
  createEnrollmentToken: {
    each: ({ group }) => ({ body: { label: 'of one side', groups: [group] } }),
  },
  changeDevice: { each: ({ device: id }) => ({ id, body: { owner: 'ada' } }) },
  requestResnapshot: { each: ({ device: id }) => ({ id, body: {} }) },
  mergeDevice: { each: ({ loose: id, device: intoId }) => ({ id, body: { intoId } }) },
  revokeDevice: step,
  reactivateDevice: step,
  retireDevice: step,
  tagDevices: { all: () => ({ body: { devices: { filter: {} }, tags: ['walked'] } }) },
  untagDevices: { all: () => ({ body: { devices: { filter: { tag: 'walked' } }, tags: ['walked'] } }) },
  revokeDevices: { all: () => ({ body: { devices: { filter: { liveness: 'online' } } } }) },
  deleteDeviceData: { each: ({ spare: id }) => ({ id, body: { confirm: id } }) },
  revokeEnrollmentToken: { each: ({ token: id }) => ({ id }) },
}
const routes = Object.keys(steps).map((name) => [name, fleetRoutes[name as keyof typeof steps] as Route] as const)

const yaml = 'apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: everyone }\nagent: {}\n'

eachEngine((engine) => {
  let ground: Ground
  let scene: Scene
  let limited: Client
  let limitedToken: string

  const owner = (): Client => ground.server.owner
  const joined = async (name: string, groupName: string): Promise<Sensor> =>
    ground.enrolled({ hostname: name, enrollmentToken: await ground.token({ label: name, groups: [groupName] }) })

  /** Two devices and one that was merged into the first of them, with a package of their own and one all have. */
  const populate = async (name: string): Promise<Side> => {
    const group = await value(call(owner(), createGroup, { body: { name } }))
    const token = await value(
      call(owner(), createEnrollmentToken, { body: { label: `${name}-token`, groups: [name] } }),
    )
    const [first, spare, loose, former] = [
      await joined(`${name}-host`, name),
      await joined(`${name}-spare`, name),
      await joined(`${name}-loose`, name),
      await joined(`${name}-former`, name),
    ]
    const own = npmItem(`${name}-package`, '1.0.0')
    for (const sensor of [first, former])
      await deliver(sensor, [itemEvent(own), itemEvent(npmItem('shared', '2.0.0')), findingEvent(findingOn(own))])
    const id = first.identity().deviceId
    await value(call(owner(), mergeDevice, { params: { id: former.identity().deviceId }, body: { intoId: id } }))
    const { items } = await value(call(owner(), listFindings, { query: { deviceId: id } }))
    return {
      group: group.id,
      device: id,
      spare: spare.identity().deviceId,
      loose: loose.identity().deviceId,
      finding: items[0]?.id ?? '',
      token: token.id,
    }
  }

  const makePolicy = async (): Promise<Scene['policy']> => {
    const { policy, revision } = await value(call(owner(), savePolicy, { body: { yaml } }))
    const params = { id: revision.id }
    const { generation } = await value(
      call(owner(), publishRevision, { params, body: { groups: [beyond] }, ifMatch: 0 }),
    )
    await value(call(owner(), publishRevision, { params, body: {}, ifMatch: 1 }))
    return { id: policy.id, revision: revision.id, generation }
  }

  before(async () => {
    ground = await openGround({ engine })
    const [inside, outside] = [await populate('inside'), await populate(beyond)]
    const body = { name: 'limited', role: 'owner' as const, groups: ['inside'] }
    const made = await value(call(owner(), createOperatorToken, { body }))
    await value(call(owner(), createOperatorToken, { body: { name: `${beyond}-operator`, role: 'viewer' } }))
    limitedToken = made.token
    limited = ground.server.client(limitedToken)
    // A device may be in both; whoever sees it for the one does not learn of the other.
    const both = { addDeviceIds: [inside.device] }
    await value(call(owner(), changeGroup, { params: { id: outside.group }, ifMatch: '1', body: both }))
    const view = { page: 'findings', name: 'kept', query: 'severity=critical' }
    const savedView = (await value(call(limited, saveView, { body: view }))).id
    await value(call(owner(), saveView, { body: { ...view, name: `${beyond}-view` } }))
    scene = { inside, outside, policy: await makePolicy(), operatorToken: made.id, savedView, bearer: made.token }
  })
  after(() => ground.close())

  const ask = async (route: Route, { id = 'x', query = {}, body = {} }: Said, version = 1) => {
    const path = `${route.path.replaceAll(/\{\w+\}/g, id)}?${new URLSearchParams(query).toString()}`
    const headers = {
      authorization: `Bearer ${limitedToken}`,
      'content-type': 'application/json',
      ...(route.precondition === 'if-match' && { 'if-match': `"${version}"` }),
    }
    const hasBody = route.method !== 'GET' && route.method !== 'DELETE'
    const sent = { method: route.method, headers, ...(hasBody && { body: JSON.stringify(body) }) }
    const reply = await fetch(`${ground.server.api.url}${path}`, sent)
    return { status: reply.status, text: await reply.text() }
  }
  const assertKnowsNothing = (name: string, text: string): void => {
    assert.ok(!text.includes(beyond), `${name} knows what lies beyond: ${text}`)
    for (const id of Object.values(scene.outside)) assert.ok(!text.includes(id), `${name} names ${id}: ${text}`)
  }

  describe('a token that is limited to a group', () => {
    test('says so, and what it may do', async () => {
      const { groups, capabilities } = await value(call(limited, me, {}))
      assert.deepEqual(groups, ['inside'])
      assert.ok(capabilities.includes('devices:write') && !capabilities.includes('audit:read'))
      const { items } = await value(call(owner(), listOperatorTokens, { query: {} }))
      assert.deepEqual(Object.fromEntries(items.map(({ name, groups: of }) => [name, of])), {
        limited: ['inside'],
        [`${beyond}-operator`]: null,
        'first owner': null,
      })
    })

    test('counts what lies in the group', async () => {
      const status = await value(call(limited, readStatus, {}))
      assert.equal(status.devices.total, 3)
      assert.equal(status.events.stored, 6)
      assert.equal(status.openFindings.info, 1)
      const covered = { none: 2, partial: 0, stale: 0, complete: 1 }
      const coverage = await value(call(limited, readCoverage, {}))
      assert.deepEqual(coverage.items, [{ surface: 'javascriptPackages', devices: covered }])
      for (const [client, events, findings] of [
        [limited, 6, 2],
        [owner(), 12, 4],
      ] as const) {
        const { items } = await value(call(client, readActivity, { query: {} }))
        assert.equal(
          items.reduce((sum, point) => sum + point.events, 0),
          events,
        )
        assert.equal(
          items.reduce((sum, point) => sum + point.findings.info, 0),
          findings,
        )
      }
      const params = { id: scene.policy.id }
      assert.equal((await value(call(limited, policyAdoption, { params }))).devices, 3)
      assert.equal((await value(call(owner(), policyAdoption, { params }))).devices, 6)
      assert.equal((await value(call(owner(), readStatus, {}))).devices.total, 6)
    })

    test('finds what lies in the group, and no other name', async () => {
      const found = await value(call(limited, searchInventory, { body: { q: 'shared' } }))
      assert.deepEqual(
        found.items.map(({ hostname, groups }) => [hostname, groups]),
        [['inside-host', ['inside']]],
      )
      assert.deepEqual([found.totals.devicesMatched, found.verdicts.unknown], [1, 2])
      assert.deepEqual(found.versions, [{ version: '2.0.0', devices: 1 }])
      const suggest = async (q: string) => (await value(call(limited, searchInventory, { body: { q } }))).suggestions
      assert.deepEqual([await suggest(beyond), await suggest('inside')], [[], ['inside-package']])
      const lines = await value(callLines(limited, exportInventory, { query: {}, body: { q: 'shared' } }))
      let devices = 0
      for await (const { record } of lines) devices += Number(record === 'device')
      assert.equal(devices, 3)
      const inGroup = await value(call(limited, listDevices, { query: { group: beyond } }))
      assert.deepEqual(inGroup.items, [])
    })

    for (const [name, route] of routes) {
      const asked = steps[name as keyof typeof steps]
      if (asked === forAll)
        test(`${name} is refused: it ${forAll}`, async () => {
          const { status, text } = await ask(route, {})
          assert.deepEqual([status, JSON.parse(text).error.code], [403, 'role_insufficient'])
        })
      else
        test(`${name} answers as if there was nothing else`, async () => {
          if ('each' in asked) {
            const refused = await ask(route, asked.each(scene.outside, scene))
            assert.equal(refused.status, 404, `${name} of what lies beyond: ${refused.text}`)
          }
          const said = 'each' in asked ? asked.each(scene.inside, scene) : asked.all(scene)
          const { version } = await value(call(limited, readDevice, { params: { id: scene.inside.device } }))
          const { status, text } = await ask(route, said, version)
          assert.equal(status, route.status, `${name}: ${text}`)
          assertKnowsNothing(name, text)
          if (name === 'revokeOperatorToken') await renew()
        })
    }

    test('lets machines into its group, unless another of its groups is named', async () => {
      const { groups } = await value(call(limited, createEnrollmentToken, { body: { label: 'more' } }))
      assert.deepEqual(groups, ['inside'])
    })

    test('keeps its group: it cannot be deleted meanwhile', async () => {
      const params = { id: scene.inside.group }
      const removed = await call(owner(), deleteGroup, { params, ifMatch: '1' })
      assert.equal(!removed.ok && removed.refusal.code, 'state_conflict')
    })

    test('changes nothing beyond', async () => {
      const body = { intoId: scene.outside.device }
      const merged = await call(limited, mergeDevice, { params: { id: scene.inside.device }, body })
      assert.equal(!merged.ok && merged.refusal.code, 'not_found')
      for (const id of [scene.outside.device, scene.outside.spare, scene.outside.loose]) {
        const device = await value(call(owner(), readDevice, { params: { id } }))
        const { status, owner: whose, dataDeletion, tags } = device
        assert.deepEqual([status, whose, dataDeletion, tags], ['active', null, null, []])
      }
    })
  })

  /** After a token was revoked with itself. */
  const renew = async (): Promise<void> => {
    const body = { name: 'limited again', role: 'owner' as const, groups: ['inside'] }
    limitedToken = (await value(call(owner(), createOperatorToken, { body }))).token
    limited = ground.server.client(limitedToken)
  }
})
