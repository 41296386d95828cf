// A walk over every route of the contract with every credential there is, over TLS: each cell of walk-table.ts is asked
// for and held against the answer. A route that joins the contract is walked at once, and fails until it has its row.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fleetRoutes, listAudit, type Route, sensorRoutes } from '@muster/contract'
import { call } from '@muster/http'
import { makeAuthority, makeServerLeaf, openWire, requestBytes, type WireReply } from '@muster/http/testing'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { type Ground, openGround } from './ground.ts'
import { newKeyPair, wirePublicKey } from './sensor-client.ts'
import { type Caller, type Cast, type Ids, makeCast } from './walk-cast.ts'
import { FLEET_TABLE, type FleetCells, GATEWAY_TABLE, STRANGER_TABLE, WALKED_ROLES } from './walk-table.ts'

const sensorTable = Object.entries(sensorRoutes as Readonly<Record<string, Route>>)
const wholeFleet = Object.entries(fleetRoutes as Readonly<Record<string, Route>>)
const fleetTable = wholeFleet.filter(([, { speaker }]) => speaker === 'operator')

/** What a sensor says on each of its routes; a new route needs its sentence here. */
const sentences: Readonly<Record<string, (ids: Ids, ground: Ground) => Promise<unknown>>> = {
  enroll: async (_ids, ground) => ({
    token: await ground.token(),
    publicKey: wirePublicKey(newKeyPair().publicKey),
    hostname: 'walker',
    osVersion: '1',
    hardwareModel: 'm',
    sensorVersion: 'koban-agent',
  }),
  renew: async (ids) => ({ ...ids, publicKey: wirePublicKey(newKeyPair().publicKey) }),
  config: async (ids) => ({ ...ids, currentGeneration: '' }),
  checkIn: async (ids) => ({ ...ids, ...facts, activeConfigGeneration: '', health }),
  sync: async (ids) => ({ ...ids, ...facts, schemaVersion: 1, lastAckedLocalSequence: 0, events: [], health }),
}

/** What a route answers to its own device where it is not 200: the cast has had more certificates than an hour allows. */
const ownAnswers: Readonly<Record<string, readonly unknown[]>> = { renew: [429, 'rate_limited'] }

const facts = { sensorVersion: 'koban-agent', osVersion: '1' }
const health = { syncBacklogEvents: 0, syncBacklogBytes: 0 }

eachEngine((engine) => {
  suite('every route with every credential', () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster-walk-'))
    let offsetMs = 0
    let ground: Ground
    let cast: Cast
    let apiCa: string

    before(async () => {
      const authority = await makeAuthority('operators')
      const leaf = await makeServerLeaf(authority)
      const file = (name: string, text: string): string => {
        writeFileSync(join(folder, name), text)
        return join(folder, name)
      }
      apiCa = authority.certPem
      const argv = ['--api-cert', file('api.pem', leaf.certPem), '--api-key', file('api.key', leaf.keyPem)]
      ground = await openGround({ engine, argv, apiCa, clock: { nowMs: () => Date.now() + offsetMs } })
      cast = await makeCast(ground, (byMs) => {
        offsetMs += byMs
      })
    })
    after(async () => {
      await ground?.close()
      rmSync(folder, { recursive: true, force: true })
    })

    const ask = async (
      where: 'gateway' | 'api',
      { tls, headers = {} }: Caller,
      [method, path, body, more]: readonly [string, string, unknown, Readonly<Record<string, string>>?],
    ): Promise<WireReply & { readonly resumed: boolean }> => {
      const port = ground.server[where]?.port ?? 0
      const wire = await openWire(port, { ca: [ground.ca, apiCa], ...tls })
      const text = body === undefined ? '' : JSON.stringify(body)
      wire.write(requestBytes(method, path, text, { connection: 'close', ...headers, ...more }))
      const reply = await wire.reply()
      const resumed = 'isSessionReused' in wire.socket && (wire.socket.isSessionReused as () => boolean)()
      wire.socket.destroy()
      return { ...reply, resumed }
    }

    const askFleet = async (name: string, route: Route, caller: Caller): Promise<WireReply> => {
      const { params, body, ifMatch } = FLEET_TABLE[name] as FleetCells
      const path = Object.entries(params?.(cast.props) ?? {}).reduce(
        (text, [key, said]) => text.replace(`{${key}}`, encodeURIComponent(said)),
        route.path,
      )
      const condition = ifMatch === undefined ? {} : { 'if-match': ifMatch }
      return ask('api', caller, [route.method, path, body?.(cast.props), condition])
    }

    test('every route of the contract has its row, and every row its route', () => {
      // Whoever signs in is nobody yet; everything else is an operator's.
      assert.deepEqual([...Object.keys(FLEET_TABLE), 'signIn'].toSorted(), Object.keys(fleetRoutes).toSorted())
      assert.equal(fleetTable.length, wholeFleet.length - 1)
      assert.deepEqual(Object.keys(sentences).toSorted(), Object.keys(sensorRoutes).toSorted())
      assert.ok(sensorTable.every(([, { speaker }]) => speaker === 'device' || speaker === 'enrollee'))
    })

    test('those who resume have something to resume with', () => {
      const resuming = Object.entries(cast.gateway).filter(([name]) => name.includes('TLS 1.2'))
      assert.equal(resuming.length, 2)
      for (const [name, { tls }] of resuming) assert.ok((tls.session?.length ?? 0) > 0, name)
    })

    for (const [name, cell] of Object.entries(GATEWAY_TABLE))
      test(`on the device listener: ${name}`, async () => {
        const caller = cast.gateway[name as keyof typeof GATEWAY_TABLE]
        for (const [route, { method, path, speaker }] of sensorTable) {
          const said = await sentences[route]?.({ ...cast.ids, ...caller.ids }, ground)
          const { status, body, resumed } = await ask('gateway', caller, [method, path, said])
          const answer = status === 200 ? [status] : [status, JSON.parse(body).error.code]
          const own = ownAnswers[route] ?? [200]
          const wanted = speaker === 'enrollee' || cell[0] === 200 ? own : cell
          assert.deepEqual([route, answer, resumed], [route, wanted, false])
        }
      })

    for (const [name, status] of Object.entries(STRANGER_TABLE))
      test(`on the operators' listener: ${name}`, async () => {
        for (const [route, declared] of fleetTable) {
          const reply = await askFleet(route, declared, cast.strangers[name as keyof typeof STRANGER_TABLE])
          assert.deepEqual([route, reply.status], [route, status], reply.body)
        }
      })

    for (const role of WALKED_ROLES)
      test(`on the operators' listener: ${role}`, async () => {
        for (const [route, declared] of fleetTable) {
          const { roles, own } = FLEET_TABLE[route] as FleetCells
          const may = typeof own === 'number' ? own : own[role]
          const reply = await askFleet(route, declared, cast.operators[role] as Caller)
          assert.deepEqual([route, reply.status], [route, roles.includes(role) ? may : 403], reply.body)
        }
      })

    test("on the operators' listener: an owner of another tenant, to whom nothing here exists", async () => {
      const { props } = cast
      const ours = [
        props.device,
        props.token,
        props.group,
        props.policy,
        props.revision,
        props.finding,
        props.operatorToken,
      ]
      for (const [route, declared] of fleetTable) {
        const { elsewhere } = FLEET_TABLE[route] as FleetCells
        const reply = await askFleet(route, declared, cast.foreignOwner)
        assert.deepEqual([route, reply.status], [route, elsewhere], reply.body)
        for (const id of ours) assert.ok(!reply.body.includes(id), `${route} tells another tenant of ${id}`)
      }
    })

    test('a listener does not know the routes of the other', async () => {
      const { tls } = cast.gateway['the own device']
      for (const [, { method, path }] of fleetTable)
        assert.equal((await ask('gateway', { tls }, [method, path, undefined])).status, 404, path)
      for (const [route, { method, path }] of sensorTable) {
        const body = await sentences[route]?.(cast.ids, ground)
        for (const caller of [{ tls }, cast.operators['owner'] as Caller])
          assert.equal((await ask('api', caller, [method, path, body])).status, 404, path)
      }
    })

    test('credentials at the wrong door are on record', async () => {
      const { owner } = ground.server
      const query = { outcome: 'refused', limit: '200' } as const
      const { items } = await value(call(owner, listAudit, { query }))
      const noted = new Set(
        items.map(({ actor, target, details }) => `${actor.type} at ${target.id}: ${String(details['code'])}`),
      )
      for (const entry of [
        'device at operator API: device_credential_refused',
        'operator at sensor routes: certificate_missing',
        'operator at sign in: credential_invalid',
        'operator at devices:write: role_insufficient',
      ])
        assert.ok(noted.has(entry), `${entry} is not among ${[...noted].join(', ')}`)
      const { tenantId } = cast.ids
      assert.ok(items.every((entry) => entry.tenantId === tenantId))
    })
  })
})
